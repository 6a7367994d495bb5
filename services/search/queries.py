"""Reading: searches through the engine, and what the indexer reads from the tables."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import TypeVar

import msgspec
from tortoise.functions import Max

from infra.contracts.contacts import Term
from infra.errors import FieldError, Invalid, Text, Unavailable
from infra.web.cursors import decode_cursor, encode_cursor
from infra.web.trail import reason_of
from services.search import figures, running
from services.search.domain import (
    KINDS,
    MAX_OFFSET,
    PUBLIC,
    Document,
    Request,
    check_filters,
    checked_query,
    shown_summary,
    shown_title,
)
from services.search.engine import AwayError, Batch, Change, DamagedError, Found, Page
from services.search.language.knowledge import Knowledge, RegionFacts
from services.search.models import KNOWLEDGE, Counter, Region, SearchDocument, Vocabulary
from services.search.schemas import (
    FacetValue,
    Highlights,
    Hit,
    Place,
    SearchQuery,
    SearchResults,
    Stats,
    Suggestion,
    Suggestions,
    SuggestQuery,
)

log = logging.getLogger(__name__)
T = TypeVar("T")
BATCH = 500
_LANGUAGE = re.compile(r"[a-z]{2,3}")


async def search(query: SearchQuery, audience: frozenset[str], language: str) -> SearchResults:
    """One page of results for a person of these audiences.

    Raises:
        Invalid: query, filters or cursor cannot be used; the field says why.
        Unavailable: the engine is away, or the index is being made anew.
    """
    parts = running.current()
    filters = query.filters()
    _check_languages(filters.get("language", ()))
    await _check_filters(filters)
    snapshot, offset = _position(query.cursor)
    request = Request(
        checked_query(query.q), filters, audience, "en" if language == "en" else "de", query.limit, offset, snapshot
    )
    with figures.SEARCH_SECONDS.time():
        page = await _answered(parts.engine.search(request))
    return _results(page, parts.knowledge, request.language)


async def suggest(query: SuggestQuery, audience: frozenset[str]) -> Suggestions:
    """Completions for a person of these audiences; none while nothing searchable was typed."""
    typed = query.q.strip()
    if not any(letter.isalnum() for letter in typed):
        return Suggestions([])
    found = await _answered(running.current().engine.suggest(checked_query(typed), audience, query.limit))
    return Suggestions([Suggestion(item.text, item.kind, item.slug) for item in found])


async def stats(audience: frozenset[str]) -> Stats:
    """How much a person of these audiences can find, and how far the index has got."""
    engine = running.current().engine
    counted = await _answered(engine.stats(audience))
    pending = await SearchDocument.filter(sequence__gt=engine.position).count()
    return Stats(engine.name, counted.documents, counted.kinds, engine.position, pending)


async def measure() -> None:
    """Set the gauges of the index."""
    found = await stats(frozenset({PUBLIC}))
    figures.DOCUMENTS.set(found.documents)
    figures.PENDING.set(found.pending)


async def last_change() -> int:
    """The number of the last change in the table; 0 when it is empty."""
    rows = await SearchDocument.all().annotate(last=Max("sequence")).values_list("last", flat=True)
    return int(str(rows[0])) if rows and rows[0] is not None else 0


async def counter(name: str) -> int:
    """The present value of a counter."""
    row = await Counter.get_or_none(name=name)
    return row.value if row else 0


async def changes_after(number: int) -> AsyncIterator[Batch]:
    """All changes after `number` in their order, some hundred at a time."""
    while rows := await SearchDocument.filter(sequence__gt=number).order_by("sequence").limit(BATCH):
        number = rows[-1].sequence
        yield Batch([Change(row.id, _document(row)) for row in rows], number)


async def load_knowledge() -> Knowledge:
    """Regions, vocabularies and synonyms as the tables have them, abbreviations from the glossary included."""
    regions = await Region.all().order_by("slug")
    vocabularies = await Vocabulary.all().order_by("slug")
    terms = await SearchDocument.filter(kind="glossary_term", removed=False).order_by("id")
    synonyms = [list(group) for row in vocabularies for group in row.synonym_groups]
    synonyms += [[*row.data["names"], row.data["title"]] for row in terms if row.data and row.data["names"]]
    return Knowledge(
        [RegionFacts(row.slug, row.name, row.name_full, row.kind, row.parent, row.lat, row.lon) for row in regions],
        {row.slug: msgspec.convert(row.terms, list[Term]) for row in vocabularies},
        [group for group in synonyms if len(set(group)) > 1],
    )


async def _answered(question: Awaitable[T]) -> T:
    """What the engine answers. Unavailable: it is away, or its data may be damaged; the indexer will look into that."""
    try:
        return await question
    except AwayError as error:
        log.warning("a search could not be answered", extra={"reason": str(error)[:1000]})
        raise Unavailable from error
    except DamagedError as error:
        # Without its message, which may say what somebody looked for.
        reason = reason_of("".join(traceback.format_exception(error.__cause__ or error)))
        log.error("a search failed; the index will be examined", extra={"reason": reason})
        running.current().suspect = True
        running.wake()
        raise Unavailable from error


def _document(row: SearchDocument) -> Document | None:
    return None if row.removed else msgspec.convert(row.data, Document)


async def _check_filters(filters: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse values that do not exist; while the tables know more than this process does, none of them can be told."""
    parts = running.current()
    try:
        check_filters(filters, {**parts.knowledge.known_values(), "kind": KINDS})
    except Invalid:
        if parts.learned == await counter(KNOWLEDGE):
            raise


def _check_languages(values: tuple[str, ...]) -> None:
    if any(not _LANGUAGE.fullmatch(value) for value in values):
        text = Text(
            "Eine Sprache ist ein Kürzel wie de, en, ar oder uk.", "A language is a code like de, en, ar or uk."
        )
        raise Invalid(fields=[FieldError("language", text)])


def _position(cursor: str) -> tuple[int, int]:
    """Snapshot and offset of a cursor. Invalid: not one of ours, or deeper than anybody reads."""
    if not cursor:
        return 0, 0
    snapshot, offset = decode_cursor(cursor, tuple[int, int])
    if not 0 <= offset <= MAX_OFFSET or snapshot < 0:
        text = Text(
            "So weit hinten zeigt Lotse nichts mehr. Bitte suchen Sie genauer.",
            "Lotse shows nothing that far down. Please search more precisely.",
        )
        raise Invalid(fields=[FieldError("cursor", text)])
    return snapshot, offset


def _results(page: Page, knowledge: Knowledge, language: str) -> SearchResults:
    return SearchResults(
        hits=[_hit(found, knowledge, language) for found in page.hits],
        facets={facet: [FacetValue(value, count) for value, count in values] for facet, values in page.facets.items()},
        total=page.total,
        next=None if page.next_offset is None else encode_cursor((page.snapshot, page.next_offset)),
        corrections=list(page.corrections),
        places=[Place(slug, knowledge.region_name(slug)) for slug in page.regions],
    )


def _hit(found: Found, knowledge: Knowledge, language: str) -> Hit:
    document = found.document
    return Hit(
        id=document.id,
        slug=document.slug,
        kind=document.kind,
        title=shown_title(document, language),
        summary=shown_summary(document, language),
        highlights=Highlights(found.title_html, found.text_html),
        category=document.category,
        region=document.region,
        region_name=knowledge.region_name(document.region),
        network=document.network,
        network_name=document.network_name,
        provider_name=document.provider_name,
        stages=document.stages,
        target_groups=document.target_groups,
        topics=document.topics,
        languages=document.languages,
        date=document.date,
        date_end=document.date_end,
        status=document.status,
        lat=document.lat,
        lon=document.lon,
    )
