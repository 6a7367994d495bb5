"""Mail: building messages, handing them to an SMTP server, or keeping them in a local mailbox for trying out.

    async with open_mailer(settings) as mailer:
        outcome = await mailer.send(Mail(sender=…, recipient=…, subject=…, text=…, html=…))

`mailbox(settings)` reads what the local mailbox holds.

What services that send mail share stands beside: `posting` (rows that become mails), `office` (settings and mailer of
a process), `stationery` (the house style), `alerts` (what a saved search found).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.mail.mailbox import Mailbox, Part, StoredMail
from infra.mail.message import (
    InvalidMail,
    Mail,
    Mailer,
    Outcome,
    Result,
    build,
    domain_of,
    envelope_address,
    one_line,
)
from infra.mail.smtp import SmtpMailer
from infra.settings import Settings

__all__ = [
    "InvalidMail",
    "Mail",
    "Mailbox",
    "Mailer",
    "Outcome",
    "Part",
    "Result",
    "SmtpMailer",
    "StoredMail",
    "build",
    "domain_of",
    "envelope_address",
    "mailbox",
    "one_line",
    "open_mailer",
]


def mailbox(settings: Settings) -> Mailbox:
    """The local mailbox of this installation (used while `LOTSE_SMTP_URL` is empty)."""
    return Mailbox(settings.data_dir / "mailbox")


@asynccontextmanager
async def open_mailer(settings: Settings) -> AsyncIterator[Mailer]:
    """Where mail goes: the configured SMTP server, else the local mailbox. Closed at the end."""
    mailer: Mailer = SmtpMailer.from_url(settings.smtp_url) if settings.smtp_url else mailbox(settings)
    try:
        yield mailer
    finally:
        await mailer.close()
