"""Which offers and dates are news, and whom one concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from infra.contracts.territory import Territory

OFFER = "offer"
EVENT = "event"


@dataclass(frozen=True)
class EntryPicture:
    """The picture of an entry. `hash` is its name among pictures, `path` its address below the site, for good."""

    hash: str
    path: str
    width: int
    height: int
    alt: str
    alt_en: str = ""
    credit: str = ""


@dataclass(frozen=True)
class Entry:
    """What an issue collects: an offer or date as networks published it, or an article of the editors.

    Dates are ISO days (or months, years) or "", `regions` slugs. `page` is what its address is called
    (see `infra.contracts.addresses`), `detail` a line of facts beside the title.
    """

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
    page: str = ""
    detail: str = ""
    detail_en: str = ""
    picture: EntryPicture | None = None

    @property
    def address_kind(self) -> str:
        """What the page of the entry is called; offers and dates that were frozen earlier are called as their kind."""
        return self.page or self.kind


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
