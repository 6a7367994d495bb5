"""What is asked about demand and answered, as JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

By = Literal["words", "region", "topic", "stage", "target_group", "language", "format"]
Order = Literal["searches", "misses"]
Language = Literal["", "de", "en"]
Limit = Annotated[int, msgspec.Meta(ge=1, le=500)]


class DemandQuery(msgspec.Struct, frozen=True):
    """What to count by, over which days.

    `by` chooses the rows: words as they were searched for, or the region, topic, stage, target group, language of an
    offer or form of it that a search chose or named. `since` and `until` are the first and last day (ISO); without them
    the last 90 days. `region` (slug) keeps searches for this region and those inside it, `language` those of German or
    English readers. `missed` leaves only what was sometimes not found; `order` puts the most searched or the most
    missed first.
    """

    by: By = "words"
    since: date | None = None
    until: date | None = None
    region: str = ""
    language: Language = ""
    missed: bool = False
    order: Order = "searches"
    limit: Limit = 50
    cursor: str = ""


class Demand(msgspec.Struct, frozen=True):
    """One row: how often `value` was looked for (`searches`), and how often nothing was found (`misses`).

    `value` is the words (in small letters, without the place) or a slug, `label` the same to be read: the name of the
    region, the vocabulary's label in the reader's language, or the words again.
    """

    value: str
    label: str
    searches: int
    misses: int


class DemandReport(msgspec.Struct, frozen=True):
    """One page of rows. `since` and `until` are the days counted, `searches` and `misses` all searches among them.

    A search that names several topics counts once for each of them, one that names none for no topic, so rows need not
    add up to the whole. Words are told only once they were searched for at least `at_least` times in these days.
    `next` is the cursor of the following page, null at the end.
    """

    since: date
    until: date
    searches: int
    misses: int
    at_least: int
    items: list[Demand]
    next: str | None
