"""DKIM: mails are signed by our domain where the mail server does not do it (RFC 6376, RFC 8463 for Ed25519).

Written here since dkimpy needs about 10 ms a mail, fifty times as much as the rest of sending one; the tests verify
with dkimpy. Canonicalization is relaxed/relaxed. Every header that is signed is named once more than it is there, so
that nobody can put in a second one under our signature (RFC 6376, 8.15).
"""

from __future__ import annotations

import base64
import hashlib
import time
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from infra.settings.mail import MailSettings

# RFC 8058 wants both headers of one-click unsubscription covered.
SIGNED = (
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "mime-version",
    "content-type",
    "content-language",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-help",
    "list-archive",
    "auto-submitted",
    "feedback-id",
)
LEAST_RSA_BITS = 2048  # RFC 8301: shorter keys should not be made, and below 1024 nobody takes them
_BREAK = b"\r\n"
_LINE = 72  # characters of base64 on a line
_DNS_STRING = 255  # RFC 1035: longer ones cannot be one string of a TXT record


class SigningKeyError(ValueError):
    """The key cannot be used; the text says why."""


class Signer:
    """Signs mails of one domain with one key."""

    def __init__(self, key: RSAPrivateKey | Ed25519PrivateKey, domain: str, selector: str) -> None:
        self.domain = domain
        self.selector = selector
        self._key = key
        self._algorithm = "rsa" if isinstance(key, RSAPrivateKey) else "ed25519"

    @classmethod
    def from_settings(cls, settings: MailSettings) -> Signer | None:
        """The signer that the settings name, None where they name none. Blocks: reads a file.

        Raises:
            SigningKeyError: the file cannot be read, or holds no key that DKIM knows.
        """
        if not settings.dkim_key:
            return None
        return cls(read_key(Path(settings.dkim_key)), settings.dkim_domain, settings.dkim_selector)

    def sign(self, message: bytes) -> bytes:
        """The message (lines end with CRLF) with its signature before the other headers."""
        head, _, body = message.partition(_BREAK * 2)
        fields = _fields(head)
        names = [name for name in SIGNED for _ in range(len(fields.get(name, ())) + 1)]
        # a verifier takes the fields of a name from the bottom up; one that is not there counts as nothing
        signed = b"".join(field + _BREAK for name in SIGNED for field in reversed(fields.get(name, ())))
        unsigned = self._header(names, hashlib.sha256(_relaxed_body(body)).digest())
        signature = self._signature(signed + _relaxed(*unsigned.split(b":", 1)))
        return unsigned + _folded(signature) + _BREAK + message

    def dns_record(self) -> tuple[str, str]:
        """The name and the text of the TXT record by which others verify."""
        return f"{self.selector}._domainkey.{self.domain}", f"v=DKIM1; k={self._algorithm}; p={self._public()}"

    def _header(self, names: list[str], body_hash: bytes) -> bytes:
        tags = (
            f"v=1; a={self._algorithm}-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n"
            f" t={int(time.time())}; h={_named(names)};\r\n bh={base64.b64encode(body_hash).decode()};\r\n b="
        )
        return f"DKIM-Signature: {tags}".encode()

    def _signature(self, text: bytes) -> bytes:
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(hashlib.sha256(text).digest())
        return self._key.sign(text, PKCS1v15(), hashes.SHA256())

    def _public(self) -> str:
        kinds = {
            "rsa": (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
            "ed25519": (serialization.Encoding.Raw, serialization.PublicFormat.Raw),
        }
        return base64.b64encode(self._key.public_key().public_bytes(*kinds[self._algorithm])).decode()


def read_key(path: Path) -> RSAPrivateKey | Ed25519PrivateKey:
    """The private key in a PEM file without a password. Raises SigningKeyError."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SigningKeyError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningKeyError(f"{path} holds no private key in PEM form without a password") from error
    if isinstance(key, Ed25519PrivateKey) or (isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_RSA_BITS):
        return key
    raise SigningKeyError(f"{path} holds neither an RSA key of at least {LEAST_RSA_BITS} bits nor an Ed25519 key")


def zone_line(name: str, text: str) -> str:
    """The record as a line of a zone file, its text in strings of at most 255 characters."""
    parts = (text[start : start + _DNS_STRING] for start in range(0, len(text), _DNS_STRING))
    return f"{name}. IN TXT " + " ".join(f'"{part}"' for part in parts)


def _fields(head: bytes) -> dict[str, list[bytes]]:
    """The header fields by name in lower case, each in relaxed form."""
    unfolded = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    found: dict[str, list[bytes]] = {}
    for line in unfolded.split(_BREAK):
        name, _, value = line.partition(b":")
        found.setdefault(name.strip().lower().decode("ascii", "replace"), []).append(_relaxed(name, value))
    return found


def _relaxed(name: bytes, value: bytes) -> bytes:
    return name.strip().lower() + b":" + b" ".join(value.split())


def _relaxed_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.4. Replacing is many times faster than a regular expression over the whole."""
    text = body.replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    text = text.replace(b" \r\n", _BREAK)
    while text.endswith(_BREAK):
        text = text[:-2]
    return text + _BREAK if text else b""


def _named(names: list[str]) -> str:
    """The names joined by colons, in lines of a bearable length."""
    lines = [":".join(names[start : start + 4]) for start in range(0, len(names), 4)]
    return ":\r\n ".join(lines)


def _folded(signature: bytes) -> bytes:
    text = base64.b64encode(signature)
    return (_BREAK + b" ").join(text[start : start + _LINE] for start in range(0, len(text), _LINE))
