"""Keys of their own for each purpose, and the tokens that links in mails carry.

A token says whose it is and when it was made, signed with the key of its purpose; what it may do ends with the thing
it names. None is stored, so nothing that is read out of a database opens anything.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from infra.errors import FieldError, Invalid, Text

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
    """What a good token says: whose it is (`subject`) and when it was made."""

    subject: UUID
    made_at: datetime


def derive_key(secret: str, purpose: str) -> bytes:
    """A key of its own for each purpose, so that no token of one kind passes for another."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


def make_token(key: bytes, subject: UUID, now: datetime) -> str:
    """A token for `subject`, signed with the key of its purpose (59 URL-safe characters)."""
    body = _BODY.pack(subject.bytes, int(now.timestamp()))
    return urlsafe_b64encode(body + _mac(key, body)).decode().rstrip("=")


def read_token(key: bytes, token: str, now: datetime, lifetime: timedelta | None = None) -> Claims:
    """What a token says; without a `lifetime` it is good for ever.

    Raises:
        Invalid: forged, cut off, made for another purpose, or too old.
    """
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError as error:
        raise _invalid(_BAD_TOKEN) from error
    body, mac = raw[: _BODY.size], raw[_BODY.size :]
    if len(body) != _BODY.size or not hmac.compare_digest(mac, _mac(key, body)):
        raise _invalid(_BAD_TOKEN)
    subject, seconds = _BODY.unpack(body)
    made_at = datetime.fromtimestamp(seconds, UTC)
    if lifetime is not None and now - made_at > lifetime:
        raise _invalid(_OLD_TOKEN)
    return Claims(UUID(bytes=subject), made_at)


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()[:_MAC_BYTES]


def _invalid(text: Text) -> Invalid:
    return Invalid(text, [FieldError("token", text)])
