"""Mail: building messages, handing them to an SMTP server, or keeping them in a local mailbox for trying out.

    async with open_mailer(settings) as mailer:
        outcome = await mailer.send(Mail(sender=…, recipient=…, subject=…, text=…, html=…))

`mailbox(settings)` reads what the local mailbox holds.

How mails leave stands beside: `servers` (which one is well), `connection` (one conversation), `smtp` (the mailer),
`pipelining` (issues), `limits` (rates), `signing` (DKIM), `inspection` and `trial` (what an operator asks). What
services that send mail share is there too: `posting` (rows that become mails), `office` (settings and mailer of a
process), `stationery` (the house style), `alerts` (what a saved search found).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

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
from infra.mail.servers import ServerPool
from infra.mail.smtp import SmtpMailer
from infra.settings import Settings

if TYPE_CHECKING:
    from infra.mail.limits import Gate
    from infra.mail.signing import Signer

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
    "signer_of",
]


def mailbox(settings: Settings) -> Mailbox:
    """The local mailbox of this installation (used while `LOTSE_SMTP_URL` is empty)."""
    return Mailbox(settings.data_dir / "mailbox")


def signer_of(settings: Settings) -> Signer | None:
    """Who signs our mails; None where the mail server does. Raises SigningKeyError."""
    if not settings.dkim_key:
        return None
    from infra.mail.signing import Signer  # only who signs needs the library behind it

    return Signer.from_settings(settings)


@asynccontextmanager
async def open_mailer(settings: Settings, gate: Gate | None = None) -> AsyncIterator[Mailer]:
    """Where mail goes: the configured SMTP servers, else the local mailbox. Closed at the end.

    `gate` keeps the rates. Raises SigningKeyError where the settings name a key that cannot be used.
    """
    mailer: Mailer = mailbox(settings)
    if settings.smtp_servers:
        mailer = SmtpMailer(ServerPool(settings.smtp_servers), signer_of(settings), gate)
    try:
        yield mailer
    finally:
        await mailer.close()
