"""Tells by a mail alone what it is: a bounce, a complaint, a wish to leave, a person, a program."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import Message
from uuid import UUID

from infra.mail.return_path import read_bounce_address, read_reply_address
from infra.settings import Settings
from services.newsletter.bounces import letters
from services.newsletter.bounces.domain import LONGEST_TEXT, MOST_HOPS, Kind, hint_of, without_addresses
from services.newsletter.bounces.reports import Report, guess_report, read_report

Reads = Callable[[Settings, str], tuple[str, UUID] | None]
_RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
# Not "list", nor List-Id: where our address is a group at a provider, every answer of a person bears these.
_BULK = frozenset({"bulk", "junk", "auto_reply"})
_AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")
# What programs write that set no header; the first is the German Outlook's.
_AUTOMATIC_SUBJECT = re.compile(r"(automatische antwort|abwesenheit|automatic reply|out of( the)? office|auto:)", re.I)
_SERVERS = frozenset({"mailer-daemon", "postmaster", "mail-daemon"})


@dataclass(frozen=True)
class Incoming:
    """What came in: at most the first `READ_BYTES` of its `size`.

    `recipients` and `sender` are those of the envelope, where the way it came tells them; "" is the empty sender that
    reports have, None one that nobody told.
    """

    way: str
    start: bytes
    size: int
    recipients: tuple[str, ...] = ()
    sender: str | None = None


@dataclass(frozen=True)
class Letter:
    """What a person wrote."""

    sender: str
    sender_name: str
    subject: str
    text: str
    shortened: bool
    attachments: int
    hint: str
    answers: tuple[str, ...]  # Message-IDs


@dataclass(frozen=True)
class Reading:
    """What it is. `posting` (service, id) and `leaving` (purpose, id) come from addresses that only we can sign."""

    digest: str
    way: str
    kind: Kind
    report: Report | None = None
    posting: tuple[str, UUID] | None = None
    leaving: tuple[str, UUID] | None = None
    letter: Letter | None = None

    @property
    def diagnostic(self) -> str:
        """A server's words without addresses."""
        return without_addresses(self.report.diagnostic) if self.report else ""


def read(settings: Settings, incoming: Incoming) -> Reading:
    """What came in. Takes milliseconds of work, so it is best done in a thread."""
    message = letters.parse(incoming.start)
    recipients = (*incoming.recipients, *letters.addresses(message, *_RECIPIENT_HEADERS))
    posting = _first(read_bounce_address, settings, recipients)
    leaving = _first(read_reply_address, settings, recipients)
    digest = _digest(incoming, message, posting, leaving)
    if _is_loop(settings, message):
        return Reading(digest, incoming.way, Kind.LOOP)
    report = read_report(message)
    if report is None and leaving is not None:
        return Reading(digest, incoming.way, Kind.LEAVE, leaving=leaving)
    from_server = _is_from_server(incoming, message)
    report = report or (guess_report(letters.opening(incoming.start)) if from_server else None)
    if report is not None:
        posting = posting or _first(read_bounce_address, settings, report.senders)
        return Reading(digest, incoming.way, report.kind, report, posting)
    if from_server or _is_automatic(message):
        return Reading(digest, incoming.way, Kind.AUTO_REPLY)
    return Reading(digest, incoming.way, Kind.REPLY, letter=_letter(incoming, message))


def _first(reads: Reads, settings: Settings, addresses: Iterable[str]) -> tuple[str, UUID] | None:
    return next(filter(None, (reads(settings, address) for address in addresses)), None)


def _digest(incoming: Incoming, message: Message, *signed: tuple[str, UUID] | None) -> str:
    """The same however often and by whatever way it comes: servers add headers, but leave Message-ID and body.

    What was sent to several signed addresses is as many things.
    """
    told = "\n".join((letters.value(message, "Message-ID"), *(str(each) for each in signed)))
    return hashlib.sha256(told.encode() + b"\0" + letters.body_of(incoming.start)).hexdigest()


def _is_loop(settings: Settings, message: Message) -> bool:
    """A mail of our own, or one that too many servers have had."""
    address = letters.sender(message)[1].lower()
    from_us = address != "" and address in (settings.mail_from.lower(), settings.bounce_address.lower())
    return from_us or len(message.get_all("Received", [])) > MOST_HOPS


def _is_from_server(incoming: Incoming, message: Message) -> bool:
    """Whether nobody is to answer it (RFC 5321, 4.5.5), or a server's own mailbox has written it."""
    path = letters.value(message, "Return-Path") if incoming.sender is None else f"<{incoming.sender}>"
    return path == "<>" or letters.sender(message)[1].partition("@")[0].lower() in _SERVERS


def _is_automatic(message: Message) -> bool:
    """Whether a program has written it (RFC 3834, and what came before it), read receipts (RFC 8098) among them."""
    submitted = letters.header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    bulk = letters.header(message, "Precedence").lower() in _BULK
    marked = any(name in message for name in _AUTOMATIC_HEADERS)
    worded = _AUTOMATIC_SUBJECT.match(letters.header(message, "Subject")) is not None
    reported = message.get_content_type() == "multipart/report"
    return submitted not in ("", "no") or bulk or marked or worded or reported


def _letter(incoming: Incoming, message: Message) -> Letter:
    name, address = letters.sender(message)
    subject = letters.header(message, "Subject")
    text, attachments = letters.text(message)
    references = f"{letters.value(message, 'In-Reply-To')} {letters.value(message, 'References')}"
    return Letter(
        sender=(address or letters.one_line(incoming.sender or ""))[:320],
        sender_name=name[:200],
        subject=subject[:300],
        text=text[:LONGEST_TEXT],
        shortened=len(text) > LONGEST_TEXT or incoming.size > len(incoming.start),
        attachments=attachments,
        hint=hint_of(subject, text),
        answers=tuple(re.findall(r"<[^<>\s]{1,248}>", references)[:20]),
    )
