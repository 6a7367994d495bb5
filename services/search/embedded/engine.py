"""The embedded adapter of the port: directories, threads, snapshots, and what happens when files are damaged.

`<root>/current` names the directory in use; a rebuild fills another one and then changes that name in one step. One
thread writes, one builds, two search; the event loop never waits for tantivy, and a change never for a build.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from infra.ids import new_id
from services.search.domain import Request
from services.search.embedded.building import GENTLE, build, build_beside, last_line, lines_of, take_in
from services.search.embedded.searching import Searching
from services.search.embedded.store import Make, Store, write_make
from services.search.engine import Batch, Completion, DamagedError, EngineStats, Page, Source
from services.search.language.knowledge import Knowledge

log = logging.getLogger(__name__)
T = TypeVar("T")
BESIDE_FROM = 500
"""So many changes are made an index of in a process of its own. From fewer it takes less than half a second here; of a
thousand, every publish meanwhile was found after 0.5 s instead of 0.2, all threads of a process waiting for each other.
"""
_POINTER, _INDEX = "current", "index-"
_LOCKED = "Lockfile"


class EmbeddedEngine:
    """See `engine.Engine`. One instance per folder and machine."""

    name = "embedded"

    def __init__(self, root: Path) -> None:
        self._root = root
        self._knowledge = Knowledge()
        self._searching = Searching()
        self._writing = asyncio.Lock()
        self._rebuilding = asyncio.Lock()
        self._writer = ThreadPoolExecutor(1, "search-writer")
        self._builder = ThreadPoolExecutor(1, "search-builder")
        self._readers = ThreadPoolExecutor(2, "search-reader")
        self._store: Store | None = None

    @property
    def position(self) -> int:
        """See Engine."""
        return self._opened.position

    @property
    def _opened(self) -> Store:
        if self._store is None:
            raise DamagedError("the index is not open")
        return self._store

    async def open(self) -> None:
        """See Engine."""
        self._store = await self._write(self._open)

    async def close(self) -> None:
        """See Engine."""
        if self._store is not None:
            await self._write(partial(_let_go, self._store))
        self._store = None
        self._builder.shutdown()
        self._writer.shutdown()
        self._readers.shutdown()

    async def refresh(self) -> None:
        """See Engine. Nobody else writes here."""

    async def examine(self) -> None:
        """See Engine."""
        await self.export()

    async def learn(self, knowledge: Knowledge) -> None:
        """See Engine."""
        async with self._writing:
            self._knowledge = knowledge
            await self._write(lambda: self._opened.lexicon.learn(knowledge.words()))

    async def apply(self, batch: Batch) -> None:
        """See Engine."""
        async with self._writing:
            await self._write(lambda: self._apply(self._opened, batch))

    async def search(self, request: Request) -> Page:
        """See Engine."""
        store, knowledge = self._opened, self._knowledge
        return await self._read(lambda: self._searching.search(store, knowledge, request))

    async def suggest(self, prefix: str, audience: frozenset[str], limit: int) -> list[Completion]:
        """See Engine."""
        store, knowledge = self._opened, self._knowledge
        return await self._read(lambda: self._searching.suggest(store, knowledge, prefix, audience, limit))

    async def stats(self, audience: frozenset[str]) -> EngineStats:
        """See Engine."""
        store = self._opened
        return await self._read(lambda: self._searching.stats(store, audience))

    async def export(self) -> bytes:
        """See Engine."""
        store = self._opened
        return await self._read(lambda: self._searching.export(store))

    async def rebuild(self, source: Source) -> None:
        """See Engine. One after the other: whoever is done removes the directories of all others."""
        async with self._rebuilding:
            await self._rebuild(source)

    async def _rebuild(self, source: Source) -> None:
        """Changes that arrive meanwhile go to the present index and are taken over before the swap."""
        directory = self._root / f"{_INDEX}{new_id().hex}"
        fresh: Store | None = None
        try:
            await self._build(directory, source)
            fresh = await self._beside(lambda: self._with_words(Store.open(directory)))
            await self._fill(fresh, source)
            async with self._writing:
                await self._fill(fresh, source)
                await self._write(partial(self._swap, fresh))
        finally:
            if fresh is None or not await self._write(lambda: self._store is fresh):  # a swap may still go on
                await self._beside(partial(_throw_away, directory, fresh))

    async def _build(self, directory: Path, source: Source) -> None:
        """Make an index of all changes in `directory`; in a process of its own where that takes long."""
        await self._beside(partial(write_make, directory, Make(parents=self._parents())))
        batches = source(0)
        begun: list[Batch] = []
        async for batch in batches:
            begun.append(batch)
            if sum(len(batch.changes) for batch in begun) >= BESIDE_FROM:
                answers = self._store is not None and self._store.position > 0
                return await build_beside(directory, self._told(begun, batches), GENTLE if answers else 0)
        lines = [line async for told in self._told(begun, batches) for line in told.splitlines(keepends=True)]
        await self._beside(lambda: build(directory, take_in(directory, lines)))

    async def _told(self, begun: list[Batch], further: AsyncIterator[Batch]) -> AsyncIterator[bytes]:
        """All batches in the form that a build takes in."""
        position = 0
        for batch in begun:
            position = batch.position
            yield await self._beside(partial(lines_of, batch))
        async for batch in further:
            position = batch.position
            yield await self._beside(partial(lines_of, batch))
        yield last_line(position)

    async def _fill(self, store: Store, source: Source) -> None:
        async for batch in source(store.position):
            await self._beside(partial(self._apply, store, batch))

    @property
    def wants_rebuild(self) -> bool:
        """See Engine."""
        return self._opened.is_outdated(self._parents())

    def _parents(self) -> dict[str, str]:
        return {slug: region.parent for slug, region in self._knowledge.regions.items()}

    def _open(self) -> Store:
        """The index that `current` names, or an empty one where that is missing or damaged."""
        self._root.mkdir(parents=True, exist_ok=True)
        pointer = self._root / _POINTER
        if pointer.exists():
            try:
                name = pointer.read_text(encoding="utf-8").strip()
                return self._cleared(_guarded(lambda: self._with_words(Store.open(self._root / name))))
            except (ValueError, DamagedError) as error:
                if _LOCKED in str(error):
                    raise RuntimeError(f"another process uses the search index in {self._root}") from error
                log.warning("search index cannot be used and is made anew", extra={"reason": str(error)[:500]})
        store = Store.create(self._root / f"{_INDEX}{new_id().hex}", Make(parents=self._parents()))
        self._point_to(store.directory)
        return self._cleared(self._with_words(store))

    def _with_words(self, store: Store) -> Store:
        store.lexicon.learn(self._knowledge.words())
        return store

    def _apply(self, store: Store, batch: Batch) -> None:
        if batch.position <= store.position:
            return
        if not store.documents and store.make.parents != self._parents():
            store.remake(msgspec.structs.replace(store.make, parents=self._parents()))
        store.write(batch)

    def _swap(self, fresh: Store) -> None:
        self._with_words(fresh)  # those that were learnt meanwhile
        self._point_to(fresh.directory)
        old, self._store = self._store, fresh
        if old is not None:
            _let_go(old)
        self._cleared(fresh)

    def _point_to(self, directory: Path) -> None:
        """Change the name of the directory in use in one step."""
        waiting = self._root / f"{_POINTER}.new"
        waiting.write_text(directory.name, encoding="utf-8")
        waiting.replace(self._root / _POINTER)

    def _cleared(self, store: Store) -> Store:
        """Remove the directories of other indexes: replaced ones, and what a crash has left."""
        for other in self._root.glob(f"{_INDEX}*"):
            if other != store.directory:
                shutil.rmtree(other, ignore_errors=True)
        return store

    async def _write(self, action: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, _guarded, action)

    async def _beside(self, action: Callable[[], T]) -> T:
        """Do what belongs to a new index only. The present one takes in changes meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._builder, _guarded, action)

    async def _read(self, action: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, _guarded, action)


def _let_go(store: Store) -> None:
    """Close a store that is no longer needed; a damaged one cannot finish its merges, and need not."""
    try:
        store.close()
    except ValueError as error:
        log.warning("search index was closed in mid-work", extra={"reason": str(error)[:500]})


def _throw_away(directory: Path, store: Store | None) -> None:
    """Remove what a rebuild that failed has made so far."""
    if store is not None:
        _let_go(store)
    shutil.rmtree(directory, ignore_errors=True)


def _guarded(action: Callable[[], T]) -> T:
    """Run `action`; what tantivy says about files it cannot use becomes DamagedError.

    It reports most as ValueError, and a panic in its Rust code as an exception that no `except Exception` sees.
    """
    try:
        return action()
    except (ValueError, OSError, msgspec.MsgspecError) as error:
        raise DamagedError(str(error)) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise DamagedError(str(error)) from error
        raise
