"""The newsletter for its readers: subscribe, confirm, change and leave.

Links in mails are opened by scanners too, so that a GET never changes anything: it shows one button.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from gateway.forms import Form
from gateway.pages.attempts import attempt, within
from gateway.pages.one_click import leave
from gateway.routing import Page
from gateway.visit import Visit
from infra.web.client import segment


async def about(visit: Visit) -> Response:
    """What the newsletter is, and the form to get it."""
    if visit.posted and await _subscribed(visit):
        return visit.redirect("/newsletter/danke")
    if not visit.posted:
        visit.form = Form.of({"language": visit.language, "districts": visit.queries("district")})
    issues = await visit.part("newsletter", "/archive", limit=3)
    consent = await visit.part("newsletter", "/consent")
    status = 422 if visit.form.refused else 200
    return visit.page("newsletter/about.html", status=status, issues=issues, consent=consent)


async def _subscribed(visit: Visit) -> bool:
    """Whether the sign-up was taken; else the form says why not."""
    if not await within(visit, "subscribe"):
        return False
    form = visit.form
    shown = {"form": visit.url(visit.path), "text_version": form.text("text_version")}
    body = {"email": form.text("email"), **shown, **_wishes(visit)}
    return (await attempt(visit, "newsletter", "POST", "/subscriptions", body)).done


def _wishes(visit: Visit) -> dict[str, Any]:
    """Districts, topics and language as chosen in the form."""
    form = visit.form
    language = form.text("language") or visit.language
    return {"districts": form.texts("districts"), "topics": form.texts("topics"), "language": language}


async def thanks(visit: Visit) -> Response:
    """What happens after the form was sent: a mail with a link."""
    return visit.page("newsletter/thanks.html")


async def confirm(visit: Visit) -> Response:
    """The page behind the link of the confirmation mail: one button, which confirms."""
    if not visit.posted:
        return visit.page("newsletter/confirm.html")
    wishes = await visit.post("newsletter", "/subscriptions/confirm", {"token": visit.param("token")})
    return visit.page("newsletter/confirmed.html", wishes=wishes)


async def unsubscribe(visit: Visit) -> Response:
    """The page behind "unsubscribe": one button. Mail programs post here by themselves (RFC 8058)."""
    if not visit.posted:
        return visit.page("newsletter/unsubscribe.html")
    await leave(visit, "newsletter", button="/subscriptions/unsubscribe", program="/one-click")
    return visit.page("newsletter/unsubscribed.html")


async def preferences(visit: Visit) -> Response:
    """Districts, topics, language, frequency and pause of one subscription, to change."""
    token = visit.param("token")
    wishes = await visit.post("newsletter", "/subscriptions/preferences", {"token": token})
    if visit.posted:
        often = visit.form.text("frequency") or "news"
        pause = visit.form.text("paused_until") or None
        body = {"token": token, **_wishes(visit), "frequency": often, "paused_until": pause}
        if (await attempt(visit, "newsletter", "PUT", "/subscriptions/preferences", body)).done:
            return visit.redirect(f"/newsletter/einstellungen/{segment(token)}", gespeichert=1)
    else:
        shown = ("districts", "topics", "language", "frequency", "paused_until")
        visit.form = Form.of({name: wishes[name] for name in shown})
    saved = visit.query("gespeichert") == "1" and not visit.posted
    status = 422 if visit.form.refused else 200
    return visit.page("newsletter/preferences.html", status=status, wishes=wishes, saved=saved)


PAGES = (
    Page("/newsletter", about, ("GET", "POST")),
    Page("/newsletter/danke", thanks),
    Page("/newsletter/bestaetigen/{token}", confirm, ("GET", "POST")),
    Page("/newsletter/abmelden/{token}", unsubscribe, ("GET", "POST"), token=False),
    Page("/newsletter/einstellungen/{token}", preferences, ("GET", "POST")),
)
