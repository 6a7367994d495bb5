"""Entries of the directory as events, with the names of what they refer to."""

from __future__ import annotations

from typing import Any

from infra.contracts.contacts import (
    ContactPointPublished,
    DocumentPublished,
    EventPublished,
    NetworkPublished,
    OrganisationPublished,
)
from services.contacts.directory.links import Links
from services.contacts.directory.models import ContactPoint, Document, Event, Network, Organisation
from services.contacts.entry import Described


def organisation_published(row: Organisation, _links: Links) -> OrganisationPublished:
    """An organisation as it stands now."""
    return OrganisationPublished(**_entry(row), short=row.short, subkind=row.subkind, languages=list(row.languages))


def network_published(row: Network, links: Links) -> NetworkPublished:
    """A network as it stands now."""
    return NetworkPublished(
        **_entry(row),
        short=row.short,
        lead=row.lead,
        lead_name=links.name(row.lead),
        member_names=[links.name(slug) for slug in row.members],
        status=row.status,
    )


def contact_point_published(row: ContactPoint, links: Links) -> ContactPointPublished:
    """A contact point as it stands now; how to reach it is asked of contacts, not told in an event."""
    return ContactPointPublished(
        **_entry(row) | {"districts": list(row.districts)},
        organisation=row.organisation,
        organisation_name=links.name(row.organisation),
        languages=list(row.languages),
        lat=row.lat,
        lon=row.lon,
    )


def document_published(row: Document, links: Links) -> DocumentPublished:
    """A document as it stands now."""
    return DocumentPublished(**_entry(row), issuer_name=links.name(row.issuer), date=row.date)


def event_published(row: Event, links: Links) -> EventPublished:
    """A date as it stands now."""
    return EventPublished(
        **_entry(row),
        place=row.place,
        organiser_name=links.name(row.organiser),
        date_start=row.date_start,
        date_end=row.date_end,
        recurrence=row.recurrence,
    )


def _entry(row: Described) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "version": row.version,
        "slug": row.slug,
        "name": row.name,
        "aliases": list(row.aliases),
        "kind": row.kind,
        "region": row.region,
        "districts": [row.region] if row.region else [],
        "topics": list(row.topics),
        "description": row.description,
        "website": row.website,
        "source": row.source,
        "stand": row.stand,
    }
