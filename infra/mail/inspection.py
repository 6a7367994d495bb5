"""What `doctor` says of mail: whether each server takes us in, whether the key signs, what DNS should say.

Nothing is looked up in DNS: the records to publish are printed, so that it also helps before they are there.
"""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from infra.mail.connection import connect
from infra.mail.servers import Server
from infra.mail.signing import Signer, SigningKeyError, read_key, zone_line
from infra.settings import Settings
from infra.settings.mail import MailSettings

_LOCAL = ("localhost", "127.0.0.1", "::1")
_WELCOME = ("pipelining", "smtputf8", "8bitmime", "size")


@dataclass(frozen=True)
class Seen:
    """One thing that was looked at; `cure` says what to do when it is not well, `notes` what is good to know."""

    name: str
    well: bool
    cure: str = ""
    notes: tuple[str, ...] = ()


async def inspect(settings: Settings) -> list[Seen]:
    """All there is to say of mail; nothing where the local mailbox takes it."""
    servers = settings.smtp_servers
    if not servers:
        return []
    seen = await asyncio.gather(*(asyncio.to_thread(_server, server, settings.mail_from) for server in servers))
    return [*seen, await asyncio.to_thread(_key, settings), _names(settings), _returns(settings)]


def _server(server: Server, sender: str) -> Seen:
    """Whether a server takes us in and lets us send as `sender`. Blocks."""
    label = f"mail server {server.name}"
    try:
        smtp = connect(server)
    except (smtplib.SMTPException, OSError) as error:
        return Seen(label, False, f"{_reason(error)} (LOTSE_SMTP_URL)")
    try:
        code, reply = smtp.mail(sender)
        offered = ", ".join(name.upper() for name in _WELCOME if smtp.has_extn(name))
        encrypted = smtp.sock.version() if isinstance(smtp.sock, ssl.SSLSocket) else None
    except (smtplib.SMTPException, OSError) as error:
        return Seen(label, False, f"{_reason(error)} (LOTSE_SMTP_URL)")
    finally:
        smtp.close()
    if code != 250:
        answer = reply.decode("utf-8", "replace")
        return Seen(label, False, f"it refuses our sender {sender}: {code} {answer} (LOTSE_MAIL_FROM)")
    if not encrypted and server.host not in _LOCAL:
        clear = "password and mails go there in clear" if server.user else "mails go there in clear"
        return Seen(label, False, f"{clear}. Use smtp+starttls:// or smtps:// in LOTSE_SMTP_URL.")
    kind = f"{encrypted or 'this machine'}{', signed in' if server.user else ''}"
    return Seen(f"{label} ({kind}; {offered or 'offers nothing'})", True)


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"it refuses user or password: {error.smtp_code}. Correct them"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}. Name it as its certificate does, or trust it"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"it offers not what is asked for: {error} Use another scheme or none of it"
    if isinstance(error, socket.gaierror):
        return "its name is unknown. Correct it"
    if isinstance(error, (ConnectionRefusedError, TimeoutError)):
        return "nobody answers there. Start it, open the firewall or correct the address"
    return f"it cannot be spoken to: {type(error).__name__}: {error}. Is the scheme the right one for the port?"


def _key(settings: MailSettings) -> Seen:
    """Whether mails are signed, and the record that tells others how to verify. Blocks: reads the key."""
    if not settings.dkim_key:
        note = "LOTSE_DKIM_KEY is empty: let the mail server sign, else large providers take mails for spam."
        return Seen("DKIM is left to the mail server", True, notes=(note,))
    try:
        key = read_key(Path(settings.dkim_key))
    except SigningKeyError as error:
        return Seen("DKIM key", False, f"{error}. docs/operations.md says how to make one (LOTSE_DKIM_KEY).")
    domain = settings.mail_from.rpartition("@")[2]
    if not (domain == settings.dkim_domain or domain.endswith(f".{settings.dkim_domain}")):
        cure = f"it signs for {settings.dkim_domain}, mails come from {domain}: DMARC counts that as unsigned"
        return Seen("DKIM key", False, f"{cure}. Correct LOTSE_DKIM_DOMAIN.")
    record = Signer(key, settings.dkim_domain, settings.dkim_selector).dns_record()
    return Seen(f"DKIM key of {settings.dkim_domain}", True, notes=("publish in DNS:", zone_line(*record)))


def _names(settings: MailSettings) -> Seen:
    """What DNS should say of the domain that mails come from (RFC 7208, RFC 7489)."""
    domain = settings.mail_from.rpartition("@")[2]
    senders = " ".join(f"a:{server.host}" for server in settings.smtp_servers if server.host not in _LOCAL)
    return Seen(
        f"sender {settings.mail_from}",
        True,
        notes=(
            "DNS should say who sends in its name (SPF) and what others do with what is not (DMARC), for instance:",
            zone_line(domain, f"v=spf1 mx {senders}".rstrip() + " ~all"),
            zone_line(f"_dmarc.{domain}", f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}"),
        ),
    )


def _returns(settings: Settings) -> Seen:
    """Where undeliverable mails come back to, and how they reach us. Some ways are known to the newsletter alone."""
    if not settings.bounce_address:
        note = f"LOTSE_BOUNCE_ADDRESS is empty: they come back to {settings.mail_from}, and nobody evaluates them."
        return Seen("bounces are not taken in", True, notes=(note,))
    if settings.bounce_mailbox or settings.lmtp_listen or settings.bounce_http_key:
        return Seen(f"bounces to {settings.bounce_address}", True)
    note = (
        "these settings name no way in: LOTSE_BOUNCE_MAILBOX, LOTSE_LMTP_LISTEN or LOTSE_BOUNCE_HTTP_KEY. "
        "The newsletter's processes need one."
    )
    return Seen(f"bounces to {settings.bounce_address}", True, notes=(note,))
