"""Requests and answers around a subscription."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

Language = Literal["de", "en"]
Frequency = Literal["every", "news"]
Slugs = Annotated[list[Annotated[str, msgspec.Meta(max_length=120)]], msgspec.Meta(max_length=60)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Address = Annotated[str, msgspec.Meta(max_length=320)]


class Choice(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody wants. No district means all of them, no topic all topics.

    `frequency`: each issue, or only those that hold something for these districts and topics.
    """

    districts: Slugs = []
    topics: Slugs = []
    language: Language = "de"
    frequency: Frequency = "news"


class SubscriptionRequest(Choice, kw_only=True, forbid_unknown_fields=True):
    """A wish to get the newsletter.

    `form` says which form it was filled in on (a path or a name), `text_version` which wording stood beside it (see
    `/consent`; "" for the newest): both stand in the proof.
    """

    email: Address
    form: Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[\w ./:-]*(?!\n)$")] = ""
    text_version: Annotated[str, msgspec.Meta(max_length=20)] = ""


class ConsentText(msgspec.Struct):
    """What somebody who signs up agrees to; `version` stands in the consent ledger."""

    version: str
    de: str
    en: str


class Accepted(msgspec.Struct):
    """The one answer to every form that causes a mail, whoever the address belongs to."""

    message: str


class TokenRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The token of a link that was mailed."""

    token: Token


class PreferencesRequest(Choice, kw_only=True, forbid_unknown_fields=True):
    """What a subscriber wants from now on; replaces the old choice. `paused_until`: no issue before this day."""

    token: Token
    paused_until: date | None = None


class MoveRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A wish to get the newsletter at another address; `token` is the one of the way to one's own data."""

    token: Token
    email: Address


class PreferencesView(msgspec.Struct):
    """What a subscriber gets now.

    `address` is masked (`m…@example.org`), since a forwarded mail may have brought somebody else here.
    `preferences_token` opens this again, `unsubscribe_token` ends the subscription (page or one-click).
    """

    address: str
    districts: list[str]
    topics: list[str]
    language: Language
    frequency: Frequency
    paused_until: date | None
    preferences_token: str
    unsubscribe_token: str


class Unsubscribed(msgspec.Struct):
    """The subscription has ended (also when it had ended before)."""

    message: str
