"""The editor's desk for articles: the list by state, the form of one article with its preview, and each step."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gateway.forms import Form
from gateway.pages import articles_form, desk
from gateway.pages.articles_words import address as public_address
from gateway.pages.articles_words import kind_choices, kind_label, said
from gateway.pages.attempts import VERSION_FIELD, Outcome, attempt
from gateway.pages.desk import require_desk, require_editor
from gateway.pages.paging import steps
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import NotFound
from infra.web.client import segment

DESK = "/redaktion/artikel"
STATES = ("draft", "review", "published", "withdrawn")
# What the address says and what the service is asked.
STEPS = {"einreichen": "submit", "veroeffentlichen": "publish", "zurueckziehen": "withdraw"}
PUBLISH, PREVIEW = "publish", "preview"
LIBRARY_SHOWN = 100


def address(slug: str) -> str:
    """The desk's page of an article."""
    return f"{DESK}/{segment(slug)}"


def service_path(visit: Visit) -> str:
    """The service's path of the article in the address."""
    return f"/articles/{segment(visit.param('slug'))}"


async def articles(visit: Visit) -> Response:
    """All articles in one state, and the kinds that can be begun."""
    require_desk(visit)
    state = visit.query("stand") if visit.query("stand") in STATES else ""
    found = await visit.part("newsletter", "/articles", state=state, cursor=visit.query("cursor"))
    return _page(
        visit,
        "articles/desk.html",
        found=found,
        chosen=state,
        kinds=kind_choices(visit, with_topic_pages=True),
        **steps(visit, found, DESK, stand=state),
    )


async def create(visit: Visit) -> Response:
    """The empty form of a kind, and what becomes of it."""
    require_editor(visit)
    kind = visit.query("art")
    if kind not in dict(kind_choices(visit, with_topic_pages=True)):
        raise NotFound
    if visit.posted and visit.form.text("action") != PREVIEW:
        request = {"kind": kind, **articles_form.body(visit.form, kind)}
        made = await attempt(visit, "newsletter", "POST", "/articles", request, field_name=articles_form.field_of)
        if made.done:
            return await _saved(visit, made.value)
    elif not visit.posted and visit.person is not None:
        visit.form = Form.of({"authors": visit.person.name})
    return await _form_page(visit, kind)


async def edit(visit: Visit) -> Response:
    """The form of an article. Who was overtaken sees both versions, and nothing is overwritten unseen."""
    require_editor(visit)
    article = await visit.get("newsletter", service_path(visit))
    overtaken = False
    if visit.posted and visit.form.text("action") != PREVIEW:
        request = articles_form.body(visit.form, article["kind"])
        path = service_path(visit)
        done = await attempt(visit, "newsletter", "PATCH", path, request, field_name=articles_form.field_of)
        if done.done:
            return await _saved(visit, done.value)
        overtaken = done.stale
    elif not visit.posted:
        visit.form = articles_form.filled(article)
    theirs = articles_form.filled(article)
    differences = articles_form.differences(visit, theirs, article["kind"]) if overtaken else []
    if overtaken or not visit.posted:
        visit.form.values[VERSION_FIELD] = [str(article["version"])]
    return await _form_page(visit, article["kind"], article, differences=differences, overtaken=overtaken)


async def _saved(visit: Visit, article: Any) -> Response:
    """On to the saved article; when it should be published too and lacks something, its form says what."""
    if visit.form.text("action") != PUBLISH:
        return visit.redirect(address(article["slug"]), gespeichert=1)
    visit.form.values[VERSION_FIELD] = [str(article["version"])]
    published = await _attempt_step(visit, article["slug"], "publish")
    if published.done:
        return visit.redirect(address(article["slug"]), veroeffentlicht=1)
    return await _form_page(visit, article["kind"], article)


async def _attempt_step(visit: Visit, slug: str, name: str) -> Outcome:
    path = f"/articles/{segment(slug)}/{name}"
    return await attempt(visit, "newsletter", "POST", path, field_name=articles_form.field_of)


async def step(visit: Visit) -> Response:
    """Submit, publish or withdraw the article as it was shown; what is missing is said at the fields of its form."""
    require_editor(visit)
    name = STEPS[visit.path.rsplit("/", 1)[1]]
    done = await _attempt_step(visit, visit.param("slug"), name)
    if done.done:
        said = {"veroeffentlicht": 1} if name == "publish" else {}
        return visit.redirect(address(done.value["slug"]), **said)
    article = await visit.get("newsletter", service_path(visit))
    refused = visit.form
    visit.form = articles_form.filled(article)
    visit.form.errors, visit.form.title = refused.errors, refused.title
    visit.form.values[VERSION_FIELD] = [str(article["version"])]
    return await _form_page(visit, article["kind"], article)


async def delete(visit: Visit) -> Response:
    """Asks once more, then deletes a draft."""
    require_editor(visit)
    if visit.posted:
        await visit.ask("newsletter", "DELETE", service_path(visit))
        return visit.redirect(DESK)
    article = await visit.get("newsletter", service_path(visit))
    return _page(visit, "articles/delete.html", article=article, address=address(article["slug"]))


async def _form_page(visit: Visit, kind: str, article: Any = None, **context: Any) -> Response:
    notice = next((word for word in ("gespeichert", "veroeffentlicht") if visit.query(word) == "1"), "")
    previewing = visit.posted and visit.form.text("action") == PREVIEW
    library = await visit.part("newsletter", "/pictures", limit=LIBRARY_SHOWN)
    shown = {item["hash"]: item for item in (*library.items, *(article["pictures"] if article else ()))}
    chosen = [shown[name] for name in articles_form.chosen_pictures(visit.form) if name in shown]
    return _page(
        visit,
        "articles/form.html",
        status=422 if visit.form.refused else 200,
        kind=kind,
        article=article,
        address=address(article["slug"]) if article else f"{DESK}/neu?art={segment(kind)}",
        fields=articles_form.fields_of(kind),
        labels=articles_form.labels(visit),
        pictures=[(item["hash"], item["alt"][visit.language]) for item in shown.values()],
        slots=min(len(articles_form.chosen_pictures(visit.form)) + 1, articles_form.MOST_PICTURES),
        preview=articles_form.body(visit.form, kind) if previewing else None,
        preview_pictures=chosen,
        notice="" if visit.posted else notice,
        **{"differences": [], "overtaken": False, **context},
    )


def _page(visit: Visit, template: str, **context: Any) -> Response:
    """A page of the desk; templates find `said`, `kind_label` and `address_of` as the public pages do."""
    return desk.page(
        visit,
        template,
        said=lambda text: said(text, visit.language),
        kind_label=lambda kind: kind_label(visit, kind),
        address_of=lambda item: visit.url(public_address(item)),
        **context,
    )


PAGES = (
    Page(DESK, articles, signed_in=True),
    Page(DESK + "/neu", create, ("GET", "POST"), signed_in=True),
    Page(DESK + "/{slug}", edit, ("GET", "POST"), signed_in=True),
    *(Page(f"{DESK}/{{slug}}/{name}", step, ("POST",), signed_in=True) for name in STEPS),
    Page(DESK + "/{slug}/loeschen", delete, ("GET", "POST"), signed_in=True),
)
