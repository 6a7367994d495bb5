"""Regions as events."""

from __future__ import annotations

from infra.contracts.contacts import RegionPublished
from services.contacts.places.models import Region


def region_published(row: Region) -> RegionPublished:
    """The region as it stands now."""
    return RegionPublished(
        id=str(row.id),
        version=row.version,
        slug=row.slug,
        name=row.name,
        name_full=row.name_full,
        kind=row.kind,
        parent=row.parent,
        ags=row.ags,
        lat=row.lat,
        lon=row.lon,
    )
