"""Celery inside a process: the sending thread, and where jobs are run, the worker and beat."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial

from infra.jobs.celery import Beat, SendingThread, Worker, make_celery, send_all_due, waiting
from infra.jobs.loop import LoopBridge
from infra.jobs.registry import Jobs
from infra.runtime.gauges import job_gauges
from infra.runtime.service import Service
from infra.runtime.shutdown import Stoppable
from infra.settings import Settings

LOOK_SECONDS = 1.0


class Workers:
    """Celery of one process. `jobs` are those of all services that it hosts."""

    def __init__(self, settings: Settings, services: Sequence[Service]) -> None:
        self._jobs: list[Jobs] = [service.jobs for service in services]
        self._bridge = LoopBridge(asyncio.get_running_loop())
        self._app = make_celery(self._jobs, settings.jobs(services[0].name), self._bridge)
        self._sender = SendingThread(self._app)
        self._worker: Worker | None = None
        self._beat: Beat | None = None
        self._stopping = asyncio.Event()

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
            self._beat = Beat(self._app)
            self._beat.start()
            stops.append(self._beat.stop)
            names = [jobs.service for jobs in self._jobs]
            await parts.enter("job gauges", job_gauges(partial(waiting, self._app, names)))

        async def stop(seconds: float) -> None:
            self._stopping.set()
            # Both at once, since both take their time; half of it, to leave some to relay and database.
            await asyncio.gather(*(asyncio.to_thread(each, seconds / 2) for each in stops))

        parts.on_stop("jobs", stop)

    def send_all_due(self) -> None:
        """Ask once for every job that has a rhythm: what a former process lost is found now, not at the next tick."""
        send_all_due(self._jobs, self._sender)

    async def run(self) -> None:
        """Return once worker or beat has ended, be it by itself or because it was asked to."""
        while not self._stopping.is_set() and all(part.alive for part in (self._worker, self._beat) if part):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_SECONDS)

    def well(self) -> bool:
        """Whether those of worker and beat that were started do their work."""
        return (self._worker is None or self._worker.ready) and (self._beat is None or self._beat.alive)
