"""Keeping up in a process that answers searches: words and regions from the tables, news from the engine.

The indexer does this and more (`indexing`). Where another process indexes, this loop is all that runs beside requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from services.search import commands, queries
from services.search.engine import AwayError, DamagedError
from services.search.running import Running

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
LEARN_SECONDS = 0.5


class Follower:
    """One per process. `run` is its loop, `settled` tells when it has caught up."""

    def __init__(self, parts: Running) -> None:
        self.parts = parts
        self.bell = asyncio.Event()
        parts.bells.append(self.bell)
        self._learned_at = 0.0
        self._progress = asyncio.Condition()
        self._failing = False

    async def run(self) -> None:
        """Work until cancelled. This is a loop's border: whatever fails is logged and tried again."""
        while True:
            try:
                await self.round()
                await self._note_progress()
            except (AwayError, DamagedError) as error:
                self._tell("the search engine cannot be used; trying again", error)
            except Exception:
                log.exception("search could not keep up with its tables; trying again")
                await asyncio.sleep(LOOK_SECONDS)
            await self.wait()

    async def round(self) -> None:
        """Look once at the tables and at the engine; tell the indexer when a search has failed."""
        if self.parts.suspect:
            self.parts.suspect = False
            await commands.report_damage()
        await self.learn((await queries.numbers()).knowledge, at_most_every=LEARN_SECONDS)
        await self.parts.engine.refresh()

    async def settled(self) -> None:
        """Return once everything committed by now is searchable and understood."""
        while not await self.is_settled():
            await self.learn((await queries.numbers()).knowledge, at_most_every=0)
            async with self._progress:
                self.bell.set()
                await self._progress.wait()

    async def is_settled(self) -> bool:
        """Whether engine and knowledge have got to the tables' present state."""
        numbers = await queries.numbers()
        return self.parts.learned == numbers.knowledge and numbers.last_change <= self.parts.engine.position

    async def learn(self, number: int, at_most_every: float) -> None:
        """Load regions and words when they changed; a burst of such changes is loaded together.

        `number` is the counter of such changes as it was read before.
        """
        early = self.parts.learned >= 0 and time.monotonic() - self._learned_at < at_most_every
        if early or number == self.parts.learned:
            return
        self.parts.knowledge = await queries.load_knowledge()
        await self.parts.engine.learn(self.parts.knowledge)
        self.parts.learned, self._learned_at = number, time.monotonic()

    async def wait(self) -> None:
        """Until the bell rings, a second at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):  # wait_for of 3.11 forgets a cancellation that meets the bell
                await self.bell.wait()
        self.bell.clear()

    async def _note_progress(self) -> None:
        if self._failing:
            log.info("the search engine can be used again")
        self._failing = False
        self.parts.ready = self.parts.ready or await self.is_settled()
        async with self._progress:
            self._progress.notify_all()

    def _tell(self, what: str, error: Exception) -> None:
        """Log a failure once for as long as it lasts."""
        if not self._failing:
            log.warning(what, extra={"reason": str(error)[:1000]})
        self._failing = True
