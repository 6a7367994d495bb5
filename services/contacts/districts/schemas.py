"""Shapes of regions and of the process chain of a region."""

from __future__ import annotations

from typing import Annotated

import msgspec

from services.contacts.offers.schemas import OfferCard
from services.contacts.paging import Code, Slug


class RegionQuery(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Filters of the list of regions; it is short enough to be given whole."""

    kind: list[Code] = msgspec.field(default_factory=list)
    parent: Slug = ""
    cursor: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 500


class RegionItem(msgspec.Struct, frozen=True, kw_only=True):
    """A region. `offers` counts published, not ended offers inside it (not those of regions above)."""

    id: str
    slug: str
    name: str
    name_full: str
    kind: str
    type_label: str
    ags: str
    nuts: str
    parent: str
    lat: float
    lon: float
    label_lat: float
    label_lon: float
    source: str
    stand: str
    offers: int


class RegionLink(msgspec.Struct, frozen=True):
    """A region to go on to."""

    slug: str
    name: str
    kind: str


class RegionView(RegionItem, frozen=True, kw_only=True):
    """One region with its parents (nearest first) and children.

    `offers` counts published, not ended offers inside the region, `offers_concerning` those of regions above as well.
    """

    parents: list[RegionLink]
    children: list[RegionItem]
    offers_concerning: int


class ChainStage(msgspec.Struct, frozen=True):
    """One stage of the process chain with its first offers, nearest first; `total` counts all."""

    stage: str
    de: str
    en: str
    total: int
    offers: list[OfferCard]


class Chain(msgspec.Struct, frozen=True):
    """The published, not ended offers that concern a region, by stage, in the order of the process."""

    region: RegionLink
    stages: list[ChainStage]
