"""The rules of a subscription: what a person agrees to, how often we write before they do, what a token may do."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from infra.errors import Text
from infra.mail.message import ENCODED_WORD

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


BAD_ADDRESS = Text(
    "Das ist keine E-Mail-Adresse, an die wir schreiben können. Erwartet wird zum Beispiel name@example.org.",
    "This is not an e-mail address we can write to. Expected is for example name@example.org.",
)


class Purpose(StrEnum):
    """What a token may do; each purpose has a key of its own, so none passes for another."""

    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"


LIFETIMES = {Purpose.CONFIRM: timedelta(days=UNCONFIRMED_DAYS), Purpose.PREFERENCES: timedelta(days=120)}


def writable_address(typed: str, *, demo: bool) -> str:
    """The address to write to, its domain in ASCII (IDNA 2008); "" when what was typed is none."""
    try:
        checked = validate_email(typed, check_deliverability=False, strict=True, test_environment=demo)
    except EmailNotValidError:
        return ""
    return "" if ENCODED_WORD in typed else checked.ascii_email or ""


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
