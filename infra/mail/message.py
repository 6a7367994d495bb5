"""What a mail is here, how it becomes RFC 5322 text, and what can come of sending it.

Header values come from people (subjects, names), so a line break or other control character in one is refused
rather than folded away: it is either an attack or a mistake that somebody should see. The same holds for encoded
words, in which they can hide.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from enum import StrEnum
from typing import Any, Protocol

import idna

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029\ud800-\udfff]")
# Begins an encoded word (RFC 2047). The standard library decodes one in what it is given and writes it out again,
# line breaks and all: "=?utf-8?q?a=0d=0aBcc:_eve=40example.org?=" as a subject became a header of its own.
ENCODED_WORD = "=?"
_HTML = re.compile(r"<html(?=[\s>])(?![^>]*\slang\s*=)", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_PROGRAM_HEADERS = ("list-", "message-id", "feedback-id")
_BREAKING = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})  # categories of Unicode
_INVISIBLE = "Cf"  # soft hyphens, but also what turns the direction of writing round


class _Policy(EmailPolicy):
    """SMTP lines, but headers that only programs read stay as they are.

    The standard library folds a word longer than a line, such as the URL in List-Unsubscribe, by encoding it
    (RFC 2047), which no mail program decodes there. RFC 5322 allows lines of 998 characters.
    """

    def fold(self, name: str, value: Any) -> str:
        """See email.policy."""
        return self._verbatim(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """See email.policy."""
        return self._verbatim(name, value).encode() or super().fold_binary(name, value)

    def _verbatim(self, name: str, value: Any) -> str:
        text = str(value)
        verbatim = name.lower().startswith(_PROGRAM_HEADERS) and text.isascii() and len(text) < 900
        return f"{name}: {text}{self.linesep}" if verbatim else ""


POLICY = _Policy(linesep="\r\n")
UTF8_POLICY = POLICY.clone(utf8=True)  # RFC 6532, for addresses that need SMTPUTF8 (RFC 6531)


class InvalidMail(ValueError):
    """A header value could break out of its header, or an address is not one; the message must not be sent."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One message to one person. `headers` come on top of the standard ones; `sent_at` becomes the Date header.

    `envelope_sender` is where reports of failure go (RFC 5321 return path), "" = `sender`; `reply_to` is where
    answers go, "" = `sender`.
    """

    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    sender_name: str = ""
    envelope_sender: str = ""
    reply_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    language: str = "de"
    sent_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Result(StrEnum):
    """What came of handing over a mail."""

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"


@dataclass(frozen=True)
class Outcome:
    """The server's answer. `code` is 0 when there was none; `reply` says then what happened.

    `server_fault` means that the next mail would meet the same trouble (no connection, sign-in refused).
    `wait_seconds` above 0 means that nobody tried: a rate is used up, and there is room after so long.
    """

    result: Result
    code: int = 0
    reply: str = ""
    server_fault: bool = False
    wait_seconds: float = 0.0


class Mailer(Protocol):
    """Somewhere to hand mails to."""

    async def send(self, mail: Mail) -> Outcome:
        """Hand over one mail. Never raises for what a server or network does; InvalidMail for an unsafe header."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def one_line(text: str, limit: int) -> str:
    """What somebody typed, made fit for a header or a line: at most `limit` visible characters, no encoded word."""
    shown = (character for character in text if unicodedata.category(character) != _INVISIBLE)
    spaced = "".join(" " if unicodedata.category(character) in _BREAKING else character for character in shown)
    line = " ".join(spaced.split()).replace(ENCODED_WORD, "= ?")
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def domain_of(address: str) -> str:
    """The domain of an address as mail is sent to it: lower case, IDNA. Raises InvalidMail."""
    domain = address.rpartition("@")[2].lower()
    try:
        if domain.isascii():
            labels = domain.split(".")
            if all(0 < len(label) < 64 for label in labels) and len(domain) < 254:  # RFC 1035
                return domain
            raise InvalidMail("not a domain that mail can go to")
        # IDNA 2008: by that of 2003, which the standard library knows, mail for straße.de went to strasse.de
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise InvalidMail("not a domain that mail can go to") from error


def envelope_address(address: str) -> str:
    """One plain address with an ASCII domain (IDNA), nothing around it, as it is told to a server.

    Its local part may be of any script; then the server must offer SMTPUTF8. Raises InvalidMail.
    """
    if not _ADDRESS.fullmatch(_safe("address", address)):
        raise InvalidMail("not one plain e-mail address")
    return f"{address.rpartition('@')[0]}@{domain_of(address)}"


def build(mail: Mail) -> EmailMessage:
    """The message as multipart/alternative, text first; its HTML says in which language it is (WCAG 3.1.1).

    Raises:
        InvalidMail: a control character or an encoded word in a header, an address that is not one plain one, or
            whatever else the standard library finds that it cannot write.
    """
    try:
        return _built(mail)
    except (MessageError, ValueError) as error:
        raise error if isinstance(error, InvalidMail) else InvalidMail(type(error).__name__) from error


def _built(mail: Mail) -> EmailMessage:
    sender, recipient = envelope_address(mail.sender), envelope_address(mail.recipient)
    reply_to = envelope_address(mail.reply_to) if mail.reply_to else ""
    envelope_address(mail.envelope_sender or mail.sender)  # not in the message, but wrong is wrong
    message = EmailMessage(policy=POLICY if f"{sender}{recipient}{reply_to}".isascii() else UTF8_POLICY)
    message["From"] = _header_address(sender, _safe("From", mail.sender_name))
    message["To"] = _header_address(recipient)
    if mail.reply_to:
        message["Reply-To"] = _header_address(reply_to)
    message["Subject"] = _safe("Subject", mail.subject)
    message["Date"] = format_datetime(mail.sent_at)
    message["Message-ID"] = _safe("Message-ID", mail.message_id)
    for name, value in mail.headers.items():
        message[_safe("header name", name)] = _safe(name, value)
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(_spoken(mail), subtype="html", cte="quoted-printable")
    # last, since setting the content takes all Content-* headers away
    message["Content-Language"] = _safe("Content-Language", mail.language)
    return message


def _header_address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _spoken(mail: Mail) -> str:
    """The HTML with its language, without which a screen reader reads it out with the wrong voice."""
    language = html.escape(mail.language)
    if "<html" in mail.html.lower():
        return _HTML.sub(lambda found: f'{found[0]} lang="{language}"', mail.html, count=1)
    title = html.escape(mail.subject)
    head = f'<meta charset="utf-8"><title>{title}</title>'
    return f'<!DOCTYPE html>\n<html lang="{language}"><head>{head}</head><body>\n{mail.html}</body></html>\n'


def _safe(name: str, value: str) -> str:
    if _CONTROL.search(value):
        raise InvalidMail(f"control character in {name}")
    if ENCODED_WORD in value:
        raise InvalidMail(f"encoded word in {name}")
    return value
