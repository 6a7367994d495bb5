"""The forum: spaces, their topics, and one topic with its posts, page by page.

A text can be looked at before it is sent by a second button of the same form, so that no JavaScript is needed.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gateway.forms import Form
from gateway.pages.attempts import VERSION_FIELD, attempt
from gateway.problems import Refused
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import Forbidden, Unauthenticated
from infra.web.client import segment

POSTS_ON_A_PAGE = 20


async def spaces(visit: Visit) -> Response:
    """The spaces, one's own first, and the newest topics of all."""
    page = await visit.get("forum", "/spaces", cursor=visit.query("cursor"), region=visit.query("region"))
    mine = await visit.part("forum", "/spaces", mine="true", limit=100) if visit.person else None
    newest = await visit.part("forum", "/topics", limit=5)
    return visit.page("forum/spaces.html", spaces=page, mine=mine, newest=newest)


async def space(visit: Visit) -> Response:
    """One space with its topics; who may only know of it sees no topics."""
    path = f"/spaces/{segment(visit.param('space'))}"
    found = await visit.get("forum", path)
    topics = None
    if found["can_read"]:
        topics = await visit.get("forum", f"{path}/topics", cursor=visit.query("cursor"))
    return visit.page("forum/space.html", space=found, topics=topics)


async def settings(visit: Visit) -> Response:
    """Who may read a space and whether offers get topics; for those who manage it."""
    path = f"/spaces/{segment(visit.param('space'))}"
    found = await visit.get("forum", path)
    if not found["can_manage"]:
        raise Forbidden
    stale = False
    if visit.posted:
        body = {"access": visit.form.text("access"), "offer_topics": visit.form.has("offer_topics", "yes")}
        saved = await attempt(visit, "forum", "PATCH", path, body)
        if saved.done:
            return visit.redirect(f"/forum/{segment(found['slug'])}")
        stale = saved.stale
    else:
        visit.form = Form.of({"access": found["access"], "offer_topics": "yes" if found["offer_topics"] else None})
    if stale or not visit.posted:
        visit.form.values[VERSION_FIELD] = [str(found["version"])]
    return visit.page("forum/space_settings.html", status=422 if visit.form.refused else 200, space=found)


async def new_topic(visit: Visit) -> Response:
    """The form for a topic and its first post."""
    path = f"/spaces/{segment(visit.param('space'))}"
    found = await visit.get("forum", path)
    preview = ""
    if visit.posted:
        preview = await preview_asked(visit)
        if not preview and not visit.form.refused:
            body = {"title": visit.form.text("title"), "body": visit.form.text("body")}
            opened = await attempt(visit, "forum", "POST", f"{path}/topics", body)
            if opened.done:
                return visit.redirect(f"/forum/themen/{opened.value['slug']}")
    status = 422 if visit.form.refused else 200
    return visit.page("forum/new_topic.html", status=status, space=found, preview=preview)


async def preview_asked(visit: Visit) -> str:
    """The rendered text when the preview button was pressed, else ""; what is wrong with it goes to the form."""
    if visit.form.text("action") != "preview":
        return ""
    seen = await attempt(visit, "forum", "POST", "/preview", {"body": visit.form.text("body")})
    return str(seen.value["html"]) if seen.done else ""


async def topic(visit: Visit) -> Response:
    """One topic with a page of its posts; a signed-in reader has then read them."""
    slug = visit.param("slug")
    preview = ""
    if visit.posted:
        if visit.person is None:
            raise Unauthenticated
        preview = await preview_asked(visit)
        if not preview and not visit.form.refused and (sent := await _reply(visit, slug)) is not None:
            return sent
    found = await _topic(visit, slug)
    if found["slug"] != slug and not visit.posted:
        return visit.redirect(f"/forum/themen/{segment(found['slug'])}")
    if not visit.posted:
        await _quote(visit)
        await _mark_read(visit, found)
    status = 422 if visit.form.refused else 200
    return visit.page("forum/topic.html", status=status, topic=found, preview=preview)


async def _topic(visit: Visit, slug: str) -> Any:
    number = visit.query("nummer")
    return await visit.get(
        "forum",
        f"/topics/{segment(slug)}",
        cursor=visit.query("cursor"),
        number=number if number.isdigit() else None,
        limit=POSTS_ON_A_PAGE,
    )


async def _reply(visit: Visit, slug: str) -> Response | None:
    """On to the new post, or None when it was refused."""
    body = {"body": visit.form.text("body"), "reply_to": visit.form.text("reply_to") or None}
    sent = await attempt(visit, "forum", "POST", f"/topics/{segment(slug)}/posts", body)
    return to_post(visit, sent.value["topic"]["slug"], sent.value["number"]) if sent.done else None


def to_post(visit: Visit, slug: str, number: int) -> Response:
    """On to the page of a topic that holds a post, at this post."""
    response = visit.redirect(f"/forum/themen/{segment(slug)}", nummer=number)
    response.headers["location"] += f"#beitrag-{number}"
    return response


async def _quote(visit: Visit) -> None:
    """Begin the reply with a quotation when "reply" was pressed at a post that can be read."""
    wanted = visit.query("antwort")
    if not wanted or visit.person is None:
        return
    quote = (await visit.part("forum", f"/posts/{segment(wanted)}/quote")).value
    if quote:
        visit.form.values = {"body": [quote["body"]], "reply_to": [quote["reply_to"]]}


async def _mark_read(visit: Visit, found: Any) -> None:
    """Remember how far the reader has come; the page stands when that does not work."""
    numbers = [post["number"] for post in found["posts"]["items"]]
    if visit.person is None or not numbers or not found["unread"]:
        return
    try:
        await visit.post("forum", f"/topics/{segment(found['slug'])}/read", {"number": max(numbers)})
    except Refused:
        return


PAGES = (
    Page("/forum", spaces),
    Page("/forum/themen/{slug}", topic, ("GET", "POST")),
    Page("/forum/{space}", space),
    Page("/forum/{space}/einstellungen", settings, ("GET", "POST"), signed_in=True),
    Page("/forum/{space}/neu", new_topic, ("GET", "POST"), signed_in=True),
)
