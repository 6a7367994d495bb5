"""Requests and answers around a subscription."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Language = Literal["de", "en"]
Slugs = Annotated[list[Annotated[str, msgspec.Meta(max_length=120)]], msgspec.Meta(max_length=60)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class SubscriptionRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A wish to get the newsletter. No district means all of them, no topic all topics."""

    email: Annotated[str, msgspec.Meta(max_length=320)]
    districts: Slugs = []
    topics: Slugs = []
    language: Language = "de"


class ConsentText(msgspec.Struct):
    """What somebody who signs up agrees to; `version` stands in the consent ledger."""

    version: str
    de: str
    en: str


class Accepted(msgspec.Struct):
    """The one answer to every sign-up, whoever the address belongs to."""

    message: str


class TokenRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The token of a link that was mailed."""

    token: Token


class PreferencesRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What a subscriber wants from now on; replaces the old choice."""

    token: Token
    districts: Slugs = []
    topics: Slugs = []
    language: Language = "de"


class PreferencesView(msgspec.Struct):
    """What a subscriber gets now.

    `address` is masked (`m…@example.org`), since a forwarded mail may have brought somebody else here.
    `preferences_token` opens this again, `unsubscribe_token` ends the subscription (page or one-click).
    """

    address: str
    districts: list[str]
    topics: list[str]
    language: Language
    preferences_token: str
    unsubscribe_token: str


class Unsubscribed(msgspec.Struct):
    """The subscription has ended (also when it had ended before)."""

    message: str
