"""The coordinator's desk: the offers of one's own networks, from draft to publication and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.pages import offer_form
from gateway.pages.attempts import VERSION_FIELD, attempt
from gateway.pages.offer_form import Choices
from gateway.routing import Page
from gateway.sessions import Person
from gateway.visit import Visit
from infra.errors import Forbidden
from infra.web.client import segment

DESK = "/koordination"
STATES = ("draft", "published", "withdrawn")
PUBLISH = "publish"


def require_coordinator(visit: Visit) -> Person:
    """The person. Raises Forbidden for everybody but coordinators; contacts checks again, and for each network."""
    if visit.person is None or not visit.person.coordinates:
        raise Forbidden
    return visit.person


def address(slug: str) -> str:
    """The desk's page of an offer."""
    return f"{DESK}/angebote/{segment(slug)}"


async def desk(visit: Visit) -> Response:
    """The offers of one's own networks in one state, with how many there are in each."""
    require_coordinator(visit)
    state = visit.query("stand") if visit.query("stand") in STATES else ""
    offers = await visit.get("contacts", "/offers", mine="true", state=state, cursor=visit.query("cursor"))
    counts = {one: (await visit.part("contacts", "/offers", mine="true", state=one, limit=1)).value for one in STATES}
    totals = {one: answer["total"] if answer else None for one, answer in counts.items()}
    return visit.page("coordination/desk.html", offers=offers, chosen=state, totals=totals)


async def create(visit: Visit) -> Response:
    """The empty form, and what becomes of it: a draft, or with the other button at once a published offer."""
    require_coordinator(visit)
    choices = await _choices(visit)
    if visit.posted:
        body = offer_form.body(visit)
        if not visit.form.refused:
            created = await attempt(visit, "contacts", "POST", "/offers", body)
            if created.done:
                return await _saved(visit, created.value)
    elif len(choices.networks) == 1:
        visit.form.values["network"] = [choices.networks[0][0]]
    return _form_page(visit, choices)


async def edit(visit: Visit) -> Response:
    """The form of an offer. Who was overtaken sees both versions, and nothing is overwritten unseen."""
    require_coordinator(visit)
    path = f"/offers/{segment(visit.param('slug'))}"
    offer = await visit.get("contacts", path)
    if not offer["can_edit"]:
        raise Forbidden
    overtaken = False
    if visit.posted:
        body = offer_form.body(visit)
        if not visit.form.refused:
            changed = await attempt(visit, "contacts", "PATCH", path, body)
            if changed.done:
                return await _saved(visit, changed.value)
            overtaken = changed.stale
    else:
        visit.form = offer_form.filled(offer)
    choices = await _choices(visit)
    differences = offer_form.differences(visit, offer_form.filled(offer), choices) if overtaken else []
    if overtaken or not visit.posted:
        visit.form.values[VERSION_FIELD] = [str(offer["version"])]
    topic = await _topic(visit, offer)
    return _form_page(visit, choices, offer, differences=differences, overtaken=overtaken, topic=topic)


async def _topic(visit: Visit, offer: Any) -> Any:
    """The topic of a published offer; None where it has none, or not yet."""
    if offer["state"] != "published":
        return None
    topics = await visit.part("forum", "/topics", offer=offer["slug"], limit=1)
    return topics.items[0] if topics.items else None


async def _saved(visit: Visit, offer: Any) -> Response:
    """On to the saved offer; when it should be published too and lacks something, its form says what."""
    if visit.form.text("action") != PUBLISH:
        return visit.redirect(address(offer["slug"]), gespeichert=1)
    visit.form.values[VERSION_FIELD] = [str(offer["version"])]
    published = await attempt(visit, "contacts", "POST", f"/offers/{segment(offer['slug'])}/publish")
    if published.done:
        return visit.redirect(address(offer["slug"]), veroeffentlicht=1)
    return _form_page(visit, await _choices(visit), offer)


async def withdraw(visit: Visit) -> Response:
    """Asks for the reason, then takes the offer back."""
    require_coordinator(visit)
    path = f"/offers/{segment(visit.param('slug'))}"
    offer = await visit.get("contacts", path)
    if visit.posted:
        taken = await attempt(visit, "contacts", "POST", f"{path}/withdraw", {"reason": visit.form.text("reason")})
        if taken.done:
            return visit.redirect(address(offer["slug"]))
    visit.form.values[VERSION_FIELD] = [str(offer["version"])]
    status = 422 if visit.form.refused else 200
    return visit.page("coordination/withdraw.html", status=status, offer=offer, address=address(offer["slug"]))


def _form_page(visit: Visit, choices: Choices, offer: Any = None, **context: Any) -> Response:
    said = next((word for word in ("gespeichert", "veroeffentlicht") if visit.query(word) == "1"), "")
    return visit.page(
        "coordination/offer.html",
        status=422 if visit.form.refused else 200,
        offer=offer,
        address=address(offer["slug"]) if offer else f"{DESK}/angebote/neu",
        choices=choices,
        labels=offer_form.labels(visit),
        said="" if visit.posted else said,
        **{"differences": [], "overtaken": False, "topic": None, **context},
    )


async def _choices(visit: Visit) -> Choices:
    """Networks of the person, all organisations by Land, and the contact points."""
    organisations = await _all(visit, "/organisations")
    points = await _all(visit, "/contact-points")
    return Choices(
        await _networks(visit),
        _by_land(visit, organisations),
        [(point["slug"], point["name"]) for point in points],
    )


async def _networks(visit: Visit) -> list[tuple[str, str]]:
    """The networks one may publish for: one's own, for administrators all."""
    own = require_coordinator(visit).identity
    networks = await _all(visit, "/networks")
    return [(one["slug"], one["name"]) for one in networks if own.is_admin or one["slug"] in own.networks]


async def _all(visit: Visit, path: str) -> list[Any]:
    """All entries of a list of contacts, page by page."""
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await visit.get("contacts", path, limit=100, cursor=cursor)
        found.extend(page["items"])
        cursor = page["next"]
    return found


def _by_land(visit: Visit, organisations: list[Mapping[str, Any]]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in organisations:
        land = visit.vocabulary.land_of(one["region"])
        group = visit.vocabulary.region_name(land) if land else visit._("Bundesweit")
        groups.setdefault(group, []).append((one["slug"], one["name"]))
    return sorted(groups.items())


PAGES = (
    Page(DESK, desk, signed_in=True),
    Page(DESK + "/angebote/neu", create, ("GET", "POST"), signed_in=True),
    Page(DESK + "/angebote/{slug}", edit, ("GET", "POST"), signed_in=True),
    Page(DESK + "/angebote/{slug}/zurueckziehen", withdraw, ("GET", "POST"), signed_in=True),
)
