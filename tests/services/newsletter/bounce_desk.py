"""What the tests of bounces do again and again: mails that went out, and the reports that servers make of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from infra.ids import new_id
from infra.mail.return_path import bounce_address
from infra.web.client import Answer
from services.newsletter.bounces.intake import take
from services.newsletter.bounces.models import ReturnedMail
from services.newsletter.bounces.reading import Incoming
from services.newsletter.subscribers.models import ServiceMail, Subscriber, Suppression
from services.newsletter.subscribers.queries import hash_of
from tests.services.newsletter.desk import ANNA, Desk

BOUNCES = "bounces@bounces.lotse.test"
KEY = "a-key-that-only-the-mail-server-knows"
READER = "leserin@gone.example"


def report(
    to: str,
    status: str = "5.1.1",
    *,
    action: str = "failed",
    recipient: str = READER,
    diagnostic: str = "smtp; 550 5.1.1 <leserin@gone.example>: User unknown",
    returned: str = "<other@example.net>",
    blocks: str = "",
) -> bytes:
    """A delivery status notification as Postfix makes it (RFC 3464)."""
    fields = blocks or (
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: {diagnostic}\r\n"
    )
    return (
        f"From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\nTo: {to}\r\nSubject: Undelivered Mail\r\n"
        f"Message-ID: <{new_id()}@mx.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="grenze"\r\n\r\n'
        "--grenze\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nI'm sorry to have to inform you.\r\n"
        "--grenze\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example\r\n\r\n{fields}\r\n"
        "--grenze\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"From: newsletter@lotse.example.org\r\nTo: {recipient}\r\nMessage-ID: {returned}\r\n"
        "--grenze--\r\n"
    ).encode()


def complaint(to: str, original: str = "", returned: str = "<other@example.net>", kind: str = "abuse") -> bytes:
    """An abuse report of a feedback loop (RFC 5965)."""
    return (
        f"From: feedback@provider.example\r\nTo: {to}\r\nSubject: FW: Newsletter\r\n"
        f"Message-ID: <{new_id()}@p.example>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary="g"\r\n\r\n'
        "--g\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n"
        f"--g\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nUser-Agent: FBL/1\r\n"
        f"Version: 1\r\nOriginal-Mail-From: <{original}>\r\nReported-Domain: gone.example\r\n\r\n"
        "--g\r\nContent-Type: message/rfc822\r\n\r\nFrom: newsletter@lotse.example.org\r\n"
        f"Message-ID: {returned}\r\n\r\nx\r\n"
        "--g--\r\n"
    ).encode()


def letter(to: str, body: str, subject: str = "Eine Frage", **headers: str) -> bytes:
    """A mail of a person."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return (
        f"From: Frau Beispiel <frau@example.net>\r\nTo: {to}\r\nSubject: {subject}\r\n"
        f"Message-ID: <{new_id()}@example.net>\r\n{more}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    ).encode()


def incoming(raw: bytes, *recipients: str, sender: str | None = None) -> Incoming:
    """A mail as a way in hands it over."""
    return Incoming("http", raw, len(raw), recipients, sender)


@dataclass
class BounceDesk(Desk):
    """A running newsletter with an address for bounces."""

    def address(self, posting: UUID, service: str = "newsletter") -> str:
        """The envelope sender of a posting."""
        return bounce_address(self.kit.settings, service, posting)

    async def mailed(self, address: str = READER, **choice: Any) -> ServiceMail:
        """A confirmed subscriber, and the row of the mail that asked to confirm."""
        await self.subscribe(address, **choice)
        reader = await Subscriber.get(address=address)
        return (await ServiceMail.filter(subscriber_id=reader.id).order_by("-created_at"))[0]

    async def confirmed(self, address: str) -> None:
        """A confirmed subscriber of everything, without the mails that it takes."""
        hashed, now = hash_of(address), datetime.now(UTC)
        given: dict[str, Any] = {"status": "active", "language": "de", "districts": [], "topics": []}
        await Subscriber.create(address=address, address_hash=hashed, asked_at=now, confirmed_at=now, **given)

    async def take(self, *raws: bytes, sender: str | None = None) -> None:
        """Let mails come in."""
        await take([incoming(raw, sender=sender) for raw in raws])

    async def kinds(self) -> list[str]:
        """What came in so far, by kind."""
        return sorted(row.kind for row in await ReturnedMail.all())

    async def reason(self, address: str = READER) -> str:
        """Why an address must not be written to, "" if it may."""
        row = await Suppression.get_or_none(address_hash=hash_of(address))
        return row.reason if row else ""

    async def subscribed(self, address: str = READER) -> bool:
        """Whether somebody is subscribed."""
        return await Subscriber.filter(address=address).exists()

    async def editor(self, path: str, **query: Any) -> Answer:
        """What an editor sees."""
        return await self.get(path, identity=ANNA, query=query)
