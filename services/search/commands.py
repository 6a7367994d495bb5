"""Changing: what handlers write for each event, and the operator's reindex.

A change is taken only if its version is newer than the one held. A document's row and its place in the sequence of
changes are one transaction, so the index can always be brought up to date from the table.
"""

from __future__ import annotations

import msgspec

from infra.contracts.contacts import RegionPublished, VocabularyPublished
from infra.contracts.search import IndexRebuilt
from infra.db import Transaction, transaction
from infra.db.doorbell import ring
from infra.db.newer import keep_newer
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

_NOT_OLDER = "({table}.version, {table}.removed) <= (excluded.version, excluded.removed)"
# What was public stays so since then; what was removed or hidden in between is new again.
_SINCE = (
    "CASE WHEN {table}.removed OR excluded.public_since IS NULL THEN excluded.public_since"
    " ELSE COALESCE({table}.public_since, excluded.public_since) END"
)
BELL = "search"
"""The bell that is rung when there is something for the indexer, in whichever process it works."""


async def store(tx: Transaction, document: Document) -> bool:
    """Keep a document unless a newer version (or its removal) is known. Says whether it was kept."""
    kept = await _write(tx, document.id, document.kind, document.version, document)
    if kept and document.kind == "glossary_term":
        await take_number(tx, KNOWLEDGE)
    return kept


async def remove(tx: Transaction, identifier: str, kind: str, version: int) -> bool:
    """Leave a tombstone for a document unless a newer version is known. Says whether it was removed."""
    return await _write(tx, identifier, kind, version, None)


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


async def _write(tx: Transaction, identifier: str, kind: str, version: int, document: Document | None) -> bool:
    """Write a row in its new state. In the same version a removal wins; a repeated event writes the same again."""
    number = await take_number(tx, CHANGES)
    row = SearchDocument(
        id=identifier,
        kind=kind,
        version=version,
        sequence=number,
        removed=document is None,
        data=msgspec.to_builtins(document),
        public_since=number if document and PUBLIC in document.audience else None,
    )
    changes = ("kind", "version", "sequence", "removed", "data")
    return await keep_newer(tx, row, changes, _NOT_OLDER, {"public_since": _SINCE})


async def take_number(tx: Transaction, name: str) -> int:
    """The next number of a counter, whose row is then ours until the transaction ends."""
    rows = await tx.connection.execute_query_dict(
        f"INSERT INTO counters (name, value) VALUES ('{name}', 1)"  # noqa: S608 - names are constants of this module
        " ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
    )
    tx.after_commit(ring("search", BELL))
    return int(rows[0]["value"])
