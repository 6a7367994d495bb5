"""Users of RabbitMQ that may do what their service does, and nothing of another's; against a real broker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from amqp.exceptions import AccessRefused

from infra.bus.publisher import Message, Publisher
from infra.bus.topology import (
    EVENTS,
    REPLAYS,
    consumer_topology,
    dead_queue,
    declare,
    events_queue,
    relay_topology,
    requests_queue,
)
from infra.db import Transaction
from infra.errors import Retryable
from infra.inbox import Meta
from infra.jobs import Jobs
from infra.jobs.celery import SendingThread, Worker, make_celery, queue_of
from infra.jobs.loop import LoopBridge
from infra.runtime.__main__ import main
from infra.runtime.broker_files import DEFINITIONS, RESOURCES, all_users, definitions_text, resources_text
from infra.runtime.permissions import BrokerUser
from tests.infra.toys.brokers import DELAYS, connected
from tests.infra.toys.contracts import ThingMade
from tests.infra.toys.house import SECONDS, house
from tests.infra.toys.restricted import Broker, needs_rabbitmqctl, restricted_broker
from tests.kit import Database


@pytest.mark.parametrize(("file", "text"), [(DEFINITIONS, definitions_text), (RESOURCES, resources_text)])
def test_the_checked_in_files_are_current_and_hold_no_password(
    file: Path, text: Callable[[Sequence[BrokerUser]], str]
) -> None:
    written = file.read_text(encoding="utf-8")
    assert written == text(all_users()), "Run: python -m infra.runtime broker-definitions --write"
    assert "password" not in written


def test_the_command_shows_the_definitions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["broker-definitions"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(DEFINITIONS.read_text(encoding="utf-8"))


Action = Callable[[Any], object]


def _publish(exchange: str, key: str) -> Action:
    return lambda channel: channel.basic_publish_confirm(
        channel.prepare_message(b"x", content_encoding="binary"), exchange, key
    )


def _bind(queue: str, exchange: str, key: str) -> Action:
    return lambda channel: channel.queue_bind(queue, exchange, key)


@contextmanager
def _channel(broker: Broker, service: str, vhost: str = "") -> Iterator[Any]:
    with connected(broker.url(service, vhost)) as connection:
        yield connection.channel()


def _dead(broker: Broker) -> int:
    """How many messages taker has put aside for good."""
    with _channel(broker, "taker") as channel:
        return int(channel.queue_declare(dead_queue("taker"), passive=True).message_count)


# What taker, which hears maker, must not do.
FOREIGN: dict[str, Action] = {
    "say what maker says": _publish(EVENTS, ThingMade.type),
    "mark maker's log": _publish(EVENTS, "lotse.control.log.head.v1.maker"),
    "ask whom it does not hear": _publish(EVENTS, "lotse.control.replay.requested.v1.taker"),
    "replay in maker's name": _publish(REPLAYS, "lotse.taker.events.maker"),
    "replay to who does not hear it": _publish(REPLAYS, "lotse.maker.events.taker"),
    "publish through maker's exchange": _publish("lotse.maker", "lotse.maker.events"),
    "publish straight to a queue": _publish("", "lotse.maker.events"),
    "publish through a built-in exchange": _publish("amq.topic", "lotse.maker.events"),
    "take maker's events": lambda channel: channel.basic_get(events_queue("maker")),
    "take requests to maker": lambda channel: channel.basic_consume(requests_queue("maker")),
    "empty maker's queue": lambda channel: channel.queue_purge(events_queue("maker")),
    "delete maker's queue": lambda channel: channel.queue_delete(events_queue("maker")),
    "delete maker's exchange": lambda channel: channel.exchange_delete("lotse.maker"),
    "declare a queue of maker's": lambda channel: channel.queue_declare("lotse.maker.more", durable=True),
    "declare any queue": lambda channel: channel.queue_declare("mine", durable=True),
    "declare any exchange": lambda channel: channel.exchange_declare("mine", "topic", durable=True),
    "hear what it does not handle": _bind(events_queue("taker"), EVENTS, "lotse.maker.thing.broken.v1"),
    "hear everything": _bind(events_queue("taker"), EVENTS, "#"),
    "hear requests to maker": _bind(events_queue("taker"), EVENTS, "lotse.control.replay.requested.v1.maker"),
    "hear replays to maker": _bind(events_queue("taker"), REPLAYS, "lotse.maker.events.*"),
    "send maker's delays its own way": _bind(events_queue("taker"), "lotse.maker", "lotse.maker.events"),
    "read what it gave up": lambda channel: channel.basic_get(dead_queue("taker")),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def common() -> AsyncIterator[Broker]:
    async with restricted_broker() as made:
        yield made


class TestWork:
    """With a broker for each test, since queues keep what was said."""

    pytestmark = needs_rabbitmqctl

    @pytest.fixture
    async def broker(self) -> AsyncIterator[Broker]:
        async with restricted_broker() as made:
            yield made

    async def test_each_does_its_work_as_itself(self, broker: Broker, sqlite: Database) -> None:
        """Relay, marks, requests for replays and their answers, retries after a delay, and what cannot be read."""
        async with house(sqlite, broker.url("taker")) as toys:
            failures: list[int] = []

            async def fail_once(_tx: Transaction, event: ThingMade, _meta: Meta) -> None:
                if not failures:
                    failures.append(event.number)
                    raise Retryable("not yet")

            toys.behave = fail_once
            maker = Publisher(broker.url("maker"))
            await toys.make(1, 2)
            consumer, relay = await toys.consumer(delays=DELAYS), toys.relay(maker)
            await toys.settled(relay, consumer)
            await maker.publish([Message(b"no envelope", ThingMade.type)])
            await consumer.replay("maker")
            await toys.make(3)
            await toys.settled(relay, consumer)
            assert sorted(set(await toys.seen())) == [1, 2, 3]
            assert failures
            async with asyncio.timeout(SECONDS):
                while await asyncio.to_thread(_dead, broker) != 1:
                    await asyncio.sleep(0.05)
            await toys.stop(relay)
            await maker.close()

    async def test_a_permission_that_is_missing_is_named_with_its_cure_and_heals_when_it_is_given(
        self, broker: Broker, sqlite: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        await broker.let_write("maker", allowed=False)
        async with house(sqlite, broker.url("taker")) as toys:
            maker = Publisher(broker.url("maker"))
            await toys.make(1, 2)
            consumer, relay = await toys.consumer(delays=DELAYS), toys.relay(maker)
            async with asyncio.timeout(SECONDS):
                while "Give the user this permission" not in caplog.text:
                    await asyncio.sleep(0.05)
            assert "ACCESS_REFUSED" in caplog.text
            assert await toys.log.backlog() == 2
            await broker.let_write("maker", allowed=True)
            await toys.settled(relay, consumer)
            assert await toys.seen() == [1, 2]
            await toys.stop(relay)
            await maker.close()


class TestBorders:
    """With one broker for all of these tests, which change nothing on it that matters to the others."""

    pytestmark = needs_rabbitmqctl

    async def test_jobs_reach_their_own_worker_and_come_back_after_a_failure(self, common: Broker) -> None:
        done: asyncio.Queue[str] = asyncio.Queue()
        jobs, failures = Jobs("maker"), [1]

        @jobs.task("note")
        async def note(text: str) -> None:
            if failures:
                failures.pop()
                raise Retryable("not yet")
            done.put_nowait(text)

        bridge = LoopBridge(asyncio.get_running_loop())
        app = make_celery([jobs], common.url("maker", common.jobs), bridge)
        sender, worker = SendingThread(app), Worker(app, ["maker"], bridge)
        sender.start()
        worker.start()
        sender("maker.note", "a")
        assert await asyncio.wait_for(done.get(), SECONDS) == "a"
        assert await asyncio.to_thread(worker.stop, SECONDS)
        assert await asyncio.to_thread(sender.stop, SECONDS)

    async def test_nobody_does_what_is_anothers(self, common: Broker) -> None:
        with _channel(common, "maker") as channel:
            declare(channel, consumer_topology("maker", [], [], DELAYS))
            declare(channel, relay_topology("maker"))
        with _channel(common, "taker") as channel:
            declare(channel, consumer_topology("taker", [ThingMade.type], ["maker"], DELAYS))
        for name, action in FOREIGN.items():
            with _channel(common, "taker") as channel, pytest.raises(AccessRefused) as refusal:
                action(channel)
                pytest.fail(f"not refused: {name}")
            assert "refused" in str(refusal.value)

    async def test_nobody_sends_or_takes_anothers_jobs(self, common: Broker) -> None:
        queue = queue_of("maker")
        with _channel(common, "maker", common.jobs) as channel:
            channel.queue_declare(queue, durable=True, auto_delete=False)
        for action in (
            _publish("", queue),
            _publish(queue, queue),
            lambda channel: channel.basic_get(queue),
            lambda channel: channel.queue_purge(queue),
            lambda channel: channel.queue_declare("elsewhere"),
        ):
            with _channel(common, "taker", common.jobs) as channel, pytest.raises(AccessRefused):
                action(channel)
