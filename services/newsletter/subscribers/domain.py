"""The rules of a subscription: what a person agrees to, how often we write before they do, what a token may do."""

from __future__ import annotations

import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from infra.errors import FieldError, Invalid, Text

PENDING = "pending"
ACTIVE = "active"

ASKED = "asked"
CONFIRMED = "confirmed"
CHANGED = "changed"
UNSUBSCRIBED = "unsubscribed"

# How often an address gets mail because somebody typed it into the form: once in a window, three times at most
# before it confirms, and then not more than once a day.
WINDOW_PENDING = timedelta(hours=1)
WINDOW_ACTIVE = timedelta(days=1)
MAILS_BEFORE_CONFIRMATION = 3
UNCONFIRMED_DAYS = 7

CONSENT_VERSION = "2026-11"
CONSENT_TEXTS = {
    "2026-11": Text(
        "Ich möchte den vierteljährlichen Newsletter per E-Mail bekommen, zu den Landkreisen und Themen meiner Wahl. "
        "Meine E-Mail-Adresse wird nur dafür gespeichert. Öffnen und Klicken werden nicht gemessen. "
        "Ich kann mich jederzeit mit einem Klick abmelden.",
        "I would like to receive the quarterly newsletter by e-mail, about the districts and topics of my choice. "
        "My e-mail address is stored for this only. Opening and clicking are not measured. "
        "I can unsubscribe at any time with one click.",
    )
}


class Purpose(StrEnum):
    """What a token may do; each purpose has a key of its own, so none passes for another."""

    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"


LIFETIMES = {Purpose.CONFIRM: timedelta(days=UNCONFIRMED_DAYS), Purpose.PREFERENCES: timedelta(days=120)}
_BODY = struct.Struct(">16sI")
_MAC_BYTES = 24
_BAD_TOKEN = Text(
    "Dieser Link ist ungültig oder unvollständig. Bitte öffnen Sie ihn direkt aus der E-Mail.",
    "This link is invalid or incomplete. Please open it directly from the e-mail.",
)
_OLD_TOKEN = Text(
    "Dieser Link ist abgelaufen. Bitte melden Sie sich noch einmal an; dann bekommen Sie einen neuen.",
    "This link has expired. Please sign up again to get a new one.",
)


@dataclass(frozen=True)
class Claims:
    """What a good token says: whose it is and when it was made."""

    subscriber: UUID
    made_at: datetime


def make_token(key: bytes, subscriber: UUID, now: datetime) -> str:
    """A token for a subscriber, signed with the key of its purpose (59 URL-safe characters)."""
    body = _BODY.pack(subscriber.bytes, int(now.timestamp()))
    return urlsafe_b64encode(body + _mac(key, body)).decode().rstrip("=")


def read_token(key: bytes, token: str, purpose: Purpose, now: datetime) -> Claims:
    """What a token says. Raises Invalid: forged, cut off, made for another purpose, or too old."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError as error:
        raise _invalid(_BAD_TOKEN) from error
    body, mac = raw[: _BODY.size], raw[_BODY.size :]
    if len(body) != _BODY.size or not hmac.compare_digest(mac, _mac(key, body)):
        raise _invalid(_BAD_TOKEN)
    subscriber, seconds = _BODY.unpack(body)
    made_at = datetime.fromtimestamp(seconds, UTC)
    lifetime = LIFETIMES.get(purpose)
    if lifetime is not None and now - made_at > lifetime:
        raise _invalid(_OLD_TOKEN)
    return Claims(UUID(bytes=subscriber), made_at)


def may_mail(status: str, mails: int, last_mail_at: datetime | None, now: datetime) -> bool:
    """Whether a sign-up may cause another mail to its address."""
    if status == PENDING and mails >= MAILS_BEFORE_CONFIRMATION:
        return False
    window = WINDOW_PENDING if status == PENDING else WINDOW_ACTIVE
    return last_mail_at is None or now - last_mail_at >= window


def mask(address: str) -> str:
    """An address that its owner recognises and nobody else can use: `m…@example.org`."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"


def address_hash(key: bytes, address: str) -> str:
    """The keyed hash that stands for an address, upper and lower case alike."""
    return hmac.new(key, address.lower().encode(), hashlib.sha256).hexdigest()


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()[:_MAC_BYTES]


def _invalid(text: Text) -> Invalid:
    return Invalid(text, [FieldError("token", text)])
