"""The rules of a subscription: what a person agrees to, what a token may do, who must not be written to."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from infra.errors import Text

PENDING = "pending"
ACTIVE = "active"

# What a line of the consent ledger says happened.
ASKED = "asked"  # somebody filled in a form
MAILED = "mailed"  # the server took the mail that asks to confirm
CONFIRMED = "confirmed"
CHANGED = "changed"
MOVE_ASKED = "move-asked"  # to another address, which has yet to confirm
MOVED = "moved"
UNSUBSCRIBED = "unsubscribed"
ERASED = "erased"
ENDED = "ended"  # not by the person: an editor, a bounce, a complaint
BLOCKED = "blocked"
LIFTED = "lifted"

# Why an address must not be written to, besides UNSUBSCRIBED and ERASED.
BOUNCED = "bounce"
COMPLAINED = "complaint"
# Reasons that somebody's own new sign-up, confirmed by mail, ends; the others only a person at the desk can.
OWN_REASONS = (UNSUBSCRIBED, ERASED)
# From weak to strong: a reason takes the place of weaker ones only.
REASONS = (UNSUBSCRIBED, ERASED, BOUNCED, COMPLAINED, BLOCKED)
# A mailbox that did not exist may exist after this; a sign-up may then ask it to confirm once more.
BOUNCE_RESTS = timedelta(days=30)

# How often an issue comes: each one, or only one that holds something for the reader's districts and topics.
EVERY = "every"
NEWS = "news"
LONGEST_PAUSE = timedelta(days=2 * 366)

# How often an address gets mail because somebody typed it into the form: once in a window, three times at most
# before it confirms, and then not more than once a day. `subscribers.counting` counts for each mailbox besides.
WINDOW_PENDING = timedelta(hours=1)
WINDOW_ACTIVE = timedelta(days=1)
MAILS_BEFORE_CONFIRMATION = 3
UNCONFIRMED_DAYS = 7
# How long the row of a mail is kept once it was dealt with.
KEEP_MAILS = timedelta(days=30)

LEAVE_BY_MAIL = "leave"  # purpose of the signed address in a mail to which any mail unsubscribes its reader

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
    """What a token may do; each purpose has a key of its own, so none passes for another.

    Every issue carries `PREFERENCES` and `UNSUBSCRIBE`, so that these are what a forwarded mail gives away: the choice,
    with the address masked, and leaving. `OWNER` opens everything else (the address, the proof, export, erasure,
    moving) and is mailed only when asked for; `MOVE` goes to a new address alone.
    """

    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"
    OWNER = "owner"
    MOVE = "move"


# A mail that servers hold back at first (greylisting, RFC 6647) arrives within the hour, so that two are enough.
LIFETIMES = {
    Purpose.CONFIRM: timedelta(days=UNCONFIRMED_DAYS),
    Purpose.PREFERENCES: timedelta(days=120),
    Purpose.OWNER: timedelta(hours=2),
    Purpose.MOVE: timedelta(days=2),
}


def may_mail(status: str, mails: int, last_mail_at: datetime | None, now: datetime) -> bool:
    """Whether a sign-up may cause another mail to its address."""
    if status == PENDING and mails >= MAILS_BEFORE_CONFIRMATION:
        return False
    window = WINDOW_PENDING if status == PENDING else WINDOW_ACTIVE
    return last_mail_at is None or now - last_mail_at >= window


def forbids(reason: str, since: datetime, now: datetime) -> bool:
    """Whether a suppression forbids even the mail that its owner asks for by a form."""
    if reason == BOUNCED:
        return now - since < BOUNCE_RESTS
    return reason not in OWN_REASONS


def is_stronger(reason: str, than: str) -> bool:
    """Whether `reason` takes the place of the suppression `than`."""
    return REASONS.index(reason) > REASONS.index(than)


def owner_of(address_hash: str) -> UUID:
    """The subject of an `OWNER` token: the address itself, not one of its subscriptions.

    So the token ends with the address: after moving, what was mailed to the old one opens nothing.
    """
    return UUID(hex=address_hash[:32])
