"""Keeps what contacts told us in step. Every message carries a version; an older one than we hold is ignored.

What the handlers of one transaction keep is written together before its commit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

from infra.contracts.contacts import (
    EventPublished,
    NetworkPublished,
    OfferPublished,
    OfferWithdrawn,
    RegionPublished,
    VocabularyPublished,
)
from infra.db import Transaction
from infra.db.newer import gather_newer
from services.newsletter.directory.domain import EVENT, OFFER
from services.newsletter.directory.models import Collected, Network, Region, Vocabulary

AnyRow = TypeVar("AnyRow", Region, Vocabulary, Network, Collected)


async def keep_region(tx: Transaction, event: RegionPublished) -> None:
    """Remember a region's name and place in the territory."""
    values = {"name": event.name_full or event.name, "kind": event.kind, "parent": event.parent}
    _upsert(tx, Region, event.slug, event.version, values)


async def keep_vocabulary(tx: Transaction, event: VocabularyPublished) -> None:
    """Remember the labels of a vocabulary."""
    labels = {term.slug: {"de": term.de, "en": term.en} for term in event.terms}
    _upsert(tx, Vocabulary, event.slug, event.version, {"labels": labels})


async def keep_network(tx: Transaction, event: NetworkPublished) -> None:
    """Remember a network's name."""
    _upsert(tx, Network, event.slug, event.version, {"name": event.name})


async def collect_offer(tx: Transaction, event: OfferPublished) -> None:
    """Collect an offer, or bring the collected one up to date."""
    values = {
        "kind": OFFER,
        "slug": event.slug,
        "title": event.title or event.name,
        "title_en": event.title_en,
        "summary": event.summary or event.description,
        "summary_en": event.summary_en,
        "network": event.network,
        "network_name": event.network_name or event.provider_name,
        "regions": _regions(event.region, event.districts),
        "topics": event.topics,
        "date_start": event.valid_from,
        "date_end": event.valid_to,
        # Imported content that nobody published here is history of its source's date.
        "news": bool(event.published_at),
        "withdrawn": False,
    }
    _upsert(tx, Collected, event.id, event.version, values)


async def withdraw_offer(tx: Transaction, event: OfferWithdrawn) -> None:
    """Take an offer out of the collection. The row stays, so that an older message cannot bring it back."""
    values: dict[str, Any] = {"kind": OFFER, "slug": event.slug, "withdrawn": True}
    _upsert(tx, Collected, event.id, event.version, values)


async def collect_event(tx: Transaction, event: EventPublished) -> None:
    """Collect a date, or bring the collected one up to date."""
    values = {
        "kind": EVENT,
        "slug": event.slug,
        "title": event.name,
        "summary": event.description,
        "network_name": event.organiser_name,
        "regions": _regions(event.region, event.districts),
        "topics": event.topics,
        "date_start": event.date_start,
        "date_end": event.date_end,
        "place": event.place,
        "news": not event.source,
        "withdrawn": False,
    }
    _upsert(tx, Collected, event.id, event.version, values)


async def take(tx: Transaction, ids: Iterable[str], issue_id: UUID) -> None:
    """Reserve entries for an issue that goes out, those that are public still and went out with no other."""
    free = Collected.filter(id__in=list(ids), issue_id=None, withdrawn=False).using_db(tx.connection)
    await free.update(issue_id=issue_id)


def _regions(region: str, districts: list[str]) -> list[str]:
    """The finest places known: the districts where there are any, else the region."""
    return list(districts) if districts else [region] if region else []


def _upsert(tx: Transaction, model: type[AnyRow], key: str, version: int, values: dict[str, Any]) -> None:
    row = model(version=version, **values)
    row.pk = key
    gather_newer(tx, row, ("version", *values))
