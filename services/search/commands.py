"""Changing: what handlers write for each event, and the operator's reindex.

A change is taken only if its version is newer than the one held. A document's row and its place in the sequence of
changes are one transaction, so the index can always be brought up to date from the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import msgspec

from infra.contracts.contacts import RegionPublished, VocabularyPublished
from infra.contracts.search import IndexRebuilt
from infra.db import Transaction, transaction
from infra.db.doorbell import ring
from infra.db.newer import keep_all_newer, runs
from infra.db.statements import placed
from infra.ids import new_id
from infra.inbox.checkpoints import forget, producers_of
from infra.inbox.handlers import Handlers
from infra.outbox import record
from services.search.domain import PUBLIC, Document
from services.search.models import (
    CHANGES,
    KNOWLEDGE,
    REINDEX,
    SUSPICIONS,
    Checkpoint,
    Counter,
    Region,
    SearchDocument,
    Vocabulary,
)

_WRITTEN = ("kind", "version", "sequence", "removed", "data")
_NOT_OLDER = "({table}.version, {table}.removed) <= (excluded.version, excluded.removed)"
# What was public stays so since then; what was removed or hidden in between is new again.
_SINCE = (
    "CASE WHEN {table}.removed OR excluded.public_since IS NULL THEN excluded.public_since"
    " ELSE COALESCE({table}.public_since, excluded.public_since) END"
)
BELL = "search"
"""The bell that is rung when there is something for the indexer, in whichever process it works."""


async def store(tx: Transaction, document: Document) -> None:
    """Keep a document unless a newer version (or its removal) is known; written with others before the commit."""
    tx.gather(_Change(document.id, document.kind, document.version, document), _write)
    if document.kind == "glossary_term":
        await take_number(tx, KNOWLEDGE)


async def remove(tx: Transaction, identifier: str, kind: str, version: int) -> None:
    """Leave a tombstone for a document unless a newer version is known; written with others before the commit."""
    tx.gather(_Change(identifier, kind, version), _write)


async def keep_region(tx: Transaction, event: RegionPublished) -> None:
    """Keep a region unless a newer version is known."""
    await take_number(tx, KNOWLEDGE)
    held = await Region.get_or_none(slug=event.slug, using_db=tx.connection)
    if held is not None and held.version > event.version:
        return
    values = {
        "version": event.version,
        "name": event.name,
        "name_full": event.name_full,
        "kind": event.kind,
        "parent": event.parent,
        "ags": event.ags,
        "lat": event.lat,
        "lon": event.lon,
    }
    await Region.update_or_create(slug=event.slug, defaults=values, using_db=tx.connection)


async def keep_vocabulary(tx: Transaction, event: VocabularyPublished) -> None:
    """Keep a vocabulary unless a newer version is known."""
    await take_number(tx, KNOWLEDGE)
    held = await Vocabulary.get_or_none(slug=event.slug, using_db=tx.connection)
    if held is not None and held.version > event.version:
        return
    values = {
        "version": event.version,
        "terms": msgspec.to_builtins(event.terms),
        "synonym_groups": event.synonym_groups,
    }
    await Vocabulary.update_or_create(slug=event.slug, defaults=values, using_db=tx.connection)


async def begin_reindex(handlers: Handlers) -> None:
    """Have everything told again from the beginning of all logs; what is there stays in use meanwhile.

    The indexer builds the index anew once the logs are read to their end (`finish_reindex`).
    """
    async with transaction("search") as tx:
        await Counter.update_or_create(name=REINDEX, defaults={"value": 1}, using_db=tx.connection)
    for producer in sorted(producers_of(handlers)):
        await forget("search", producer)
    ring("search", BELL)()


async def reindex_is_pending() -> bool:
    """Whether a reindex was begun, by any process, and is not done yet."""
    return await Counter.filter(name=REINDEX, value=1).exists()


async def reindex_is_due(handlers: Handlers) -> bool:
    """Whether a reindex was begun and all logs have been read again since."""
    if not await reindex_is_pending():
        return False
    read = set(await Checkpoint.all().values_list("producer", flat=True))
    return producers_of(handlers) <= read


async def finish_reindex(documents: int) -> None:
    """Note and tell that a reindex is done."""
    async with transaction("search") as tx:
        await Counter.filter(name=REINDEX).using_db(tx.connection).update(value=0)
        await record(tx, IndexRebuilt(id=str(new_id()), documents=documents))


async def report_damage() -> None:
    """Have the indexer examine the engine's data, since a search failed; it may be at work in another process."""
    async with transaction("search") as tx:
        await take_number(tx, SUSPICIONS)


@dataclass(frozen=True)
class _Change:
    """A document in a version, or its removal."""

    id: str
    kind: str
    version: int
    document: Document | None = None


async def _write(tx: Transaction, changes: Sequence[_Change]) -> None:
    """Write rows in their new state. In the same version a removal wins; a repeated event writes the same again.

    One after the other where an id comes twice: what was removed in between is new again.
    """
    first = await take_number(tx, CHANGES, len(changes)) - len(changes) + 1
    rows = (_row(change, number) for number, change in enumerate(changes, first))
    for together in runs(rows, attrgetter("id")):
        await keep_all_newer(tx, together, _WRITTEN, _NOT_OLDER, {"public_since": _SINCE})


def _row(change: _Change, number: int) -> SearchDocument:
    document = change.document
    return SearchDocument(
        id=change.id,
        kind=change.kind,
        version=change.version,
        sequence=number,
        removed=document is None,
        data=msgspec.to_builtins(document),
        public_since=number if document and PUBLIC in document.audience else None,
    )


async def take_number(tx: Transaction, name: str, count: int = 1) -> int:
    """The last of the next `count` numbers of a counter, whose row is then ours until the transaction ends."""
    statement = placed(
        tx.connection,
        "INSERT INTO counters (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value",
    )
    rows = await tx.connection.execute_query_dict(statement, [name, count])
    tx.after_commit(ring("search", BELL))
    return int(rows[0]["value"])
