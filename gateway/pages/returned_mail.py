"""The desk's pages of what comes back: bounces and complaints in figures, and letters of people to read and answer.

Bounces are shown without addresses. A letter is answered in the editor's own mail program.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from gateway.pages import desk
from gateway.pages.desk import DESK, require_editor
from gateway.routing import Page
from gateway.visit import Visit
from infra.web.client import segment

BOUNCES = DESK + "/ruecklaeufer"
REPLIES = DESK + "/zuschriften"
DAYS = ("30", "100", "365")
_KINDS = ("hard", "soft", "complaint", "unknown")
_STATES = ("open", "done")
_QUOTED = 1200  # characters of a letter that go into an address: mail programs take about 2,000 in all
_NO_MARKS = "@"


async def bounces(visit: Visit) -> Response:
    """Figures by issue, month and domain, and the list."""
    require_editor(visit)
    days = visit.query("tage") if visit.query("tage") in DAYS else DAYS[1]
    kind = visit.query("art") if visit.query("art") in _KINDS else ""
    chosen = {"tage": days, "art": kind, "ausgabe": visit.query("ausgabe")}
    summary = await visit.get("newsletter", "/bounces/summary", days=days)
    found = await visit.get(
        "newsletter", "/bounces", kind=kind, issue=visit.query("ausgabe"), cursor=visit.query("cursor")
    )
    return desk.page(
        visit,
        "returned/bounces.html",
        summary=summary,
        bounces=found,
        chosen=chosen,
        days=DAYS,
        kinds=kind_labels(visit),
        counted=counted_labels(visit),
    )


def kind_labels(visit: Visit) -> dict[str, str]:
    """What each kind that is listed is called."""
    return {
        "hard": visit._("Adresse gibt es nicht"),
        "soft": visit._("vorübergehend"),
        "complaint": visit._("Beschwerde"),
        "unknown": visit._("nicht zuzuordnen"),
    }


def counted_labels(visit: Visit) -> dict[str, str]:
    """The same for all kinds that are counted."""
    return {
        **kind_labels(visit),
        "note": visit._("Zwischenbericht"),
        "leave": visit._("Abmeldung per E-Mail"),
        "reply": visit._("Antwort eines Menschen"),
        "auto-reply": visit._("automatische Antwort"),
        "loop": visit._("Schleife"),
        "unreadable": visit._("unlesbar"),
    }


async def replies(visit: Visit) -> Response:
    """What people wrote: what waits, or what is done."""
    require_editor(visit)
    state = visit.query("stand") if visit.query("stand") in _STATES else _STATES[0]
    found = await visit.get("newsletter", "/replies", state=state, cursor=visit.query("cursor"))
    return desk.page(
        visit, "returned/replies.html", replies=found, state=state, deleted=visit.query("geloescht") == "1"
    )


async def reply(visit: Visit) -> Response:
    """One letter as plain text; marked as done, opened again or deleted."""
    require_editor(visit)
    path = f"/replies/{segment(visit.param('id'))}"
    if visit.posted and visit.form.text("action") == "delete":
        await visit.ask("newsletter", "DELETE", path)
        return visit.redirect(REPLIES, geloescht=1)
    if visit.posted:
        state = visit.form.text("action") if visit.form.text("action") in _STATES else _STATES[1]
        await visit.ask("newsletter", "PATCH", path, body={"state": state})
        return visit.redirect(visit.path)
    found = await visit.get("newsletter", path)
    return desk.page(
        visit, "returned/reply.html", reply=found, answer=answer_link(visit, found), forward=forward_link(visit, found)
    )


def answer_link(visit: Visit, letter: dict[str, Any]) -> str:
    """The address that opens an answer in the editor's mail program; "" where nobody is named to answer to."""
    if not letter["sender"]:
        return ""
    subject = letter["subject"] or visit._("Ihre Nachricht")
    text = visit._("%(name)s schrieb:", name=letter["sender_name"] or letter["sender"])
    quoted = "\r\n".join(f"> {line}" for line in letter["text"][:_QUOTED].splitlines())
    return _mailto(letter["sender"], f"Re: {subject}", f"\r\n\r\n{text}\r\n{quoted}")


def forward_link(visit: Visit, letter: dict[str, Any]) -> str:
    """The address that opens a mail to somebody else with what was written."""
    subject = letter["subject"] or visit._("Ihre Nachricht")
    head = visit._("Von: %(sender)s", sender=f"{letter['sender_name']} <{letter['sender']}>".strip())
    text = "\r\n".join(letter["text"][:_QUOTED].splitlines())
    return _mailto("", f"Fwd: {subject}", f"\r\n\r\n{head}\r\n\r\n{text}")


def _mailto(recipient: str, subject: str, body: str) -> str:
    """RFC 6068: everything is percent-encoded, so that nothing of a stranger's mail becomes a field of its own."""
    return f"mailto:{quote(recipient, safe=_NO_MARKS)}?subject={quote(subject, safe='')}&body={quote(body, safe='')}"


PAGES = (
    Page(BOUNCES, bounces, signed_in=True),
    Page(REPLIES, replies, signed_in=True),
    Page(REPLIES + "/{id}", reply, ("GET", "POST"), signed_in=True),
)
