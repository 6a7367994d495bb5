"""Addresses that say for which mail something comes back, signed so that nobody else can make one.

    bounces+newsletter-<id and signature>@bounces.example.org

is the envelope sender of one posting (variable envelope return path, VERP): whatever reports that it could not be
delivered arrives there, whatever its text says. `bounces+leave-<…>@…` is where a mail program writes to in order to
unsubscribe one person (RFC 2369, `List-Unsubscribe: <mailto:…>`). All services make and read them with one key, since
one mailbox takes in what comes back to all of them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32decode, b32encode
from uuid import UUID

from infra.settings import Settings
from infra.tokens import derive_key

# 16 bytes of id and 9 of signature make 40 characters of base32 without padding, whose alphabet has one case only:
# some servers lower what they return. With the longest allowed beginning and purpose it stays within the 64 octets
# of a local part (RFC 5321, 4.5.3.1.1). 72 bits cannot be guessed by mail.
_ID_BYTES, _MAC_BYTES = 16, 9
_BOUNCE, _REPLY = "bounce", "reply"
_LOCAL_PART = re.compile(r"(?P<base>[^+]+)\+(?P<purpose>[a-z]{1,11})-(?P<code>[a-z2-7]{40})")


def bounce_address(settings: Settings, service: str, posting_id: UUID) -> str:
    """The envelope sender of a posting of `service`; "" where no bounce address is set (LOTSE_BOUNCE_ADDRESS)."""
    return _address(settings, _BOUNCE, service, posting_id)


def read_bounce_address(settings: Settings, address: str) -> tuple[str, UUID] | None:
    """The service and the posting that an address was made for; None for any other, forged ones among them."""
    return _read(settings, _BOUNCE, address)


def reply_address(settings: Settings, purpose: str, subject: UUID) -> str:
    """Where to write to for one `purpose` (1 to 11 letters, such as leave) and one subject; "" as above."""
    return _address(settings, _REPLY, purpose, subject)


def read_reply_address(settings: Settings, address: str) -> tuple[str, UUID] | None:
    """The purpose and the subject that an address was made for; None for any other."""
    return _read(settings, _REPLY, address)


def _address(settings: Settings, kind: str, purpose: str, subject: UUID) -> str:
    base, _, domain = settings.bounce_address.partition("@")
    if not domain:
        return ""
    signed = subject.bytes + _mac(settings, kind, purpose, subject.bytes)
    return f"{base}+{purpose}-{b32encode(signed).decode().lower()}@{domain}"


def _read(settings: Settings, kind: str, address: str) -> tuple[str, UUID] | None:
    local, _, domain = address.strip().lower().rpartition("@")
    base, _, own_domain = settings.bounce_address.lower().partition("@")
    parts = _LOCAL_PART.fullmatch(local)
    if parts is None or (parts["base"], domain) != (base, own_domain):
        return None
    raw = b32decode(parts["code"].upper())
    subject, mac = raw[:_ID_BYTES], raw[_ID_BYTES:]
    if not hmac.compare_digest(mac, _mac(settings, kind, parts["purpose"], subject)):
        return None
    return parts["purpose"], UUID(bytes=subject)


def _mac(settings: Settings, kind: str, purpose: str, subject: bytes) -> bytes:
    """What only holders of LOTSE_SECRET can make; `kind` keeps a place to leave from passing for a bounce."""
    key = derive_key(settings.secret, "return-path")
    return hmac.digest(key, f"{kind}:{purpose}:".encode() + subject, hashlib.sha256)[:_MAC_BYTES]
