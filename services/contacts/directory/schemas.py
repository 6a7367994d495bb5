"""Shapes of the directory: one card for lists and one view per kind. References are links with the name to show."""

from __future__ import annotations

import msgspec

from services.contacts.paging import Code, Day, PageQuery, Slug


class Link(msgspec.Struct, frozen=True):
    """A reference; `kind` says which address it has: organisation, network, offer, document, event, region, source.

    `kind` is "" when the slug leads nowhere (any more); then `name` is the slug.
    """

    slug: str
    name: str
    kind: str = ""


class DirectoryQuery(PageQuery, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Filters of all directory lists. `region` follows the place rule; `kind` means any of them."""

    region: Slug = ""
    kind: list[Code] = msgspec.field(default_factory=list)


class ContactPointQuery(PageQuery, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Filters of contact points. `district` follows the place rule; several values of a filter mean any of them."""

    district: Slug = ""
    kind: list[Code] = msgspec.field(default_factory=list)
    language: list[Code] = msgspec.field(default_factory=list)
    topic: list[Slug] = msgspec.field(default_factory=list)
    network: Slug = ""


class EventQuery(DirectoryQuery, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Filters of dates: on or after, on or before a day (ISO)."""

    after: Day = ""
    before: Day = ""


class PlainQuery(PageQuery, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A list without filters of its own."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What every entry shows. `stand` is the date the entry stands for, as exact as known; always show it."""

    id: str
    slug: str
    name: str
    kind: str
    region: str
    region_name: str
    topics: list[str]
    description: str
    website: str
    source: Link
    stand: str
    version: int
    updated_at: str


class OrganisationCard(Card, frozen=True, kw_only=True):
    """An organisation in a list."""

    short: str
    subkind: str
    status: str


class OrganisationView(OrganisationCard, frozen=True, kw_only=True):
    """One organisation. Address, phone and mail are the body's public ones."""

    aliases: list[str]
    languages: list[str]
    parent: Link | None
    since: str
    address: str
    phone: str
    email: str
    contact_person: str
    also_in: list[Link]
    networks: list[Link]


class NetworkCard(Card, frozen=True, kw_only=True):
    """A network in a list."""

    short: str
    status: str
    lead: Link | None
    member_count: int


class NetworkView(NetworkCard, frozen=True, kw_only=True):
    """One network. `coordinators` are public display names."""

    aliases: list[str]
    members: list[Link]
    members_note: str
    since: str
    until: str
    also_in: list[Link]
    coordinators: list[str]


class ContactPointCard(Card, frozen=True, kw_only=True):
    """A contact point; lists and single answers show the same."""

    organisation: Link | None
    network: Link | None
    districts: list[Link]
    languages: list[str]
    address: str
    phone: str
    email: str
    hours: str
    accessibility: str
    lat: float | None
    lon: float | None


class DocumentCard(Card, frozen=True, kw_only=True):
    """A document; lists and single answers show the same. `date` is as exact as known."""

    issuer: Link | None
    partners: list[Link]
    date: str


class EventCard(Card, frozen=True, kw_only=True):
    """A date; lists and single answers show the same. Dates are as exact as known, `recurrence` is in words."""

    place: str
    organiser: Link | None
    participants: list[Link]
    date_start: str
    date_end: str
    recurrence: str


class SourceItem(msgspec.Struct, frozen=True, kw_only=True):
    """A document that entries were taken from."""

    id: str
    slug: str
    title: str
    publisher: Link | None
    kind: str
    date: str
    date_note: str
