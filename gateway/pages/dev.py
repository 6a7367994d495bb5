"""The mailbox of the demonstration: every mail Lotse would have sent, to read in the browser or as JSON.

Only in demo mode; elsewhere these addresses do not exist. A mail's HTML comes from outside this page's trust: it is
shown in a sandboxed frame, with a policy of its own that lets it style itself and load nothing.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from gateway.routing import Page
from gateway.security import CSP
from gateway.visit import Visit
from infra.errors import NotFound
from infra.mail import StoredMail, mailbox

SHOWN = 200
FRAMED_CSP = CSP + "; frame-src 'self'"
SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    f"frame-ancestors 'self'; sandbox {SANDBOX}"
)
# Links in a mail open in the whole window, since our pages refuse to be framed.
_TOP = '<base target="_top">'


async def mails(visit: Visit) -> Response:
    """The newest mails."""
    _demo_only(visit)
    found = await mailbox(visit.settings).newest(SHOWN)
    return visit.page("dev/mails.html", mails=found)


async def mails_json(visit: Visit) -> Response:
    """The newest mails with all headers and parts; `recipient` in the query string leaves only theirs."""
    _demo_only(visit)
    wanted = visit.query("recipient").lower()
    found = await mailbox(visit.settings).newest(SHOWN)
    items = [_as_json(mail) for mail in found if wanted in mail.recipient.lower()]
    return Response(
        msgspec.json.encode({"items": items, "total": len(items)}),
        headers={"cache-control": "no-store"},
        media_type="application/json",
    )


def _as_json(mail: StoredMail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "subject": mail.subject,
        "sender": mail.sender,
        "recipient": mail.recipient,
        "date": mail.date,
        "headers": dict(mail.headers),
        "parts": [{"type": part.type, "content": part.content} for part in mail.parts],
    }


async def mail(visit: Visit) -> Response:
    """One mail: headers, text, and its HTML in a frame."""
    found = await _find(visit)
    page = visit.page("dev/mail.html", mail=found, sandbox=SANDBOX, has_html=bool(_html(found)))
    page.headers["content-security-policy"] = FRAMED_CSP
    return page


async def mail_html(visit: Visit) -> Response:
    """A mail's HTML as it is, for the frame."""
    content = _html(await _find(visit))
    if not content:
        raise NotFound
    head, opening, rest = content.partition("<head>")
    framed = f"{head}{opening}{_TOP}{rest}" if opening else _TOP + content
    return Response(framed, headers={"content-security-policy": MAIL_CSP}, media_type="text/html")


def _demo_only(visit: Visit) -> None:
    if not visit.settings.demo:
        raise NotFound


async def _find(visit: Visit) -> StoredMail:
    _demo_only(visit)
    found = await mailbox(visit.settings).find(visit.param("id"))
    if found is None:
        raise NotFound
    return found


def _html(found: StoredMail) -> str:
    return next((part.content for part in found.parts if part.type == "text/html"), "")


PAGES = (
    Page("/dev/mail", mails),
    Page("/dev/mail.json", mails_json),
    Page("/dev/mail/{id}", mail),
    Page("/dev/mail/{id}/html", mail_html),
)
