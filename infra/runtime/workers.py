"""Celery inside a process: the sending thread, and where jobs are run, the worker and beat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from infra.jobs.celery import Beat, SendingThread, Worker, make_celery, send_all_due
from infra.jobs.loop import LoopBridge
from infra.jobs.registry import Jobs
from infra.runtime.service import Service
from infra.runtime.shutdown import Stop, Stoppable
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

    async def start_working(self, parts: Stoppable) -> None:
        """Run jobs from now on."""
        self._worker = Worker(self._app, [jobs.service for jobs in self._jobs], self._bridge)
        self._worker.start()
        parts.on_stop("job worker", _in_thread(self._worker.stop))

    async def start_beat(self, parts: Stoppable) -> None:
        """Send the jobs that have a rhythm, each once now and then in its rhythm."""
        beat = Beat(self._app)
        beat.start()
        parts.on_stop("beat", _in_thread(beat.stop))
        send_all_due(self._jobs, self._sender)

    def working(self) -> bool:
        """Whether the worker takes jobs."""
        return self._worker is not None and self._worker.ready


def _in_thread(stop: Callable[[float], bool]) -> Stop:
    async def run(seconds: float) -> None:
        await asyncio.to_thread(stop, seconds / 2)  # leave time for relay and database

    return run
