"""Changing what stands in the forum: edit and delete a post, lock, pin and remove a topic."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gateway.forms import Form
from gateway.pages.attempts import VERSION_FIELD, attempt
from gateway.pages.forum import preview_asked, to_post
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import NotFound
from infra.web.client import segment

# What the address says and what the service is asked.
ACTIONS = {"sperren": "lock", "oeffnen": "unlock", "anheften": "pin", "loesen": "unpin"}


async def permalink(visit: Visit) -> Response:
    """On to where a post stands."""
    post = await _post(visit)
    return to_post(visit, post["topic"]["slug"], post["number"])


async def _post(visit: Visit) -> Any:
    return await visit.get("forum", f"/posts/{segment(visit.param('id'))}")


async def edit(visit: Visit) -> Response:
    """The form for the words of a post; who was overtaken sees the other text and keeps their own."""
    post = await _post(visit)
    preview, overtaken = "", False
    if visit.posted:
        preview = await preview_asked(visit)
        if not preview and not visit.form.refused:
            changed = await attempt(visit, "forum", "PATCH", f"/posts/{post['id']}", {"body": visit.form.text("body")})
            if changed.done:
                return to_post(visit, post["topic"]["slug"], post["number"])
            overtaken = changed.stale
    else:
        visit.form = Form.of({"body": post["body"]})
    if overtaken or not visit.posted:
        visit.form.values[VERSION_FIELD] = [str(post["version"])]
    status = 422 if visit.form.refused else 200
    return visit.page("forum/edit_post.html", status=status, post=post, preview=preview, overtaken=overtaken)


async def history(visit: Visit) -> Response:
    """The earlier texts of a post, for its author and those who manage the space."""
    post = await _post(visit)
    earlier = await visit.get("forum", f"/posts/{post['id']}/history")
    return visit.page("forum/post_history.html", post=post, history=earlier)


async def delete(visit: Visit) -> Response:
    """Asks before a post is deleted. With its last post a topic goes too: then on to its space."""
    post = await _post(visit)
    if not visit.posted:
        return visit.page("forum/delete_post.html", post=post)
    await visit.ask("forum", "DELETE", f"/posts/{post['id']}")
    if (await visit.part("forum", f"/topics/{segment(post['topic']['slug'])}", limit=1)).ok:
        return to_post(visit, post["topic"]["slug"], post["number"])
    return visit.redirect(f"/forum/{segment(post['topic']['space']['slug'])}")


async def moderate(visit: Visit) -> Response:
    """Lock, unlock, pin or unpin a topic."""
    slug, action = visit.param("slug"), ACTIONS.get(visit.param("action"))
    if action is None:
        raise NotFound
    await visit.post("forum", f"/topics/{segment(slug)}/{action}")
    return visit.redirect(f"/forum/themen/{segment(slug)}")


async def remove_topic(visit: Visit) -> Response:
    """Asks before a topic with all its posts is removed."""
    path = f"/topics/{segment(visit.param('slug'))}"
    topic = await visit.get("forum", path, limit=1)
    if not visit.posted:
        return visit.page("forum/delete_topic.html", topic=topic)
    await attempt(visit, "forum", "DELETE", path)
    return visit.redirect(f"/forum/{segment(topic['space']['slug'])}")


PAGES = (
    Page("/forum/beitraege/{id}", permalink),
    Page("/forum/beitraege/{id}/bearbeiten", edit, ("GET", "POST"), signed_in=True),
    Page("/forum/beitraege/{id}/fassungen", history, signed_in=True),
    Page("/forum/beitraege/{id}/loeschen", delete, ("GET", "POST"), signed_in=True),
    Page("/forum/themen/{slug}/loeschen", remove_topic, ("GET", "POST"), signed_in=True),
    Page("/forum/themen/{slug}/{action}", moderate, ("POST",), signed_in=True),
)
