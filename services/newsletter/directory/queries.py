"""Reads what contacts told us: the territory, known slugs, labels, and what waits for the next issue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from tortoise.expressions import Q

from infra.contracts.territory import Territory
from infra.errors import FieldError, Text
from services.newsletter.directory.domain import EVENT, Entry, is_over
from services.newsletter.directory.models import Collected, Network, Region, Vocabulary


async def territory() -> Territory:
    """The tree of regions."""
    return Territory(dict(await Region.all().values_list("slug", "parent")))


async def region_names(slugs: Iterable[str]) -> dict[str, str]:
    """Names of regions by slug."""
    rows = await Region.filter(slug__in=list(set(slugs))).values_list("slug", "name")
    return dict(rows)


async def all_regions() -> dict[str, str]:
    """Names of all regions by slug."""
    return dict(await Region.all().values_list("slug", "name"))


async def topic_labels(language: str) -> dict[str, str]:
    """Labels of all topics by slug."""
    row = await Vocabulary.get_or_none(slug="topics")
    return {slug: label[language] or label["de"] for slug, label in row.labels.items()} if row else {}


async def choice_errors(districts: list[str], topics: list[str]) -> list[FieldError]:
    """What is wrong with a choice of districts and topics: each slug that nobody knows, by field."""
    regions = await region_names(districts)
    labels = await topic_labels("de")
    unknown = [("districts", slug) for slug in districts if slug not in regions]
    unknown += [("topics", slug) for slug in topics if slug not in labels]
    return [FieldError(field, no_such(slug)) for field, slug in unknown]


def no_such(name: str) -> Text:
    """Says that nobody here knows this slug or name."""
    return Text(f"„{name}“ gibt es hier nicht.", f"“{name}” does not exist here.")


async def waiting(today: date) -> list[Entry]:
    """What was published since the last issue and is still to come or to use: offers, then dates, each in order."""
    rows = await Collected.filter(news=True, withdrawn=False, issue_id=None).order_by("first_seen_at", "id")
    return _ordered([row for row in rows if not is_over(row.date_start, row.date_end, row.kind, today)], await _names())


async def current(ids: Iterable[str], issue_id: UUID) -> list[Entry]:
    """The named entries as they stand now, without those that were withdrawn or sent with another issue meanwhile."""
    free = Q(issue_id=None) | Q(issue_id=issue_id)
    rows = await Collected.filter(free, id__in=list(ids), withdrawn=False).order_by("first_seen_at", "id")
    return _ordered(rows, await _names())


async def _names() -> dict[str, str]:
    return dict(await Network.all().values_list("slug", "name"))


def _ordered(rows: list[Collected], names: dict[str, str]) -> list[Entry]:
    """Offers as they were published, dates by day."""
    rows.sort(key=lambda row: row.date_start if row.kind == EVENT else "")
    return [_entry(row, names) for row in rows]


def _entry(row: Collected, names: dict[str, str]) -> Entry:
    return Entry(
        id=row.id,
        kind=row.kind,
        version=row.version,
        slug=row.slug,
        title=row.title,
        title_en=row.title_en,
        summary=row.summary,
        summary_en=row.summary_en,
        network=row.network,
        network_name=names.get(row.network, row.network_name),
        regions=row.regions,
        topics=row.topics,
        date_start=row.date_start,
        date_end=row.date_end,
        place=row.place,
    )
