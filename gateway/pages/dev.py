"""The mailbox of the demonstration: every mail Lotse would have sent, to read in the browser or as JSON.

Only in demo mode, and only where no mail server is named; elsewhere these addresses do not exist.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from gateway.pages.framing import SANDBOX, framed, framing, looks
from gateway.routing import Page
from gateway.visit import Visit
from infra.errors import NotFound
from infra.mail import Mailbox, StoredMail, mailbox
from infra.web.client import segment

SHOWN = 200  # mails as JSON
SOURCE_SHOWN = 200_000  # bytes of a mail's source on its page; the file has all of it
# Links in a mail open in the whole window, since our pages refuse to be framed.
_TOP = '<base target="_top">'


async def mails(visit: Visit) -> Response:
    """The mails, the newest first, page by page; `q` looks for a recipient or words of a subject."""
    query, number = visit.query("q").strip(), visit.query("seite")
    shelf = await _mailbox(visit).shelf(int(number) if number.isascii() and number.isdigit() else 1, query)
    return visit.page("dev/mails.html", shelf=shelf, query=query)


async def mails_json(visit: Visit) -> Response:
    """The newest mails with all headers and parts; `recipient` in the query string leaves only theirs."""
    box, wanted = _mailbox(visit), visit.query("recipient").lower()
    found = await box.newest(SHOWN)
    if wanted:
        heads = (await box.shelf(1, wanted)).heads
        to_them = [await box.find(head.id) for head in heads if wanted in head.recipient.lower()]
        found = [mail for mail in to_them if mail is not None]
    items = [_as_json(mail) for mail in found]
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
    """One mail: its HTML in a frame, its text, headers and source."""
    found = await _find(visit)
    source = await _mailbox(visit).source(found.id) or b""
    shown = looks(visit)
    page = visit.page(
        "dev/mail.html",
        mail=found,
        address=_address(found),
        looks=shown,
        frame=visit.url(f"{_address(found)}/html", scheme=shown["scheme"]) if _html(found) else "",
        sandbox=SANDBOX,
        source=source[:SOURCE_SHOWN].decode("utf-8", "replace").replace("\r\n", "\n"),
        cut=len(source) > SOURCE_SHOWN,
    )
    return framing(page)


async def mail_html(visit: Visit) -> Response:
    """A mail's HTML as it is, for the frame."""
    content = _html(await _find(visit))
    if not content:
        raise NotFound
    head, opening, rest = content.partition("<head>")
    return framed(visit, f"{head}{opening}{_TOP}{rest}" if opening else _TOP + content)


async def mail_file(visit: Visit) -> Response:
    """A mail as a file that mail programs open."""
    found = await _find(visit)
    headers = {"content-disposition": f'attachment; filename="{segment(found.id)}.eml"', "cache-control": "no-store"}
    return Response(await _mailbox(visit).source(found.id), media_type="message/rfc822", headers=headers)


def _mailbox(visit: Visit) -> Mailbox:
    if not visit.settings.demo or visit.settings.smtp_url:
        raise NotFound
    return mailbox(visit.settings)


async def _find(visit: Visit) -> StoredMail:
    found = await _mailbox(visit).find(visit.param("id"))
    if found is None:
        raise NotFound
    return found


def _address(found: StoredMail) -> str:
    return f"/dev/mail/{segment(found.id)}"


def _html(found: StoredMail) -> str:
    return next((part.content for part in found.parts if part.type == "text/html"), "")


PAGES = (
    Page("/dev/mail", mails),
    Page("/dev/mail.json", mails_json),
    Page("/dev/mail/{id}", mail),
    Page("/dev/mail/{id}/html", mail_html),
    Page("/dev/mail/{id}/datei.eml", mail_file),
)
