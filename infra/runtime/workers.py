"""Celery inside a process: the sending thread, and where jobs are run, the worker and beat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from infra.jobs.celery import Beat, SendingThread, Worker, make_celery, send_all_due
from infra.jobs.loop import LoopBridge
from infra.jobs.registry import Jobs
from infra.runtime.service import Service
from infra.runtime.shutdown import Stoppable
from infra.settings import Settings


class Workers:
    """Celery of one process. `jobs` are those of all services that it hosts."""

    def __init__(self, settings: Settings, services: Sequence[Service]) -> None:
        self._jobs: list[Jobs] = [service.jobs for service in services]
        self._bridge = LoopBridge(asyncio.get_running_loop())
        self._app = make_celery(self._jobs, settings.jobs_url, self._bridge)
        self._sender = SendingThread(self._app)
        self._worker: Worker | None = None

    async def start_sending(self, parts: Stoppable) -> None:
        """From now on `Jobs.enqueue` reaches the broker."""
        self._sender.start()
        for jobs in self._jobs:
            jobs.connect(self._sender)

        async def stop(seconds: float) -> None:
            for jobs in self._jobs:
                jobs.connect(None)
            await asyncio.to_thread(self._sender.stop, seconds)

        parts.on_stop("job sender", stop)

    async def start_working(self, parts: Stoppable, *, worker: bool = True, beat: bool = True) -> None:
        """From now on run jobs (`worker`) and send those that have a rhythm (`beat`)."""
        stops: list[Callable[[float], bool]] = []
        if worker:
            self._worker = Worker(self._app, [jobs.service for jobs in self._jobs], self._bridge)
            self._worker.start()
            stops.append(self._worker.stop)
        if beat:
            clock = Beat(self._app)
            clock.start()
            stops.append(clock.stop)

        async def stop(seconds: float) -> None:
            # Both at once, since both take their time; half of it, to leave some to relay and database.
            await asyncio.gather(*(asyncio.to_thread(each, seconds / 2) for each in stops))

        parts.on_stop("jobs", stop)

    def send_all_due(self) -> None:
        """Ask once for every job that has a rhythm: what a former process lost is found now, not at the next tick."""
        send_all_due(self._jobs, self._sender)

    def working(self) -> bool:
        """Whether the worker takes jobs."""
        return self._worker is not None and self._worker.ready
