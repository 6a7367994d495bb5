"""Addresses as people type them: which can be written to, whose mailbox they mean, how they are shown and stored."""

from __future__ import annotations

import hashlib
import hmac
from functools import cache

from email_validator import EmailNotValidError, validate_email

from infra.errors import Text
from infra.mail.message import ENCODED_WORD

BAD_ADDRESS = Text(
    "Das ist keine E-Mail-Adresse, an die wir schreiben können. Erwartet wird zum Beispiel name@example.org.",
    "This is not an e-mail address we can write to. Expected is for example name@example.org.",
)
DISPOSABLE = Text(
    "Das ist eine Wegwerf-Adresse, die bald nicht mehr geht. Bitte nehmen Sie eine, die Sie behalten.",
    "This is a throw-away address that will soon stop working. Please use one that you keep.",
)
# One provider under two names.
_SAME_DOMAIN = {"googlemail.com": "gmail.com"}


def writable_address(typed: str, *, demo: bool) -> str:
    """The address to write to, its domain in ASCII (IDNA 2008); "" when what was typed is none."""
    try:
        checked = validate_email(typed, check_deliverability=False, strict=True, test_environment=demo)
    except EmailNotValidError:
        return ""
    return "" if ENCODED_WORD in typed else checked.ascii_email or ""


def address_problem(typed: str, *, demo: bool, disposable: bool) -> Text | None:
    """What is wrong with an address that somebody wants mail to; `disposable` says whether throw-away ones will do."""
    address = writable_address(typed, demo=demo)
    if not address:
        return BAD_ADDRESS
    return None if disposable or not is_disposable(address) else DISPOSABLE


def is_disposable(address: str) -> bool:
    """Whether the domain, or one that it belongs to, gives away mailboxes for minutes."""
    labels = address.lower().rpartition("@")[2].split(".")
    return any(".".join(labels[place:]) in _throw_away() for place in range(len(labels) - 1))


def inbox_of(address: str) -> str:
    """The address whose owner gets the mails of `address`, for counting: in lower case, without what follows a plus
    (RFC 5233, which many servers follow) and without dots (which some ignore).

    Else whoever floods somebody would only have to write it another way. Where a server does tell them apart, two
    people share one count.
    """
    local, _, domain = address.lower().rpartition("@")
    plain = local.partition("+")[0].replace(".", "")
    return f"{plain or local}@{_SAME_DOMAIN.get(domain, domain)}"


def mask(address: str) -> str:
    """An address that its owner recognises and nobody else can use: `m…@example.org`."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}…@{domain}"


def address_hash(key: bytes, address: str) -> str:
    """The keyed hash that stands for an address, upper and lower case alike."""
    return hmac.new(key, address.lower().encode(), hashlib.sha256).hexdigest()


@cache
def _throw_away() -> set[str]:
    """Ten thousand domains, 1.2 MB: only who takes sign-ups needs them."""
    from disposable_email_domains import blocklist

    return blocklist
