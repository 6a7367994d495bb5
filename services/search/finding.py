"""Finding: from what a person asks to one page of results, as it may be shown at this moment.

The engine finds; here its request is made and checked, the place is resolved, an empty district or radius is answered
with the nearest elsewhere, and every hit is looked at once more before it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from infra.errors import FieldError, Invalid, Text
from infra.web.cursors import decode_cursor, encode_cursor
from services.search import figures, running, views
from services.search.domain import (
    KINDS,
    MAX_OFFSET,
    PUBLIC,
    Request,
    check_filters,
    check_languages,
    check_values,
    checked_query,
)
from services.search.engine import Page
from services.search.nearby import Surroundings, elsewhere, narrowed, surroundings
from services.search.present import present
from services.search.queries import answered, numbers
from services.search.schemas import Near, SearchQuery, SearchResults, Suggestion, Suggestions, SuggestQuery
from services.search.statistics.counting import THEMES, Asked, words_of

SUGGESTED = 8


class _Mark(msgspec.Struct, array_like=True, frozen=True):
    """What a cursor says: the state of the index, how many were shown, and whether those lay elsewhere."""

    snapshot: int = 0
    offset: int = 0
    nearest: bool = False


@dataclass(frozen=True)
class _Found:
    """A page, the request that it answers, and whether that is the one without the choice of a place."""

    page: Page
    request: Request
    nearest: bool


async def search(query: SearchQuery, audience: frozenset[str], language: str) -> SearchResults:
    """One page of results for a person of these audiences.

    Raises:
        Invalid: query, filters, place or cursor cannot be used; the field says why.
        Unavailable: the engine is away, or the index is being made anew.
    """
    knowledge = running.current().knowledge
    filters = query.filters()
    check_values(filters)
    check_languages(filters.get("language", ()))
    await check_known(filters)
    around = surroundings(query.near, query.radius, knowledge)
    mark = _mark(query.cursor)
    request = _request(query, filters, audience, language, mark)
    found = await _found(narrowed(request, around), around, mark)
    if not query.cursor and not query.strict:
        _count(query, found, around)
    shown = await present(found.page.hits, audience, request.language)
    page = found.page
    return SearchResults(
        hits=[views.hit(hit, knowledge, request.language) for hit in shown],
        facets=views.facets(page) if query.facets else {},
        total=page.total - (len(page.hits) - len(shown)),
        next=_next(found),
        corrections=list(page.corrections),
        places=views.places(page, knowledge),
        near=_near(around),
        nearest=found.nearest,
        suggestions=await _suggestions(request.q, audience, SUGGESTED) if query.suggest else [],
    )


async def suggest(query: SuggestQuery, audience: frozenset[str]) -> Suggestions:
    """Completions for a person of these audiences; none while nothing searchable was typed."""
    typed = query.q.strip()
    if not any(letter.isalnum() for letter in typed):
        return Suggestions([])
    return Suggestions(await _suggestions(checked_query(typed), audience, query.limit))


def _request(
    query: SearchQuery, filters: dict[str, tuple[str, ...]], audience: frozenset[str], language: str, mark: _Mark
) -> Request:
    """What the engine is asked, wherever the place is. Invalid: the words cannot be searched for."""
    return Request(
        checked_query(query.q),
        filters,
        audience,
        "en" if language == "en" else "de",
        query.limit,
        mark.offset,
        mark.snapshot,
        strict=query.strict,
        newest_first=query.sort == "newest",
        facets=query.facets,
        today=datetime.now(UTC).date().isoformat(),
    )


async def _suggestions(typed: str, audience: frozenset[str], limit: int) -> list[Suggestion]:
    if not typed:
        return []
    return views.suggestions(await answered(running.current().engine.suggest(typed, audience, limit)))


async def _found(request: Request, around: Surroundings | None, mark: _Mark) -> _Found:
    """The page asked for; where the chosen place has nothing at all, the first page of the nearest elsewhere."""
    wider = None if request.strict else elsewhere(request, around, running.current().knowledge)
    if mark.nearest and wider:
        return _Found(await _timed(wider), wider, nearest=True)
    page = await _timed(request)
    if page.total or not wider or mark.offset:
        return _Found(page, request, nearest=False)
    instead = await _timed(wider)
    return _Found(instead, wider, nearest=True) if instead.total else _Found(page, request, nearest=False)


async def _timed(request: Request) -> Page:
    with figures.SEARCH_SECONDS.time():
        return await answered(running.current().engine.search(request))


def _count(query: SearchQuery, found: _Found, around: Surroundings | None) -> None:
    """Count what was looked for, unless nothing was: neither words, nor a place, nor a theme.

    Words by which somebody found what only some may see are not told to others, who could not find it.
    """
    page = found.page
    hidden = any(PUBLIC not in hit.document.audience for hit in page.hits)
    words = "" if hidden else words_of(query.q, [place.text for place in page.places])
    region = next(iter((*query.district, *([around.place.region] if around else []), *page.regions)), "")
    chosen = tuple(sorted({(facet, value) for facet in THEMES for value in found.request.filters.get(facet, ())}))
    if query.q.strip() or region or chosen:
        asked = Asked(datetime.now(UTC).date(), found.request.language, words, region, chosen)
        running.current().demand.add(asked, 1, int(found.nearest or not page.exact))


def _mark(cursor: str) -> _Mark:
    """What a cursor says. Invalid: not one of ours, or deeper than anybody reads."""
    if not cursor:
        return _Mark()
    mark = decode_cursor(cursor, _Mark)
    if not 0 <= mark.offset <= MAX_OFFSET or not 0 <= mark.snapshot < 2**63:
        text = Text(
            "So weit hinten zeigt Lotse nichts mehr. Bitte suchen Sie genauer.",
            "Lotse shows nothing that far down. Please search more precisely.",
        )
        raise Invalid(fields=[FieldError("cursor", text)])
    return mark


def _next(found: _Found) -> str | None:
    page = found.page
    if page.next_offset is None:
        return None
    return encode_cursor(_Mark(page.snapshot, page.next_offset, found.nearest))


def _near(around: Surroundings | None) -> Near | None:
    if around is None:
        return None
    place, point = around.place, around.place.point
    lat, lon = (point.lat, point.lon) if point else (None, None)
    return Near(place.text, place.name, place.region, lat, lon, around.km)


async def check_known(filters: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse values that do not exist; while the tables know more than this process does, none of them can be told."""
    parts = running.current()
    try:
        check_filters(filters, {**parts.knowledge.known_values, "kind": KINDS})
    except Invalid:
        if parts.learned == (await numbers()).knowledge:
            raise
