"""Requests and answers around alerts."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Frequency = Literal["daily", "weekly"]
Language = Literal["de", "en"]


class AlertRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A wish to get mails about a saved search.

    `saved_search` is its id. `label` says in words what is searched and stands in the mails, `path` is where its
    results are on this site (`/suche?…`).
    """

    email: Annotated[str, msgspec.Meta(max_length=320)]
    saved_search: Annotated[str, msgspec.Meta(max_length=60)]
    frequency: Frequency
    path: Annotated[str, msgspec.Meta(max_length=10_000)]
    label: Annotated[str, msgspec.Meta(max_length=10_000)] = ""
    language: Language = "de"


class AlertView(msgspec.Struct):
    """An alert that is confirmed.

    `address` is masked (`m…@example.org`), since a forwarded mail may have brought somebody else here. `path` is the
    German one; `stop_token` ends the alert (page or one-click).
    """

    address: str
    label: str
    frequency: Frequency
    path: str
    language: Language
    stop_token: str


class AlertEnded(msgspec.Struct):
    """The alert has ended (also when it had ended before)."""

    message: str
