"""Requests and answers about what is held of one address."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from services.newsletter.subscribers.schemas import Address, Frequency, Language, Token

Reason = Literal["unsubscribed", "erased", "bounce", "complaint", "blocked"]
Note = Annotated[str, msgspec.Meta(min_length=3, max_length=300)]


class AddressRequest(msgspec.Struct, forbid_unknown_fields=True):
    """An address that somebody typed."""

    email: Address


class LookUpRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Whose record to show. In the body, so that no address gets into a log."""

    email: Address


class DeskRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What an editor does for an address, and why; the reason stands in the proof."""

    email: Address
    note: Note


class OwnerRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The token of the way to one's own data."""

    token: Token


class ProofLine(msgspec.Struct):
    """One line of the consent ledger; `wording` is the exact text that stood beside the form ("" where none did).

    `at` is ISO 8601 in UTC. The other fields are those of `subscribers.models.Consent`.
    """

    act: str
    at: str
    way: str
    form: str
    text_version: str
    wording: str
    language: str
    message_id: str
    about: str
    note: str


class Subscription(msgspec.Struct):
    """The subscription of an address."""

    status: Literal["pending", "active"]
    language: Language
    districts: list[str]
    topics: list[str]
    frequency: Frequency
    paused_until: date | None
    asked_at: str
    confirmed_at: str


class HeldAlert(msgspec.Struct):
    """A saved search that the address gets mails about."""

    label: str
    path: str
    frequency: str
    language: str
    status: str
    asked_at: str
    confirmed_at: str


class HeldDelivery(msgspec.Struct):
    """An issue that went, or was to go, to the address, and what the mail server said."""

    quarter: str
    status: str
    at: str
    reply_code: int
    reply: str


class HeldReturn(msgspec.Struct):
    """A mail that came back from the address, or was reported as spam, without the server's words."""

    kind: str
    at: str
    status: str


class HeldLetter(msgspec.Struct):
    """What somebody wrote to us from the address, until it was dealt with."""

    subject: str
    text: str
    at: str


class SuppressionView(msgspec.Struct):
    """Why and since when the address must not be written to."""

    reason: str
    at: str


class Held(msgspec.Struct):
    """All that is held about one address. `address_hash` is the keyed hash that stands for it."""

    address: str
    address_hash: str
    subscription: Subscription | None
    alerts: list[HeldAlert]
    deliveries: list[HeldDelivery]
    returned: list[HeldReturn]
    letters: list[HeldLetter]
    suppression: SuppressionView | None
    proof: list[ProofLine]


class OwnRecord(msgspec.Struct):
    """The same for the person; the tokens open the preferences and end the subscription ("" without one)."""

    held: Held
    preferences_token: str = ""
    unsubscribe_token: str = ""


class Erased(msgspec.Struct):
    """All that could be deleted is."""

    message: str


class SuppressedEntry(msgspec.Struct):
    """An address that must not be written to, of which only the beginning of the keyed hash is shown."""

    address_hash: str
    reason: str
    at: str


class SuppressionPage(msgspec.Struct):
    """A page of them, newest first; `counts` by reason are of all."""

    items: list[SuppressedEntry]
    total: int
    counts: dict[str, int]
    next: str | None


class SuppressionQuery(msgspec.Struct):
    """Which of them."""

    reason: Reason | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50
    cursor: str = ""


class Figures(msgspec.Struct):
    """How many read the newsletter: confirmed and unconfirmed, paused today, by language and by frequency."""

    active: int
    pending: int
    paused: int
    languages: dict[str, int]
    frequencies: dict[str, int]
