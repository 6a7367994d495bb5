"""What is asked about saved searches and answered, as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from services.search.domain import MAX_QUERY
from services.search.schemas import Criteria

Frequency = Literal["daily", "weekly", "none"]
Name = Annotated[str, msgspec.Meta(max_length=MAX_QUERY)]
Mark = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class NewSavedSearch(Criteria, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A search to be kept. Without a `name` it is called by its words.

    `frequency` says how often to tell by mail what is new: with an account from now on, without one only daily or
    weekly, and only after the address was confirmed to the newsletter; until then, a week at most, it merely waits.
    """

    frequency: Frequency = "none"
    name: Name = ""


class SavedSearchChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another name or frequency; what is not sent stays."""

    name: Name | UnsetType = UNSET
    frequency: Frequency | UnsetType = UNSET


class SavedSearch(Criteria, frozen=True, kw_only=True):
    """A saved search as its owner sees it.

    `new` counts the public things that it finds and that were not there at `looked_at`, among the 1,000 newest of all;
    null while the index is away. `new_ids` are the newest of them, 20 at most. `mark` is the state up to which they
    were counted. `next_at` is when it is due next to be told by mail, null for never.
    """

    id: UUID
    name: str
    frequency: Frequency
    created_at: datetime
    looked_at: datetime
    next_at: datetime | None
    new: int | None
    new_ids: list[str]
    mark: int


class SavedSearchList(msgspec.Struct, frozen=True, kw_only=True):
    """All saved searches of an account, the newest first; there may be `most` of them."""

    items: list[SavedSearch]
    most: int


class Looked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The owner has seen what was new up to this `mark`. A lower one than before changes nothing."""

    mark: Mark
