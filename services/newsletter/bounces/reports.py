"""What a report says: a delivery status (RFC 3464, internationalised RFC 6533) or a complaint (RFC 5965).

From servers that know neither, what flufl.bounce makes of their words.
"""

from __future__ import annotations

import base64
import binascii
import logging
import quopri
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32

from flufl.bounce import all_failures

from infra.mail.verdicts import ENHANCED, Verdict, judge
from services.newsletter.bounces.domain import Kind
from services.newsletter.bounces.letters import addresses, decoded, inner, text, utf8, value

logging.getLogger("flufl.bounce").setLevel(logging.WARNING)  # it tells every detector that it tries

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_TYPES = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
_COMPLAINTS = frozenset({"abuse", "fraud", "virus", "other"})  # RFC 5965, 7.3; not-spam and auth-failure are none
_REACHED = frozenset({"delivered", "relayed", "expanded"})
_SMTP_CODE = re.compile(r"\b([45]\d\d)\b")
_EMPTY_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
_UTF8_ESCAPE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533, 3
_WORDS = 4000
_HOST = re.compile(r"[a-z0-9.-]{1,255}")


@dataclass(frozen=True)
class Report:
    """What is reported. `domain` is the recipient's; `senders` and `message_ids` are those of the mail in question."""

    kind: Kind
    status: str = ""
    diagnostic: str = ""
    domain: str = ""
    senders: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()


def read_report(message: Message) -> Report | None:
    """What a report in a standard form says; None for any other mail."""
    if message.get_content_type() != "multipart/report":
        return None
    for part in inner(message, "message/feedback-report"):
        return _complaint(message, part)
    for part in inner(message, *_STATUS_TYPES):
        return _delivery_status(message, _blocks(part))
    return None


def guess_report(message: Message) -> Report | None:
    """The same for a mail from a server (no sender, or its postmaster) in whatever form that server likes."""
    passing, final = all_failures(message)
    if not passing and not final:
        return None
    words = text(message)[0][:_WORDS]
    found = ENHANCED.search(words)
    verdict = judge(text=words) if final else Verdict.SOFT
    recipient = sorted(final or passing)[0].decode("ascii", "replace")
    return Report(
        Kind(verdict), found[0] if found else "", words, _domain(recipient), message_ids=_message_ids(message)
    )


def _complaint(message: Message, part: Message) -> Report:
    report = _blocks(part)[:1]
    fields = report[0] if report else Message()
    kind = value(fields, "Feedback-Type").lower()
    return Report(
        Kind.COMPLAINT if kind in _COMPLAINTS else Kind.NOTE,
        diagnostic=kind,
        domain=_domain("@" + value(fields, "Reported-Domain")),
        senders=(*addresses(fields, "Original-Mail-From"), *_return_paths(message)),
        message_ids=_message_ids(message),
    )


def _delivery_status(message: Message, blocks: Sequence[Message]) -> Report:
    """One mail of ours has one recipient; several blocks come from an alias, which lives while one of them does."""
    recipients = [block for block in blocks if "Final-Recipient" in block or "Action" in block]
    failed = [block for block in recipients if _action(block) == "failed"]
    if not failed:
        return Report(Kind.NOTE, senders=_return_paths(message), message_ids=_message_ids(message))
    verdicts = [_verdict(block) for block in failed]
    lives = Verdict.SOFT in verdicts or any(_action(block) in _REACHED for block in recipients)
    shown = failed[verdicts.index(Verdict.SOFT) if Verdict.SOFT in verdicts else 0]
    return Report(
        Kind.SOFT if lives else Kind.HARD,
        value(shown, "Status")[:20],
        value(shown, "Diagnostic-Code").partition(";")[2].strip(),
        _domain(value(shown, "Original-Recipient") or value(shown, "Final-Recipient")),
        _return_paths(message),
        _message_ids(message),
    )


def _verdict(block: Message) -> Verdict:
    diagnostic = value(block, "Diagnostic-Code")
    code = _SMTP_CODE.search(diagnostic)
    return judge(value(block, "Status").partition(" ")[0], int(code[1]) if code else 0, diagnostic)


def _action(block: Message) -> str:
    """What happened, in lower case; a block that forgets to say so has failed when its status does."""
    action = value(block, "Action").partition(" ")[0].lower()
    return action or ("failed" if value(block, "Status").startswith("5") else "")


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a status or feedback part, each as if it were a mail's headers."""
    payload = part.get_payload()
    if part.get_content_type() == "message/delivery-status" and isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    whole = _unencoded(_text_of(part), value(part, "Content-Transfer-Encoding").lower())
    parser = HeaderParser(policy=compat32)
    return [parser.parsestr(block) for block in _EMPTY_LINE.split(whole.strip()) if block.strip()]


def _text_of(part: Message) -> str:
    """The content of a part that the library took for a mail inside this one, as it stood there."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return decoded(part)
    mails = [item for item in payload if isinstance(item, Message)]
    return "\n\n".join(f"{_fields_of(mail)}\n\n{_text_of(mail)}" for mail in mails)


def _fields_of(mail: Message) -> str:
    return "\n".join(f"{name}: {utf8(content)}" for name, content in mail.raw_items())


def _unencoded(content: str, encoding: str) -> str:
    """RFC 6533 allows an encoding for what is no plain ASCII."""
    if encoding == "quoted-printable":
        return quopri.decodestring(content.encode()).decode("utf-8", "replace")
    if encoding != "base64":
        return content
    try:
        return base64.b64decode(content.encode("ascii", "ignore")).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _returned(message: Message) -> list[Message]:
    """The headers of the mail that is returned, if it is."""
    found = []
    for part in inner(message, *_RETURNED_TYPES):
        payload = part.get_payload()
        if isinstance(payload, list):
            found.append(payload[0])
        elif part.get_content_maintype() == "text":
            found.append(HeaderParser(policy=compat32).parsestr(decoded(part)))
    return [item for item in found if isinstance(item, Message)]


def _return_paths(message: Message) -> tuple[str, ...]:
    return tuple(path for item in _returned(message) for path in addresses(item, "Return-Path"))


def _message_ids(message: Message) -> tuple[str, ...]:
    return tuple(filter(None, (value(item, "Message-ID")[:250] for item in _returned(message))))


def _domain(recipient: str) -> str:
    """The domain of `rfc822; name@example.org` in ASCII; "" for what is none."""
    address = _UTF8_ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)), recipient.rpartition(";")[2])
    domain = address.strip().rpartition("@")[2].strip("<>. ").lower() if "@" in address else ""
    try:
        host = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return host if _HOST.fullmatch(host) else ""  # else a NUL could stand in it, which no database stores
