"""The Meilisearch adapter of the port: one index under a versioned name, made ready, followed, rebuilt and swapped.

One process writes (the indexer takes turns under a database lock); any number read. Documents of a batch go before its
state, deletions before both, so the position never promises what is not there; a batch that broke off is repeated.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Collection

from services.search.answering import exported
from services.search.domain import Request, open_texts
from services.search.engine import Batch, Completion, DamagedError, EngineStats, Page, Source
from services.search.language.constituents import constituents_of
from services.search.language.knowledge import Knowledge
from services.search.meilisearch.documents import (
    KEY,
    MAKE_KEY,
    STATE_KEY,
    Make,
    State,
    document_of,
    entry_of,
    key_of,
    make_entry,
    state_entry,
)
from services.search.meilisearch.filters import exists
from services.search.meilisearch.held import Held, counting, read_state, state_query
from services.search.meilisearch.searching import Searching
from services.search.meilisearch.server import Server
from services.search.meilisearch.settings import SETTINGS, VERSION, differing

log = logging.getLogger(__name__)
PREFIX = "lotse-search"
SETTINGS_SECONDS = 60.0
REBUILD_DOCUMENTS = 5_000


class MeilisearchEngine:
    """See `engine.Engine`. `prefix` begins the names of its indexes."""

    name = "meilisearch"

    def __init__(self, server: Server, prefix: str = PREFIX) -> None:
        self._server = server
        self._family = f"{prefix}-v"
        self._uid = f"{self._family}{VERSION}"
        self._next = f"{self._uid}-next"
        self._knowledge = Knowledge()
        self._held: Held | None = None
        self._writing = asyncio.Lock()
        self._loading = asyncio.Lock()
        self._rebuilding = asyncio.Lock()
        self._adjusted_at: float | None = None

    @property
    def position(self) -> int:
        """See Engine."""
        return self._held.position if self._held else 0

    @property
    def wants_rebuild(self) -> bool:
        """See Engine."""
        return self._held is not None and self._held.outgrown

    async def open(self) -> None:
        """See Engine. Settings are applied where they differ; indexes of other versions go once ours is in use."""
        async with self._writing:
            try:
                await self._adjust()
                await self._refresh()
            except DamagedError as error:
                log.warning("search index is made anew", extra={"reason": str(error)[:500]})
                if self._uid in await self._server.index_uids():
                    await self._server.drop(self._uid)
                await self._make(self._uid, ())
                await self._refresh()
            else:
                await self._drop_others()
            self._adjusted_at = time.monotonic()

    async def close(self) -> None:
        """See Engine."""
        await self._server.close()

    async def refresh(self) -> None:
        """See Engine. Who opened the index also sees to it now and then that it still has our settings."""
        if self._adjusted_at is not None and time.monotonic() - self._adjusted_at > SETTINGS_SECONDS:
            async with self._writing:
                await self._adjust()
            self._adjusted_at = time.monotonic()
        await self._look()

    async def examine(self) -> None:
        """See Engine. The settings belong to the data: without them nothing can be filtered."""
        if differences := differing(await self._server.settings(self._uid)):
            raise DamagedError(f"the index has other settings: {', '.join(differences)}")
        await self._refresh()
        await self.export()

    async def learn(self, knowledge: Knowledge) -> None:
        """See Engine."""
        self._knowledge = knowledge
        if self._held is not None:
            self._held.lexicon.learn(knowledge.words())

    async def apply(self, batch: Batch) -> None:
        """See Engine."""
        async with self._writing:
            held = await self._ready()
            if batch.position > held.position:
                await self._write(self._uid, held, batch)

    async def search(self, request: Request) -> Page:
        """See Engine."""
        while True:
            page = await (await self._reading()).search(request)
            if page is not None:
                return page
            await self.refresh()

    async def suggest(self, prefix: str, audience: frozenset[str], limit: int) -> list[Completion]:
        """See Engine."""
        return await (await self._reading()).suggest(prefix, audience, limit)

    async def stats(self, audience: frozenset[str]) -> EngineStats:
        """See Engine."""
        return await (await self._reading()).stats(audience)

    async def export(self) -> bytes:
        """See Engine."""
        entries = [entry async for entry in self._server.entries(self._uid)]
        if not {STATE_KEY, MAKE_KEY} <= {entry[KEY] for entry in entries}:
            raise DamagedError("the index has no state: it is being made, or somebody emptied it")
        return exported(document_of(entry) for entry in entries if entry[KEY] not in (STATE_KEY, MAKE_KEY))

    async def rebuild(self, source: Source) -> None:
        """See Engine. Changes that arrive meanwhile go to the present index and are taken over before the swap."""
        async with self._rebuilding:
            words: set[str] = set()
            async for batch in source(0):
                texts = open_texts(change.document for change in batch.changes)
                words |= await asyncio.to_thread(constituents_of, texts)
            await self._server.drop(self._next)
            fresh = await self._make(self._next, words)
            await self._fill(fresh, source)
            async with self._writing:
                await self._fill(fresh, source)
                await self._settle(fresh, words)
                await self._put_in_place()

    async def _ready(self) -> Held:
        """What is held of the index, read first where nothing is."""
        return self._held or await self._look()

    async def _look(self) -> Held:
        async with self._loading:
            return await self._refresh()

    async def _reading(self) -> Searching:
        return Searching(self._server, self._uid, await self._ready(), self._knowledge)

    async def _refresh(self) -> Held:
        """Read the state; where the index is another one than before, read how it was built as well."""
        [found] = await self._server.search([state_query(self._uid)])
        state, held = read_state(found), self._held
        if held is None or held.make.build != state.build:
            held = await Held.load(self._server, self._uid, self._knowledge.words())
            if held.make.build != state.build:
                raise DamagedError("the index's state belongs to another build of it")
        if state.position != held.looked_until:
            await held.catch_up(self._server, self._uid, state)
        held.position = held.seen = state.position
        self._held = held
        return held

    async def _adjust(self) -> None:
        """Apply our settings where they differ. DamagedError: there is no index."""
        if differences := differing(await self._server.settings(self._uid)):
            log.info("settings of the search index are applied", extra={"settings": ", ".join(differences)})
            await self._server.apply_settings(self._uid, SETTINGS)

    async def _make(self, uid: str, words: Collection[str]) -> Held:
        """Make an empty index."""
        make = Make.of(0, 0, words)
        await self._server.apply_settings(uid, SETTINGS)
        await self._server.put(uid, [make_entry(make), state_entry(State(0, make.build))])
        return Held(make)

    async def _write(self, uid: str, held: Held, batch: Batch) -> None:
        """Take in a batch, of several changes of one document the last, and make it visible, the state at the end."""
        changes = {change.id: change.document for change in batch.changes}
        documents = [document for document in changes.values() if document]
        await self._server.remove(uid, [key_of(gone) for gone, document in changes.items() if document is None])
        await self._server.put(
            uid,
            (entry_of(document, held.analyzer, batch.position) for document in documents),
            [state_entry(State(batch.position, held.make.build))],
        )
        await asyncio.to_thread(held.took_in, batch.position, documents)

    async def _fill(self, fresh: Held, source: Source) -> None:
        async for batch in _together(source(fresh.position)):
            await self._write(self._next, fresh, batch)

    async def _settle(self, fresh: Held, words: Collection[str]) -> None:
        """Note in the new index with what it was built."""
        [counted] = await self._server.search([counting(self._next, exists("audience"))])
        make = Make.of(fresh.position, counted.total_hits or 0, words)
        await self._server.put(self._next, [make_entry(make), state_entry(State(fresh.position, make.build))])

    async def _put_in_place(self) -> None:
        """Swap the new index with the one in use, which is made where somebody deleted it, and drop that."""
        if self._uid not in await self._server.index_uids():
            await self._server.apply_settings(self._uid, SETTINGS)
        await self._server.swap(self._uid, self._next)
        await self._server.drop(self._next)
        await self.refresh()

    async def _drop_others(self) -> None:
        """Drop what other versions of Lotse and rebuilds that broke off have left."""
        for uid in await self._server.index_uids():
            if uid.startswith(self._family) and uid != self._uid:
                await self._server.drop(uid)


async def _together(batches: AsyncIterator[Batch]) -> AsyncIterator[Batch]:
    """Batches joined to larger ones, where nothing need become visible between them: the server waits less often."""
    waiting: Batch | None = None
    async for batch in batches:
        waiting = Batch([*waiting.changes, *batch.changes], batch.position) if waiting else batch
        if len(waiting.changes) >= REBUILD_DOCUMENTS:
            yield waiting
            waiting = None
    if waiting:
        yield waiting
