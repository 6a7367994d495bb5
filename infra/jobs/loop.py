"""The bridge between Celery's threads and the event loop: every job runs on the one loop of its process.

Connections, caches and the ORM belong to that loop, so a worker thread never makes a loop of its own; it hands
the coroutine over and waits for its end.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait

from infra.jobs.lanes import Lanes, traced
from infra.jobs.registry import Job
from infra.tracing import Trace


class LoopBridge:
    """Runs coroutines of one event loop on behalf of other threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._running: set[Future[None]] = set()
        self._lanes = Lanes()
        self._closed = False
        self._meanwhile: Callable[[], None] = lambda: None
        self._every: float | None = None

    def while_waiting(self, action: Callable[[], None], every: float) -> None:
        """Call `action` every so many seconds, in the thread that waits for a job; it must not raise."""
        self._meanwhile, self._every = action, every

    def call(self, job: Job, args: tuple[str, ...], trace: Trace) -> None:
        """Run `job` with `args` on the loop and wait for it; called from a worker's thread.

        Raises:
            concurrent.futures.CancelledError: the process stops and could not wait any longer.
            Exception: whatever the job raises.
        """
        with self._lock:
            if self._closed:
                raise asyncio.CancelledError
            future = asyncio.run_coroutine_threadsafe(traced(job, args, trace), self._loop)
            self._running.add(future)
        try:
            while not wait([future], self._every).done:
                self._meanwhile()
            future.result()
        finally:
            with self._lock:
                self._running.discard(future)

    def begin(self, job: Job, args: tuple[str, ...], trace: Trace) -> None:
        """Put `job` in the line of its lane, without waiting for it; called from a worker's thread."""
        self._loop.call_soon_threadsafe(self._lanes.put, job, args, trace)

    def close_lanes(self) -> None:
        """Begin nothing any more in the lanes."""
        self._loop.call_soon_threadsafe(self._lanes.close)

    def wait_for_lanes(self, seconds: float) -> bool:
        """Whether what is in hand in the lanes is done within so many seconds."""
        finished = asyncio.run_coroutine_threadsafe(self._lanes.finished(), self._loop)
        return bool(wait([finished], max(0.0, seconds)).done)

    def cancel_all(self) -> int:
        """Cancel what still runs and refuse what comes; returns how many jobs were cut off."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for future in running:
            future.cancel()
        in_lanes = self._lanes.busy
        self._loop.call_soon_threadsafe(self._lanes.cancel)
        return len(running) + in_lanes
