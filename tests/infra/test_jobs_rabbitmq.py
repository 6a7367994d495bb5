"""Background jobs over RabbitMQ, where they differ from those in memory: the connection under a long job."""

from __future__ import annotations

import asyncio
import time

import pytest

from infra.jobs import Jobs
from infra.jobs.celery import SendingThread, Worker, make_celery, queue_of
from infra.jobs.loop import LoopBridge
from tests.infra.toys.brokers import AMQP_URL, connected, needs_rabbitmq

HEARTBEAT_SECONDS = 1  # the broker gives up a connection that is silent for two of them
LONG_SECONDS = 5


@pytest.mark.rabbitmq
@needs_rabbitmq
async def test_a_job_longer_than_the_heartbeat_is_run_once(caplog: pytest.LogCaptureFixture) -> None:
    jobs = Jobs(f"shop{time.monotonic_ns()}")
    begun: list[str] = []
    noted = asyncio.Event()

    @jobs.task("take_long")
    async def take_long() -> None:
        begun.append("take_long")
        await asyncio.sleep(LONG_SECONDS)

    @jobs.task("note")
    async def note() -> None:
        noted.set()

    bridge = LoopBridge(asyncio.get_running_loop())
    app = make_celery([jobs], AMQP_URL, bridge, HEARTBEAT_SECONDS)
    sender, worker = SendingThread(app), Worker(app, [jobs.service], bridge)
    sender.start()
    worker.start()
    jobs.connect(sender)
    try:
        jobs.enqueue("take_long")
        jobs.enqueue("note")
        await asyncio.wait_for(noted.wait(), LONG_SECONDS + 20)
        assert begun == ["take_long"]
        assert worker.ready
        assert "consumer: Connection to broker lost" not in caplog.text
    finally:
        await asyncio.to_thread(worker.stop, 10)
        await asyncio.to_thread(sender.stop, 10)
        with connected() as connection:
            connection.channel().queue_delete(queue_of(jobs.service))
