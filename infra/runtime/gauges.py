"""What only the databases and the broker know, looked up at the moment when the metrics of a process are asked for.

A process tells of the services whose background it runs; of several copies all tell the same, so take the greatest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from tortoise.functions import Count, Min

from infra import metrics
from infra.inbox import dead_letters
from infra.inbox.tables import tables
from infra.mail.posting.models import Posting, postings
from infra.outbox.log import Log


@asynccontextmanager
async def event_gauges(services: Sequence[str]) -> AsyncIterator[None]:
    """Inside, this process tells how the logs, checkpoints and dead letters of `services` are."""

    async def measure() -> None:
        await asyncio.gather(*(_measure_log(name) for name in services), *(_measure_inbox(name) for name in services))

    with metrics.measured_by(measure):
        yield


@asynccontextmanager
async def mail_gauges(services: Sequence[str]) -> AsyncIterator[None]:
    """Inside, this process tells how many mails of each queue of `services` wait, and since when."""
    queues = [queue for queue in postings() if queue._meta.app in services]

    async def measure() -> None:
        await asyncio.gather(*(_measure_queue(queue) for queue in queues))

    with metrics.measured_by(measure):
        yield


@asynccontextmanager
async def job_gauges(waiting: Callable[[], Mapping[str, int]]) -> AsyncIterator[None]:
    """Inside, this process tells how many jobs wait; `waiting` counts them by service and may block."""

    async def measure() -> None:
        for service, number in (await asyncio.to_thread(waiting)).items():
            metrics.JOBS_WAITING.labels(service).set(number)

    with metrics.measured_by(measure):
        yield


async def _measure_log(service: str) -> None:
    log = Log(service)
    since = await log.waiting_since()
    age = (datetime.now(UTC) - since).total_seconds() if since else 0.0
    metrics.OUTBOX_OLDEST.labels(service).set(max(0.0, age))
    metrics.OUTBOX_BACKLOG.labels(service).set(await log.backlog())
    metrics.LOG_POSITION.labels(service).set(await log.head())


async def _measure_inbox(service: str) -> None:
    await dead_letters.show(service)
    for row in await tables(service).checkpoints.all():
        metrics.CHECKPOINT_POSITION.labels(service, row.producer).set(row.position)


async def _measure_queue(queue: type[Posting]) -> None:
    service, name = str(queue._meta.app), queue._meta.db_table
    waiting = queue.waiting().annotate(mails=Count("id"), since=Min("created_at"))
    [found] = await waiting.values("mails", "since")
    metrics.MAILS_WAITING.labels(service, name).set(found["mails"])
    metrics.MAILS_OLDEST.labels(service, name).set(_age(found["since"]))


def _age(since: datetime | str | None) -> float:
    """Seconds; SQLite gives the least of some moments as text."""
    if since is None:
        return 0.0
    moment = datetime.fromisoformat(since) if isinstance(since, str) else since
    return max(0.0, (datetime.now(UTC) - moment).total_seconds())
