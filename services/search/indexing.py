"""The indexer: brings the engine to the state of the tables, at the start and after every commit.

Of all processes that may, one indexes, the holder of a lock of the database; the others wait. It is woken by the
handlers' commits and looks by itself every second, so that nothing depends on being woken. Changes that come while it
works go together into the next batch. Whatever state the engine is in, the tables can make it anew.
"""

from __future__ import annotations

import asyncio
import logging
import time

from infra.db.doorbell import answering
from infra.db.locks import Held, exclusive
from infra.inbox import Handlers
from services.search import commands, figures, queries
from services.search.domain import PUBLIC
from services.search.engine import AwayError, DamagedError
from services.search.following import LEARN_SECONDS, LOOK_SECONDS, Follower
from services.search.running import Running

log = logging.getLogger(__name__)
LEAST_PAUSE, MOST_PAUSE, PAUSE_A_CHANGE = 0.05, 0.5, 0.005
"""Seconds from the end of a commit to the next one. A commit costs what twenty documents do, however few there are in
it: more than 200 changes a second, which nobody makes by hand, make the pause longer until it is the longest."""
MANY = 2_000
LONGEST_PAUSE = 60.0
_LOCK_KEY = 0x5EA2C


class Indexer(Follower):
    """One per process that attends to search. `opens` says that the engine is opened here, by whoever may write."""

    def __init__(self, parts: Running, handlers: Handlers, *, opens: bool) -> None:
        super().__init__(parts)
        self._handlers = handlers
        self._opens = opens
        self._examined = -1
        self._pace_from = 0.0
        self._stopping = asyncio.Event()
        self._rebuilding: asyncio.Task[None] | None = None
        self._pause = self._rebuild_from = 0.0

    async def run(self) -> None:
        """Wait for the lock, then work until it is lost or until cancelled. This is a loop's border too."""
        while True:
            try:
                async with (
                    exclusive("search", _LOCK_KEY, self._stopping) as held,
                    answering("search", commands.BELL, self.bell.set, held),
                ):
                    await self._work(held)
            except Exception:
                log.exception("search lost its database; trying again")
            await asyncio.sleep(LOOK_SECONDS)

    async def _work(self, held: Held) -> None:
        """Index for as long as the lock is held."""
        opened = not self._opens
        while held():
            try:
                if not opened:
                    await self.parts.engine.open()
                    opened = True
                await self.round()
                await self._note_progress()
            except DamagedError as error:
                log.warning("search index is damaged and is made anew", extra={"reason": str(error)[:1000]})
                await self._mend()
            except AwayError as error:
                self._tell("the search engine cannot be used; trying again", error)
                await asyncio.sleep(LOOK_SECONDS)
            except Exception:
                log.exception("search index could not be brought up to date; trying again")
                await asyncio.sleep(LOOK_SECONDS)
            await self.wait()

    async def round(self) -> None:
        """Take in everything that is committed by now. DamagedError: the engine's data cannot be used."""
        numbers = await queries.numbers()
        await self._examine(numbers.suspicions)
        await self.learn(numbers.knowledge, at_most_every=LEARN_SECONDS)
        await self.parts.engine.refresh()
        if numbers.last_change < self.parts.engine.position and await self._is_ahead():
            log.warning("search index is ahead of its table (restored from a backup?) and is made anew")
            await self.rebuild()
        elif numbers.last_change > max(MANY, 2 * self.parts.engine.position) and not self._is_rebuilding:
            await self.rebuild()  # by batches it would be made twice: they know no compounds of what comes after them
        if numbers.last_change > self.parts.engine.position:
            await self._take_in()
        if not self._is_rebuilding:
            await self._rebuild_if_wanted(reindexing=bool(numbers.reindex))

    async def _is_ahead(self) -> bool:
        """Whether the index knows more than the table, which is asked anew: a rebuild may have ended since the look."""
        position = self.parts.engine.position
        return (await queries.numbers()).last_change < position

    @property
    def _is_rebuilding(self) -> bool:
        """Whether a rebuild goes on beside the rounds."""
        return self._rebuilding is not None and not self._rebuilding.done()

    async def _take_in(self) -> None:
        """By batches without a pause where many wait. A single change after some quiet is taken in at once."""
        await asyncio.sleep(max(0.0, self._pace_from - time.monotonic()))
        changes = 0
        async for batch in queries.changes_after(self.parts.engine.position):
            await self.parts.engine.apply(batch)
            changes += len(batch.changes)
        self._pace_from = time.monotonic() + min(MOST_PAUSE, max(LEAST_PAUSE, changes * PAUSE_A_CHANGE))

    async def is_settled(self) -> bool:
        """See Follower; and no rebuild is under way or wanted."""
        if self._rebuilding is not None and self._is_rebuilding:
            await asyncio.wait([self._rebuilding])
        return await super().is_settled() and not self.parts.engine.wants_rebuild

    async def rebuild(self) -> None:
        """Make the index anew from the table; searches and changes go on meanwhile."""
        started = time.monotonic()
        failures = figures.REBUILD_FAILURES.count_exceptions()
        with failures, figures.REBUILDING.track_inprogress(), figures.REBUILD_SECONDS.time():
            await self.parts.engine.rebuild(queries.changes_after)
        log.info("search index made anew", extra={"seconds": round(time.monotonic() - started, 2)})

    async def close(self) -> None:
        """Stop what runs beside the loop."""
        if self._rebuilding is not None:
            self._rebuilding.cancel()
            await asyncio.wait([self._rebuilding])

    async def _examine(self, suspicions: int) -> None:
        """After a failed search look at all the engine's data; if that goes well, the search itself was at fault."""
        elsewhere = self._examined >= 0 and suspicions != self._examined
        self._examined = suspicions
        if self.parts.suspect or elsewhere:
            self.parts.suspect = False
            await self.parts.engine.examine()

    async def _rebuild_if_wanted(self, *, reindexing: bool) -> None:
        if time.monotonic() < self._rebuild_from:
            return
        due = reindexing and await commands.reindex_is_due(self._handlers)
        if due or self.parts.engine.wants_rebuild:
            self._rebuilding = asyncio.create_task(self._rebuild_beside(due))

    async def _rebuild_beside(self, due: bool) -> None:
        """Searches go on meanwhile, so what fails is tried again after pauses: an attempt may cost minutes.

        This is a task's border: nobody waits for it.
        """
        try:
            await self.rebuild()
            if due:
                counted = await self.parts.engine.stats(frozenset({PUBLIC}))
                await commands.finish_reindex(counted.documents)
        except (AwayError, DamagedError) as error:
            log.warning("search index could not be made anew", extra={"reason": str(error)[:1000]})
        except Exception:
            log.exception("search index could not be made anew")
        else:
            self._pause = 0.0
            return
        self._pause = min(LONGEST_PAUSE, 2 * self._pause or LOOK_SECONDS)
        self._rebuild_from = time.monotonic() + self._pause

    async def _mend(self) -> None:
        try:
            await self.rebuild()
        except (AwayError, DamagedError) as error:
            log.error("search index cannot be made anew; is the disk full?", extra={"reason": str(error)[:1000]})
            await asyncio.sleep(LOOK_SECONDS)
