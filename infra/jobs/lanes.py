"""Lanes: a job that may take long, such as sending mail to a slow server, does not hold up those of other lanes.

A worker runs one job after another. One with a lane is only put in line there and counts as taken; each lane is a
task on the event loop that works its line off. What is lost with the process beat finds again, as any other job.
"""

from __future__ import annotations

import asyncio
import logging

from infra import metrics, telemetry
from infra.errors import Retryable
from infra.jobs.registry import Job
from infra.telemetry import Kind
from infra.tracing import Trace

log = logging.getLogger(__name__)
_Line = dict[tuple[str, tuple[str, ...]], tuple[Job, Trace]]


async def traced(job: Job, args: tuple[str, ...], trace: Trace) -> None:
    """Run a job as part of the story in which somebody asked for it. Raises whatever it raises."""
    with telemetry.span(f"run {job.name}", Kind.CONSUMER, trace), metrics.JOB_SECONDS.labels(job.name).time():
        await job.function(*args)


class Lanes:
    """The lanes of one process; belongs to its event loop."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    @property
    def busy(self) -> int:
        """How many lanes have a job in hand."""
        return len(self._tasks)

    def put(self, job: Job, args: tuple[str, ...], trace: Trace) -> None:
        """Put a job at the end of its line; one that waits there already need not be done twice."""
        if self._closed:
            return
        self._lines.setdefault(job.lane, {}).setdefault((job.name, args), (job, trace))
        if job.lane not in self._tasks:
            self._tasks[job.lane] = asyncio.create_task(self._work(job.lane), name=f"lane {job.lane}")

    def close(self) -> None:
        """Begin nothing any more."""
        self._closed = True
        self._lines.clear()

    async def finished(self) -> None:
        """Returns when what is in hand is done."""
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    def cancel(self) -> None:
        """Begin nothing any more, and cut off what is in hand."""
        self.close()
        for task in list(self._tasks.values()):
            task.cancel()

    async def _work(self, lane: str) -> None:
        try:
            while line := self._lines.get(lane):
                key = next(iter(line))
                job, trace = line.pop(key)
                await _counted(job, key[1], trace)
        finally:
            del self._tasks[lane]


async def _counted(job: Job, args: tuple[str, ...], trace: Trace) -> None:
    try:
        await traced(job, args, trace)
    except Retryable as reason:
        metrics.JOBS.labels(job.name, "retried").inc()
        log.warning("job left to beat", extra={"job": job.name, "error": str(reason)[:200]})
    except asyncio.CancelledError:
        metrics.JOBS.labels(job.name, "returned").inc()
        raise
    except Exception:  # the border of the job loop: a fault of one job must not end its lane
        metrics.JOBS.labels(job.name, "failed").inc()
        log.exception("job failed", extra={"job": job.name})
    else:
        metrics.JOBS.labels(job.name, "done").inc()
