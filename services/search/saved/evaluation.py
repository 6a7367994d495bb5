"""What a saved search finds among the things that everybody can find since lately.

A thing is new by the number of the change that made it public, not by a time: numbers become visible in their order,
so "everything after n" misses nothing. Each search is strict and narrowed to the ids of what is new.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from infra.errors import Invalid, Unavailable
from services.search import running
from services.search.domain import PUBLIC, Document, Request, checked_query
from services.search.engine import Found
from services.search.models import SavedSearch, SearchDocument
from services.search.nearby import narrowed, surroundings
from services.search.present import present
from services.search.queries import answered, numbers
from services.search.saved.domain import MOST_HITS, NEWEST, canonical
from services.search.schemas import Criteria

EVERYBODY = frozenset({PUBLIC})


@dataclass(frozen=True)
class Match:
    """What one search finds: how much in all, and the ids of the newest."""

    total: int = 0
    ids: tuple[str, ...] = ()


async def caught_up() -> int | None:
    """The number of the last change, when the index surely has everything up to it and all words and places are known.

    None while that is not so.

    Raises:
        Unavailable: the engine is away, or the index is being made anew.
    """
    parts = running.current()
    now = await numbers()
    await answered(parts.engine.refresh())
    understands = parts.ready and parts.learned == now.knowledge
    return now.last_change if understands and parts.engine.position >= now.last_change else None


class Evaluation:
    """One look at what became public up to a change. Equal searches are asked once, whoever saved them.

    `unanswered` are those that the engine was asked for in vain.
    """

    def __init__(self, up_to: int, new: Sequence[tuple[int, str]]) -> None:
        """`new` are the numbers and ids of what became public, the newest first."""
        self.up_to = up_to
        self._backwards = [-number for number, _ in new]
        self._ids = [identifier for _, identifier in new]
        self._matches: dict[tuple[str, int], Match] = {}
        self._found: dict[str, Found] = {}
        self.unanswered: set[tuple[str, int]] = set()

    async def match(self, row: SavedSearch, after: int) -> Match:
        """What the search finds among the things that became public after change `after`.

        Raises:
            Unavailable: the engine is away, or the index is being made anew.
        """
        count = bisect_left(self._backwards, -after)
        if not count:
            return Match()
        criteria = criteria_of(row)
        key = (canonical(criteria), count)
        if key in self.unanswered:
            raise Unavailable
        if key not in self._matches:
            self.unanswered.add(key)
            self._matches[key] = await self._search(criteria, self._ids[:count])
            self.unanswered.remove(key)
        return self._matches[key]

    async def shown(self, ids: Sequence[str]) -> dict[str, Document]:
        """Those of the things found that everybody may see at this moment, as they are now."""
        hits = await present([self._found[identifier] for identifier in ids], EVERYBODY, "de")
        return {hit.document.id: hit.document for hit in hits}

    async def _search(self, criteria: Criteria, ids: Sequence[str]) -> Match:
        request = _request(criteria)
        if request is None:
            return Match()
        total, newest = 0, list[str]()
        for start in range(0, len(ids), NEWEST):
            limit = max(MOST_HITS - len(newest), 1)
            only = frozenset(ids[start : start + NEWEST])
            page = await answered(running.current().engine.search(replace(request, only=only, limit=limit)))
            total += page.total
            self._found.update((hit.document.id, hit) for hit in page.hits)
            newest += [hit.document.id for hit in page.hits]
        return Match(total, tuple(newest[:MOST_HITS]))


async def evaluation(after: int, up_to: int, limit: int | None = None) -> Evaluation:
    """What became public after one change and up to another, the newest `limit` of it."""
    rows = SearchDocument.filter(public_since__gt=after, public_since__lte=up_to, removed=False)
    rows = rows.order_by("-public_since")
    found: Any = await (rows if limit is None else rows.limit(limit)).values_list("public_since", "id")
    return Evaluation(up_to, found)


def criteria_of(row: SavedSearch) -> Criteria:
    """What a saved search looks for."""
    return msgspec.convert(row.criteria, Criteria)


def _request(criteria: Criteria) -> Request | None:
    """The search to make; None when it cannot be made any more: a place that is not known, a rule that is stricter."""
    try:
        around = surroundings(criteria.near, criteria.radius, running.current().knowledge)
        words = checked_query(criteria.q)
    except Invalid:
        return None
    request = Request(words, criteria.filters(), EVERYBODY, strict=True, newest_first=True, facets=False)
    return narrowed(request, around)
