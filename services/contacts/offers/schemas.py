"""Shapes of requests and answers about offers. What people enter is listed once, in `domain.Draft`."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import Annotated, Any, get_type_hints

import msgspec

from services.contacts.directory.schemas import Link
from services.contacts.offers.domain import Draft
from services.contacts.paging import Code, PageQuery, Slug


def _shape(name: str, *, partial: bool) -> type[msgspec.Struct]:
    """A request body with the fields of `Draft`; `partial`: what is left out stays as it is."""
    hints = get_type_hints(Draft)
    members: list[tuple[str, Any, Any]] = []
    for item in fields(Draft):
        kind = hints[item.name]
        if partial:
            members.append((item.name, kind | msgspec.UnsetType, msgspec.UNSET))
        elif item.default is not MISSING:
            members.append((item.name, kind, item.default))
        else:
            members.append((item.name, kind, msgspec.field(default_factory=list)))
    return msgspec.defstruct(name, members, kw_only=True, forbid_unknown_fields=True, module=__name__)


OfferCreate = _shape("OfferCreate", partial=False)
OfferChange = _shape("OfferChange", partial=True)


class Withdrawal(msgspec.Struct, forbid_unknown_fields=True):
    """Why an offer is taken back, in words for those who followed it; programs may leave it out."""

    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=500)] | None = None


class OfferQuery(PageQuery, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Filters of the list; several values of one filter mean any of them, several filters mean all of them.

    `district` follows the place rule: entries of the region, of regions above it and inside it. `mine`: entries of
    the networks the person coordinates, in every state. `sort` is "name" or "changed" (default: "name", for `mine`
    "changed"). Without `state` only published offers are listed.
    """

    network: list[Slug] = msgspec.field(default_factory=list)
    provider: Slug = ""
    district: Slug = ""
    stage: list[Code] = msgspec.field(default_factory=list)
    target_group: list[Code] = msgspec.field(default_factory=list)
    topic: list[Code] = msgspec.field(default_factory=list)
    kind: list[Code] = msgspec.field(default_factory=list)
    language: list[Code] = msgspec.field(default_factory=list)
    format: list[Code] = msgspec.field(default_factory=list)
    status: list[Code] = msgspec.field(default_factory=list)
    mine: bool = False
    state: Annotated[str, msgspec.Meta(pattern="^(draft|published|withdrawn|)$")] = ""
    sort: Annotated[str, msgspec.Meta(pattern="^(name|changed|)$")] = ""


class OfferCard(msgspec.Struct, frozen=True, kw_only=True):
    """An offer as it stands in a list. `region` is the smallest region around all its districts."""

    id: str
    slug: str
    title: str
    title_en: str
    summary: str
    summary_en: str
    kind: str
    state: str
    status: str
    network: str
    network_name: str
    provider: str
    provider_name: str
    region: str
    region_note: str
    districts: list[str]
    stages: list[str]
    target_groups: list[str]
    topics: list[str]
    languages: list[str]
    language_level_from: str
    language_level_to: str
    format: str
    part_time: bool | None
    childcare: bool | None
    valid_from: str
    valid_to: str
    source: str
    stand: str
    version: int
    updated_at: str
    published_at: str


@dataclass(frozen=True, kw_only=True)
class OfferView(Draft):
    """One offer with everything people entered, and what follows from it.

    `source` is as entered, `source_title` the title when it is a known source. `can_edit`: the person who asks may
    change, publish and withdraw it. `withdrawal_reason` is only filled for them.
    """

    id: str
    slug: str
    state: str
    status: str
    version: int
    origin: str
    region: str
    description_html: str
    description_en_html: str
    network_name: str
    provider_name: str
    contact_point_name: str
    partner_links: list[Link] = field(default_factory=list)
    source_title: str = ""
    created_at: str
    updated_at: str
    published_at: str
    withdrawn_at: str
    withdrawal_reason: str
    can_edit: bool = False
