"""Shapes of state profiles and glossary terms."""

from __future__ import annotations

from typing import Any

import msgspec

from services.contacts.directory.schemas import Link
from services.contacts.paging import PageQuery, Slug


class ProfileQuery(PageQuery, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Filters of state profiles: the profile of one Land."""

    region: Slug = ""


class GlossaryQuery(PageQuery, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The glossary has no filters of its own."""


class StateProfileCard(msgspec.Struct, frozen=True, kw_only=True):
    """A state profile in a list."""

    id: str
    slug: str
    name: str
    region: str
    region_name: str
    source: Link
    stand: str
    version: int
    updated_at: str


class ProfileSection(msgspec.Struct, frozen=True):
    """One numbered section: short statements and the entries they speak of."""

    number: int
    title: str
    bullets: list[str]
    links: list[Link]


class StateProfileView(StateProfileCard, frozen=True, kw_only=True):
    """One state profile. `strategy` has name, last_updated (as printed), last_updated_iso and document (slug)."""

    strategy: dict[str, Any]
    sections: list[ProfileSection]
    planned_changes: list[str]


class GlossaryItem(msgspec.Struct, frozen=True, kw_only=True):
    """An abbreviation. `long` is "" when no source spells it out, `inferred` says it stands elsewhere in them."""

    id: str
    slug: str
    abbr: str
    long: str
    basis: str
    note: str
    ref: Link | None
    source: Link
    stand: str
    version: int
    updated_at: str
