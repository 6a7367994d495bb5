"""Stopping in order: parts stop in the reverse order of their start, together within one deadline.

Started as database, broker, relays, jobs, consumers, web server, a process stops as the architecture asks: no new
requests, consumers cancelled, what is in hand finished and settled, the relay's batch ended, broker, database.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

from infra.runtime.problems import EXIT_AT_ONCE

log = logging.getLogger(__name__)
STOP_SECONDS = 20.0
LEAST_SECONDS = 0.5
T = TypeVar("T")
Stop = Callable[[float], Awaitable[object]]


class Stoppable:
    """The parts of a process that are up; leaving the block stops them, the last one first.

    A part that takes longer than what is left of the deadline is given up, so that those after it (at the end the
    database) still stop. An exception from one part is raised once all have stopped.
    """

    def __init__(self, seconds: float = STOP_SECONDS) -> None:
        self._seconds = seconds
        self._deadline = 0.0
        self._stack = AsyncExitStack()
        self.stopped: list[str] = []

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._deadline = time.monotonic() + self._seconds
        return await self._stack.__aexit__(kind, error, trace)

    def on_stop(self, name: str, stop: Stop) -> None:
        """Call `stop(seconds left)` when the process stops, after everything that was started later."""
        self._stack.push_async_callback(self._limited, name, stop)

    async def enter(self, name: str, manager: AbstractAsyncContextManager[T]) -> T:
        """Enter a context manager that is left when the process stops."""
        value = await manager.__aenter__()

        async def leave(_seconds: float) -> None:
            await manager.__aexit__(None, None, None)

        self.on_stop(name, leave)
        return value

    async def _limited(self, name: str, stop: Stop) -> None:
        left = max(LEAST_SECONDS, self._deadline - time.monotonic())
        started = time.monotonic()
        try:
            async with asyncio.timeout(left + LEAST_SECONDS):
                await stop(left)
        except TimeoutError:
            log.exception("part did not stop in time and was given up", extra={"part": name})
        self.stopped.append(name)
        log.info("stopped", extra={"part": name, "seconds": round(time.monotonic() - started, 3)})


class StopRequested(Exception):
    """The process was asked to stop while it was still starting."""


class Signals:
    """SIGTERM and Ctrl+C ask the process to stop; the second one ends it at once."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()

    def install(self) -> None:
        """Take the signals over from the running loop on."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._received)

    async def unless_stopped(self, work: Coroutine[Any, Any, object]) -> None:
        """Wait for `work`, but not longer than until the process is asked to stop.

        Raises:
            StopRequested: `work` was cancelled for that.
        """
        task, stop = asyncio.create_task(work), asyncio.create_task(self.stop.wait())
        await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait((task,))
            raise StopRequested
        await task

    def _received(self) -> None:
        if self.stop.is_set():
            os._exit(EXIT_AT_ONCE)
        self.stop.set()
