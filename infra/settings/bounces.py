"""The settings of what comes back: the address that bounces go to, and the ways in which they reach us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from infra.settings.fields import Check, Field, is_mail_address, is_port

# What is added to the address of one mail (purpose, id, signature) leaves so much of the 64 octets of a local part.
LONGEST_NAME = 11
SHORTEST_KEY = 20

FIELDS = (
    Field(
        "LOTSE_BOUNCE_ADDRESS",
        "",
        f"bounces@bounces.example.org: undeliverable mails come back to bounces+…@ this domain (name of at most "
        f"{LONGEST_NAME} characters); empty = to LOTSE_MAIL_FROM, and nobody evaluates them",
    ),
    Field(
        "LOTSE_BOUNCE_MAILBOX",
        "",
        "mailbox to read them from: imaps://user:password@host/INBOX, imap+starttls://, pop3s:// or pop3+starttls://; "
        "?move=FOLDER moves what was read (IMAP) instead of deleting it; empty = none",
    ),
    Field(
        "LOTSE_LMTP_LISTEN", "", "host:port where a mail server may deliver them by LMTP, never public; empty = none"
    ),
    Field(
        "LOTSE_BOUNCE_HTTP_KEY",
        "",
        f"key (at least {SHORTEST_KEY} characters) with which a mail server may post them to /eingang/mail; "
        "empty = that address does not exist",
    ),
)

_PORTS: Mapping[str, int] = MappingProxyType(
    {"imaps": 993, "imap+starttls": 143, "imap": 143, "pop3s": 995, "pop3+starttls": 110, "pop3": 110}
)
_SECURITY: Mapping[str, str] = MappingProxyType({"s": "tls", "+starttls": "starttls", "": "none"})
_PLAIN = frozenset({"imap", "pop3"})


@dataclass(frozen=True)
class MailAccount:
    """A mailbox on a server. `protocol` is imap or pop3, `security` tls, starttls or none (this machine only).

    `folder` is read; what was read goes to `move_to`, or away where that is "".
    """

    protocol: str
    security: str
    host: str
    port: int
    user: str
    password: str
    folder: str = "INBOX"
    move_to: str = ""

    def __repr__(self) -> str:
        """Without user and password, since it may be logged."""
        return f"<MailAccount {self.protocol} {self.host}:{self.port}>"


@dataclass(frozen=True, kw_only=True)
class BounceSettings:
    """What taking in bounces needs to know; "" means that there is no such way."""

    bounce_address: str
    bounce_mailbox: str
    lmtp_listen: str
    bounce_http_key: str

    @property
    def bounce_account(self) -> MailAccount | None:
        """The mailbox to read from."""
        return parse_account(self.bounce_mailbox) if self.bounce_mailbox else None


def parse_account(text: str) -> MailAccount:
    """The mailbox that an address like `imaps://user:password@host/INBOX?move=Done` names. Raises ValueError."""
    parts = urlsplit(text)
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username or any(map(str.isspace, text)):
        raise ValueError("expected imaps://, imap+starttls://, pop3s:// or pop3+starttls:// with user and host")
    if parts.scheme in _PLAIN and not _is_local(parts.hostname):
        raise ValueError("a password must not cross a network in the clear")
    options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    protocol = parts.scheme[:4]
    if not (parts.path + parts.query).isascii() or not unquote(parts.path).isascii():
        raise ValueError("expected names of folders in ASCII")  # others would need an encoding of IMAP's own
    if not options.keys() <= {"move"} or (protocol == "pop3" and (options or parts.path.strip("/"))):
        raise ValueError("expected no options but move, and with pop3 no folder either")
    folder, move_to = unquote(parts.path.strip("/")) or "INBOX", options.get("move", [""])[0]
    if move_to and move_to.casefold() == folder.casefold():
        raise ValueError("expected another folder to move to, else the same mails are read for ever")
    return MailAccount(
        protocol=protocol,
        security=_SECURITY[parts.scheme.removeprefix(protocol)],
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=folder,
        move_to=move_to,
    )


def read(values: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `BounceSettings` for values that are well."""
    return {
        "bounce_address": values["LOTSE_BOUNCE_ADDRESS"],
        "bounce_mailbox": values["LOTSE_BOUNCE_MAILBOX"],
        "lmtp_listen": values["LOTSE_LMTP_LISTEN"],
        "bounce_http_key": values["LOTSE_BOUNCE_HTTP_KEY"],
    }


def checks(values: Mapping[str, str]) -> tuple[Check, ...]:
    """What must hold of the values, each with its cure."""
    address, mailbox = values["LOTSE_BOUNCE_ADDRESS"], values["LOTSE_BOUNCE_MAILBOX"]
    listen, key = values["LOTSE_LMTP_LISTEN"], values["LOTSE_BOUNCE_HTTP_KEY"]
    return (
        (
            not address or _is_bounce_address(address),
            f"LOTSE_BOUNCE_ADDRESS must be one plain e-mail address whose name has at most {LONGEST_NAME} characters "
            "and no plus sign.",
        ),
        (
            not mailbox or _is_account(mailbox),
            "LOTSE_BOUNCE_MAILBOX must be like imaps://user:password@host/INBOX or pop3s://user:password@host, special "
            "characters percent-encoded, ?move= naming another folder; imap:// and pop3:// without TLS only on this "
            "machine.",
        ),
        (
            not listen or _is_private_listener(listen),
            "LOTSE_LMTP_LISTEN must be host:port with an address of this machine or of a private network, since "
            "whoever reaches it needs no password.",
        ),
        (
            not key or (len(key) >= SHORTEST_KEY and key.isascii() and key.isprintable() and " " not in key),
            f"LOTSE_BOUNCE_HTTP_KEY must be empty or at least {SHORTEST_KEY} letters and digits.",
        ),
    )


def is_private(address: str) -> bool:
    """Whether an IP address reaches no further than this machine or a private network."""
    found = ip_address(address)
    return found.is_loopback or (found.is_private and not found.is_unspecified)


def _is_bounce_address(text: str) -> bool:
    name = text.rpartition("@")[0]
    return is_mail_address(text) and len(name) <= LONGEST_NAME and "+" not in name


def _is_account(text: str) -> bool:
    try:
        parse_account(text)
    except ValueError:
        return False
    return True


def _is_private_listener(text: str) -> bool:
    """A name is looked up when the listener starts; an address can be judged now."""
    host, colon, port = text.rpartition(":")
    if not (host and colon and port and is_port(port)):
        return False
    try:
        return is_private(host.strip("[]"))
    except ValueError:
        return not set(host) & set("@/ ")


def _is_local(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")
