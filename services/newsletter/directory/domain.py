"""Which offers and dates are news, and whom one concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from infra.contracts.territory import Territory

OFFER = "offer"
EVENT = "event"


@dataclass(frozen=True)
class Entry:
    """An offer or date as networks published it. Dates are ISO days (or months, years) or "", `regions` slugs."""

    id: str
    kind: str
    version: int
    slug: str
    title: str
    title_en: str = ""
    summary: str = ""
    summary_en: str = ""
    network: str = ""
    network_name: str = ""
    regions: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    date_start: str = ""
    date_end: str = ""
    place: str = ""


def is_over(date_start: str, date_end: str, kind: str, today: date) -> bool:
    """Whether an offer's term or a date lies before `today`. An inexact day ("2026-11") lasts to its end."""
    last = date_end or (date_start if kind == EVENT else "")
    return bool(last) and last < today.isoformat()[: len(last)]


def concerns(
    territory: Territory, regions: Sequence[str], topics: Iterable[str], districts: Sequence[str], wanted: Sequence[str]
) -> bool:
    """Whether an entry (its regions, its topics) concerns a reader of `districts` with the topics `wanted`.

    No districts or no topics on either side means all of them.
    """
    about = set(topics)
    if wanted and about and not about & set(wanted):
        return False
    return not districts or not regions or any(territory.concerns(regions, district) for district in districts)
