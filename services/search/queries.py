"""Reading: what the indexer takes from the tables, how the index stands, and how a question is put to the engine."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import msgspec

from infra.contracts.contacts import Term
from infra.db.routing import reading
from infra.db.statements import placed
from infra.errors import Text, Unavailable
from infra.web.trail import reason_of
from services.search import figures, running
from services.search.domain import PUBLIC, Document
from services.search.engine import AwayError, Batch, Change, DamagedError
from services.search.language.gazetteer import shipped
from services.search.language.knowledge import Knowledge, RegionFacts
from services.search.models import Region, SearchDocument, Vocabulary
from services.search.schemas import Stats

log = logging.getLogger(__name__)
T = TypeVar("T")
BATCH = 500
_BEING_MADE = Text(
    "Die Suche liest gerade alle Inhalte neu ein. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
    "Search is taking in all content anew. Please try again in a few minutes.",
)
_read = msgspec.json.Decoder(Document).decode


async def stats(audience: frozenset[str]) -> Stats:
    """How much a person of these audiences can find, and how far the index has got."""
    engine = running.current().engine
    counted = await answered(engine.stats(audience))
    pending = await SearchDocument.filter(sequence__gt=engine.position).count()
    return Stats(engine.name, counted.documents, counted.kinds, engine.position, pending)


async def measure() -> None:
    """Set the gauges of the index."""
    found = await stats(frozenset({PUBLIC}))
    figures.DOCUMENTS.set(found.documents)
    figures.PENDING.set(found.pending)


@dataclass(frozen=True)
class Numbers:
    """The number of the last change in the table, and the counters (see `models.Counter`); 0 where nothing was yet.

    The last change may be older than the last number that was taken: an event that came too late takes one for nothing.
    """

    last_change: int = 0
    knowledge: int = 0
    suspicions: int = 0
    reindex: int = 0


async def numbers() -> Numbers:
    """Everything that the indexer has to know before it does something, by one statement."""
    rows = await reading("search").execute_query_dict(
        "SELECT name, value FROM counters"
        " UNION ALL SELECT 'last_change', COALESCE(MAX(sequence), 0) FROM search_documents"
    )
    stored = {row["name"]: row["value"] for row in rows}
    return Numbers(*(stored.get(field.name, 0) for field in fields(Numbers)))


async def changes_after(number: int) -> AsyncIterator[Batch]:
    """All changes after `number` in their order, some hundred at a time.

    By hand and decoded at once: through the ORM a document took 73 µs where this takes 28, and a rebuild reads twice.
    """
    connection = reading("search")
    statement = placed(
        connection,
        "SELECT id, sequence, removed, data FROM search_documents WHERE sequence > ? ORDER BY sequence LIMIT ?",
    )
    more = True
    while more:
        rows = await connection.execute_query_dict(statement, [number, BATCH])
        if rows:
            number = rows[-1]["sequence"]
            yield Batch([_change(row) for row in rows], number)
        more = len(rows) == BATCH


async def load_knowledge() -> Knowledge:
    """Regions, vocabularies and synonyms as the tables have them, abbreviations from the glossary included."""
    regions = await Region.all().order_by("slug")
    vocabularies = await Vocabulary.all().order_by("slug")
    terms = await SearchDocument.filter(kind="glossary_term", removed=False).order_by("id")
    synonyms = [list(group) for row in vocabularies for group in row.synonym_groups]
    synonyms += [[*row.data["names"], row.data["title"]] for row in terms if row.data and row.data["names"]]
    if regions:
        await asyncio.to_thread(shipped)  # reading the places takes a while, and the first search needs them
    return await asyncio.to_thread(
        Knowledge,
        [RegionFacts(row.slug, row.name, row.name_full, row.kind, row.parent, row.lat, row.lon) for row in regions],
        {row.slug: msgspec.convert(row.terms, list[Term]) for row in vocabularies},
        [group for group in synonyms if len(set(group)) > 1],
    )


async def insist_on_index() -> None:
    """Raises Unavailable while the index is empty and the table is not: that there is nothing would not be true."""
    if not running.current().engine.position and (await numbers()).last_change:
        raise Unavailable(_BEING_MADE)


async def answered(question: Awaitable[T]) -> T:
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


def _change(row: Mapping[str, Any]) -> Change:
    return Change(row["id"], None if row["removed"] else _read(row["data"]))
