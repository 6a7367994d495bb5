"""The indexer: brings the engine to the state of the tables, at the start and after every commit.

It is woken by the handlers' commits and looks by itself every second, so that nothing depends on being woken. Changes
that come while it works go together into the next batch. Whatever state the engine is in, the tables can make it anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.inbox import Handlers
from infra.metrics import measured_by
from infra.settings import Settings
from services.search import commands, figures, queries, running
from services.search.domain import PUBLIC
from services.search.embedded.engine import EmbeddedEngine
from services.search.engine import DamagedError
from services.search.running import Running

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
BATCH_SECONDS = 0.05
LEARN_SECONDS = 0.5


class Indexer:
    """One per process that hosts search."""

    def __init__(self, parts: Running, handlers: Handlers) -> None:
        self._parts = parts
        self._handlers = handlers
        self._learned = -1
        self._learned_at = 0.0
        self._applied_at = 0.0
        self._progress = asyncio.Condition()
        self._rebuilding: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Work until cancelled."""
        with measured_by(queries.measure):
            while True:
                await self._look()
                await self._wait()

    async def _look(self) -> None:
        """This is a loop's border: whatever fails is logged and tried again."""
        try:
            await self.catch_up()
            async with self._progress:
                self._progress.notify_all()
        except DamagedError as error:
            log.warning("search index is damaged and is made anew", extra={"reason": str(error)[:500]})
            await self._mend()
        except Exception:
            log.exception("search index could not be brought up to date; trying again")
            await asyncio.sleep(LOOK_SECONDS)

    async def catch_up(self) -> None:
        """Take in everything that is committed by now. DamagedError: the engine's data cannot be used."""
        await self._examine()
        await self._learn(at_most_every=LEARN_SECONDS)
        if await queries.last_change() < self._parts.engine.position:
            log.warning("search index is ahead of its table (restored from a backup?) and is made anew")
            await self.rebuild()
        async for batch in queries.changes_after(self._parts.engine.position):
            await self._pace()
            await self._parts.engine.apply(batch)
        if self._rebuilding is None or self._rebuilding.done():
            await self._rebuild_if_wanted()

    async def settled(self) -> None:
        """Return once everything committed by now is searchable and understood, and no rebuild is under way."""
        while not await self._is_settled():
            await self._learn(at_most_every=0)
            async with self._progress:
                self._parts.bell.set()
                await self._progress.wait()

    async def _examine(self) -> None:
        """After a failed search read all the engine's data; if that goes well, the search itself was at fault."""
        if self._parts.suspect:
            self._parts.suspect = False
            await self._parts.engine.export()

    async def _is_settled(self) -> bool:
        if self._rebuilding is not None and not self._rebuilding.done():
            await asyncio.wait([self._rebuilding])
        learned = self._learned == await queries.counter(commands.KNOWLEDGE)
        return learned and await queries.last_change() <= self._parts.engine.position

    async def rebuild(self) -> None:
        """Make the index anew from the table; searches and changes go on meanwhile."""
        started = time.monotonic()
        with figures.REBUILDING.track_inprogress(), figures.REBUILD_SECONDS.time():
            await self._parts.engine.rebuild(queries.changes_after)
        log.info("search index made anew", extra={"seconds": round(time.monotonic() - started, 2)})

    async def close(self) -> None:
        """Stop what runs beside the loop."""
        if self._rebuilding is not None:
            self._rebuilding.cancel()
            await asyncio.wait([self._rebuilding])

    async def _learn(self, at_most_every: float) -> None:
        """Load regions and words when they changed; a burst of such changes is loaded together."""
        if self._learned >= 0 and time.monotonic() - self._learned_at < at_most_every:
            return
        number = await queries.counter(commands.KNOWLEDGE)
        if number == self._learned:
            return
        self._parts.knowledge = await queries.load_knowledge()
        await self._parts.engine.learn(self._parts.knowledge)
        self._learned, self._learned_at = number, time.monotonic()

    async def _pace(self) -> None:
        """At most one commit in 50 ms, so that a burst is taken together; a single change goes at once."""
        await asyncio.sleep(max(0.0, self._applied_at + BATCH_SECONDS - time.monotonic()))
        self._applied_at = time.monotonic()

    async def _rebuild_if_wanted(self) -> None:
        due = await commands.reindex_is_due(self._handlers)
        if due or self._parts.engine.wants_rebuild:
            self._rebuilding = asyncio.create_task(self._rebuild_beside(due))

    async def _rebuild_beside(self, due: bool) -> None:
        try:
            await self.rebuild()
        except DamagedError as error:
            log.warning("search index could not be made anew", extra={"reason": str(error)[:500]})
            return
        if due:
            counted = await self._parts.engine.stats(frozenset({PUBLIC}))
            await commands.finish_reindex(counted.documents)

    async def _mend(self) -> None:
        try:
            await self.rebuild()
        except DamagedError as error:
            log.error("search index cannot be made anew; is the disk full?", extra={"reason": str(error)[:500]})
            await asyncio.sleep(LOOK_SECONDS)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._parts.bell.wait(), LOOK_SECONDS)
        except TimeoutError:
            return
        finally:
            self._parts.bell.clear()


@asynccontextmanager
async def hosted(settings: Settings, handlers: Handlers) -> AsyncIterator[None]:
    """Search is up inside: engine open, indexer at work."""
    parts = Running(EmbeddedEngine(settings.data_dir / "search-index"))
    await parts.engine.open()
    indexer = Indexer(parts, handlers)
    parts.settled = indexer.settled
    running.start(parts)
    task = asyncio.create_task(indexer.run())
    try:
        yield
    finally:
        running.stop()
        task.cancel()
        await asyncio.wait([task])
        await indexer.close()
        await parts.engine.close()
