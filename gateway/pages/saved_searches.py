"""The searches in one's account: what is new in them, how often mails come, renaming and deleting, and running one.

Only what everybody may see counts as new, on these pages as in the mails; the results are those of the person.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gateway.forms import Form
from gateway.pages.attempts import attempt
from gateway.pages.search_hits import shown_hit
from gateway.pages.search_words import asked_of, in_words, what
from gateway.problems import Refused
from gateway.routing import Page
from gateway.visit import Part, Visit
from infra.web.client import segment

PATH = "/konto/suchen"
PAGE_SIZE = 20


async def overview(visit: Visit) -> Response:
    """All saved searches with how much is new in each."""
    saved = await visit.part("search", "/saved-searches")
    return visit.page(
        "saved/list.html",
        saved=saved,
        searches=[_shown(visit, item) for item in saved.items],
        said=next((word for word in ("gemerkt", "geaendert", "geloescht") if visit.query(word) == "1"), ""),
    )


async def run(visit: Visit) -> Response:
    """What a saved search finds now, the newest first and what is new marked; its owner has then seen that."""
    saved = await visit.get("search", _own(visit))
    asked = asked_of(saved)
    query = {**what(asked), "sort": "newest", "strict": "true", "facets": "false"}
    found = await visit.part("search", "/search", **query, limit=PAGE_SIZE, cursor=visit.query("cursor"))
    if found.problem is not None and found.problem.correctable and visit.query("cursor"):
        return visit.redirect(_page(saved))
    new = set(saved["new_ids"])
    if found.ok and saved["new"]:
        await _seen(visit, saved)
    return visit.page(
        "saved/run.html",
        search=_shown(visit, saved),
        found=found,
        hits=[{**shown_hit(visit, hit), "new": hit["id"] in new} for hit in found.value["hits"]] if found.ok else [],
        address=asked.address(visit),
        start=visit.url(_page(saved)) if visit.query("cursor") else "",
        following=_following(visit, saved, found),
    )


async def change(visit: Visit) -> Response:
    """Name and frequency of a saved search, to change."""
    saved = await visit.get("search", _own(visit))
    if visit.posted:
        body = {"name": visit.form.text("name"), "frequency": visit.form.text("frequency")}
        if (await attempt(visit, "search", "PATCH", _own(visit), body)).done:
            return visit.redirect(PATH, geaendert=1)
    else:
        visit.form = Form.of({"name": saved["name"], "frequency": saved["frequency"]})
    status = 422 if visit.form.refused else 200
    return visit.page("saved/change.html", status=status, search=_shown(visit, saved))


async def delete(visit: Visit) -> Response:
    """Asks once more, then deletes."""
    if visit.posted:
        await visit.ask("search", "DELETE", _own(visit))
        return visit.redirect(PATH, geloescht=1)
    saved = await visit.get("search", _own(visit))
    return visit.page("saved/delete.html", search=_shown(visit, saved))


async def _seen(visit: Visit, saved: Any) -> None:
    """What was new has been looked at; the page stands when that cannot be noted."""
    try:
        await visit.post("search", f"{_own(visit)}/looked", {"mark": saved["mark"]})
    except Refused:
        return


def _own(visit: Visit) -> str:
    """The service's path of the saved search in the address."""
    return f"/saved-searches/{segment(visit.param('id'))}"


def _page(saved: Any) -> str:
    return f"{PATH}/{segment(saved['id'])}"


def _shown(visit: Visit, saved: Any) -> dict[str, Any]:
    """A saved search as the templates need it."""
    return {**saved, "address": visit.url(_page(saved)), "words": in_words(visit, asked_of(saved))}


def _following(visit: Visit, saved: Any, found: Part) -> str:
    following = found.value["next"] if found.ok else None
    return visit.url(_page(saved), cursor=following) if following else ""


PAGES = (
    Page(PATH, overview, signed_in=True),
    Page(PATH + "/{id}", run, signed_in=True),
    Page(PATH + "/{id}/aendern", change, ("GET", "POST"), signed_in=True),
    Page(PATH + "/{id}/loeschen", delete, ("GET", "POST"), signed_in=True),
)
