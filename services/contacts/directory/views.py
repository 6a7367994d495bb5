"""From rows of the directory to what readers get."""

from __future__ import annotations

from typing import Any

from services.contacts.directory.links import Links
from services.contacts.directory.models import ContactPoint, Document, Event, Network, Organisation, Source
from services.contacts.directory.schemas import (
    ContactPointCard,
    DocumentCard,
    EventCard,
    Link,
    NetworkCard,
    NetworkView,
    OrganisationCard,
    OrganisationView,
    SourceItem,
)
from services.contacts.entry import Described, Entry


def head(row: Entry, links: Links) -> dict[str, Any]:
    """What every entry of whatever kind shows."""
    return {
        "id": str(row.id),
        "slug": row.slug,
        "source": links.of(row.source),
        "stand": row.stand,
        "version": row.version,
        "updated_at": row.updated_at.isoformat(),
    }


def _card(row: Described, links: Links) -> dict[str, Any]:
    return head(row, links) | {
        "name": row.name,
        "kind": row.kind,
        "region": row.region,
        "region_name": links.name(row.region),
        "topics": row.topics,
        "description": row.description,
        "website": row.website,
    }


def _organisation(row: Organisation, links: Links) -> dict[str, Any]:
    return _card(row, links) | {"short": row.short, "subkind": row.subkind, "status": row.status}


def organisation_card(row: Organisation, links: Links) -> OrganisationCard:
    """An organisation in a list."""
    return OrganisationCard(**_organisation(row, links))


def organisation_view(row: Organisation, links: Links, networks: list[Link]) -> OrganisationView:
    """One organisation with the networks it belongs to."""
    return OrganisationView(
        **_organisation(row, links),
        aliases=row.aliases,
        languages=row.languages,
        parent=links.maybe(row.parent),
        since=row.since,
        address=row.address,
        phone=row.phone,
        email=row.email,
        contact_person=row.contact_person,
        also_in=links.all(row.also_in),
        networks=networks,
    )


def _network(row: Network, links: Links) -> dict[str, Any]:
    return _card(row, links) | {
        "short": row.short,
        "status": row.status,
        "lead": links.maybe(row.lead),
        "member_count": len(row.members),
    }


def network_card(row: Network, links: Links) -> NetworkCard:
    """A network in a list."""
    return NetworkCard(**_network(row, links))


def network_view(row: Network, links: Links, coordinators: list[str]) -> NetworkView:
    """One network with its members and the names of those who look after it."""
    return NetworkView(
        **_network(row, links),
        aliases=row.aliases,
        members=links.all(row.members),
        members_note=row.members_note,
        since=row.since,
        until=row.until,
        also_in=links.all(row.also_in),
        coordinators=coordinators,
    )


def contact_point(row: ContactPoint, links: Links) -> ContactPointCard:
    """A contact point, in lists and alone."""
    return ContactPointCard(
        **_card(row, links),
        organisation=links.maybe(row.organisation),
        network=links.maybe(row.network),
        districts=links.all(row.districts),
        languages=row.languages,
        address=row.address,
        phone=row.phone,
        email=row.email,
        hours=row.hours,
        accessibility=row.accessibility,
        lat=row.lat,
        lon=row.lon,
    )


def document(row: Document, links: Links) -> DocumentCard:
    """A document, in lists and alone."""
    return DocumentCard(
        **_card(row, links), issuer=links.maybe(row.issuer), partners=links.all(row.partners), date=row.date
    )


def event(row: Event, links: Links) -> EventCard:
    """A date, in lists and alone."""
    return EventCard(
        **_card(row, links),
        place=row.place,
        organiser=links.maybe(row.organiser),
        participants=links.all(row.participants),
        date_start=row.date_start,
        date_end=row.date_end,
        recurrence=row.recurrence,
    )


def source(row: Source, links: Links) -> SourceItem:
    """A source document."""
    return SourceItem(
        id=str(row.id),
        slug=row.slug,
        title=row.name,
        publisher=links.maybe(row.publisher),
        kind=row.kind,
        date=row.date,
        date_note=row.date_note,
    )
