"""A poison message in each kind of queue: nobody stops, nothing else is lost, and the operator finds what can be kept.

What comes into a service's own queue of events is in the suite of the backbone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from infra.bus.publisher import Message
from infra.bus.topology import dead_queue, delay_queue, own_exchange
from infra.inbox import dead_letters
from infra.jobs import Jobs
from infra.jobs.celery import SendingThread, Worker, make_celery, queue_of
from infra.jobs.loop import LoopBridge
from tests.infra.toys.brokers import AMQP_URL, connected, messages, needs_rabbitmq, wipe
from tests.infra.toys.house import SECONDS, House, house, made
from tests.kit import Database

HUGE = b"x" * 20_000_000


@pytest.fixture
async def toys(sqlite: Database) -> AsyncIterator[House]:
    wipe(AMQP_URL)
    async with house(sqlite, AMQP_URL) as made:
        yield made
    wipe(AMQP_URL)


@pytest.mark.rabbitmq
@needs_rabbitmq
@pytest.mark.parametrize("poison", [b"\xff\x00", b"", HUGE], ids=["bytes", "nothing", "20 MB"])
async def test_in_a_delay_queue(toys: House, poison: bytes) -> None:
    consumer, relay = await toys.consumer(), toys.relay()
    await toys.publisher.publish([Message(poison, delay_queue("taker", 0.05), own_exchange("taker"))])
    await toys.make(1)
    await toys.settled(relay, consumer)
    assert await toys.seen() == [1]
    async with asyncio.timeout(SECONDS):
        while not (buried := messages(AMQP_URL, dead_queue("taker"))):
            await asyncio.sleep(0.01)
    assert buried == [poison]


@pytest.mark.rabbitmq
@needs_rabbitmq
@pytest.mark.parametrize("attempt", [-7, 99, "many"])
async def test_an_attempt_that_cannot_be(toys: House, attempt: int | str) -> None:
    async def fail(*_: object) -> None:
        raise ValueError

    toys.behave = fail
    await toys.consumer()
    await toys.publisher.publish([made(1, attempt)])
    async with asyncio.timeout(SECONDS):
        while not await dead_letters.listing("taker"):
            await asyncio.sleep(0.01)


@asynccontextmanager
async def working(url: str) -> AsyncIterator[tuple[str, asyncio.Queue[str]]]:
    """A worker with one job, by its queue's name, and what that job was called with."""
    jobs, done = Jobs(f"poisoned{time.monotonic_ns()}"), asyncio.Queue[str]()

    @jobs.task("note")
    async def note(text: str) -> None:
        done.put_nowait(text)

    bridge = LoopBridge(asyncio.get_running_loop())
    app = make_celery([jobs], url, bridge)
    sender, worker = SendingThread(app), Worker(app, [jobs.service], bridge)
    sender.start()
    worker.start()
    async with asyncio.timeout(SECONDS):
        while not worker.ready:
            await asyncio.sleep(0.01)
    try:
        yield queue_of(jobs.service), done
    finally:
        await asyncio.to_thread(sender.stop, SECONDS)
        assert await asyncio.to_thread(worker.stop, SECONDS)


TASK = {"lang": "py", "id": "1", "task": "nobody.knows"}
NO_TASKS = {
    "bytes": (b"\xff\x00", {}, "application/json"),
    "pickle": (b"\x80\x04N.", TASK, "application/x-python-serialize"),
    "unknown job": (b"[[],{},{}]", TASK, "application/json"),
    "huge": (HUGE, {}, "text/plain"),
}


def _publish_jobs(url: str, queue: str) -> None:
    """The poison, a job with arguments it does not take, and one that is well."""
    known = {**TASK, "task": f"{queue.removeprefix('lotse.jobs.')}.note"}
    jobs = [b'[["one", "too many"],{},{}]', b'[["well"],{},{}]']
    with connected(url) as connection:
        producer = connection.Producer()
        for body, headers, kind in (*NO_TASKS.values(), *((body, known, "application/json") for body in jobs)):
            producer.publish(body, queue, exchange=queue, headers=headers, content_type=kind, content_encoding="utf-8")


@pytest.mark.parametrize("url", ["memory://", pytest.param(AMQP_URL, marks=[pytest.mark.rabbitmq, needs_rabbitmq])])
async def test_in_the_queue_of_jobs(url: str) -> None:
    async with working(url) as (queue, done):
        await asyncio.to_thread(_publish_jobs, url, queue)
        assert await asyncio.wait_for(done.get(), SECONDS) == "well"
