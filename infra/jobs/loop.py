"""The bridge between Celery's threads and the event loop: every job runs on the one loop of its process.

Connections, caches and the ORM belong to that loop, so a worker thread never makes a loop of its own; it hands
the coroutine over and waits for its end.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, wait
from typing import Any

from infra import metrics, telemetry
from infra.telemetry import Kind
from infra.tracing import Trace


class LoopBridge:
    """Runs coroutines of one event loop on behalf of other threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._running: set[Future[None]] = set()
        self._closed = False
        self._meanwhile: Callable[[], None] = lambda: None
        self._every: float | None = None

    def while_waiting(self, action: Callable[[], None], every: float) -> None:
        """Call `action` every so many seconds, in the thread that waits for a job; it must not raise."""
        self._meanwhile, self._every = action, every

    def call(self, name: str, function: Callable[..., Awaitable[None]], args: tuple[Any, ...], trace: Trace) -> None:
        """Run the job `name` as `function(*args)` on the loop and wait for it; called from a worker's thread.

        Raises:
            concurrent.futures.CancelledError: the process stops and could not wait any longer.
            Exception: whatever the function raises.
        """
        with self._lock:
            if self._closed:
                raise asyncio.CancelledError
            future = asyncio.run_coroutine_threadsafe(_traced(name, function, args, trace), self._loop)
            self._running.add(future)
        try:
            while not wait([future], self._every).done:
                self._meanwhile()
            future.result()
        finally:
            with self._lock:
                self._running.discard(future)

    def cancel_all(self) -> int:
        """Cancel what still runs and refuse what comes; returns how many jobs were cut off."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for future in running:
            future.cancel()
        return len(running)


async def _traced(name: str, function: Callable[..., Awaitable[None]], args: tuple[Any, ...], trace: Trace) -> None:
    with telemetry.span(f"run {name}", Kind.CONSUMER, trace), metrics.JOB_SECONDS.labels(name).time():
        await function(*args)
