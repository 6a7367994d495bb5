"""The bus without a server: its table of queues, pauses, and a broker that is not there."""

from __future__ import annotations

import asyncio

import pytest

from infra.bus.connection import BrokerUnavailable, Waker
from infra.bus.consumer import Delivery, QueueConsumer
from infra.bus.publisher import Message, Publisher
from infra.bus.retries import Backoff
from infra.bus.topology import consumer_topology, relay_topology, requests_queue
from infra.db import Transaction
from infra.inbox import Handlers, Meta
from tests.infra.toys.brokers import wipe
from tests.infra.toys.contracts import ThingMade, ThingWeighedInPounds
from tests.infra.toys.house import SECONDS


def test_the_arguments_of_existing_queues_stay_as_they_are() -> None:
    """Changing one is refused by RabbitMQ (406) for every installation that has the queue already."""
    queues = {queue.name: queue for queue in consumer_topology("forum", ["lotse.a.b.c.v1"], ["a"], [1, 0.5]).queues}
    assert {name: dict(queue.arguments) for name, queue in queues.items()} == {
        "lotse.forum.events": {"x-queue-type": "quorum", "x-single-active-consumer": True},
        "lotse.forum.delay.1000ms": _delay(1000),
        "lotse.forum.delay.500ms": _delay(500),
        "lotse.forum.dead": {"x-queue-type": "quorum"},
    }
    assert list(queues["lotse.forum.events"].bindings) == [
        ("lotse.events", "lotse.a.b.c.v1"),
        ("lotse.events", "lotse.control.log.head.v1.a"),
        ("lotse.replays", "lotse.forum.events.*"),
        ("lotse.forum", "lotse.forum.events"),
    ]
    (requests,) = relay_topology("forum").queues
    assert requests.name == "lotse.forum.requests"
    assert list(requests.bindings) == [("lotse.events", "lotse.control.replay.requested.v1.forum")]
    assert dict(requests.arguments) == {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,
        "x-message-ttl": 60_000,
    }


def _delay(milliseconds: int) -> dict[str, object]:
    return {
        "x-queue-type": "quorum",
        "x-message-ttl": milliseconds,
        "x-dead-letter-exchange": "lotse.forum",
        "x-dead-letter-routing-key": "lotse.forum.events",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def test_pauses_grow_to_their_limit_and_start_over() -> None:
    backoff = Backoff(first=1, last=5)
    for limit in (1, 2, 4, 5, 5):
        assert limit / 2 <= backoff.next() <= limit
    backoff.reset()
    assert backoff.next() <= 1


async def test_a_broker_that_is_not_there_is_said_to_be_unavailable() -> None:
    publisher = Publisher("amqp://127.0.0.1:8119//")
    with pytest.raises(BrokerUnavailable, match="refused"):
        await publisher.publish([Message(b"{}", "x")])
    await publisher.close()


async def test_a_consumer_without_broker_stops_when_told() -> None:
    async def receive(_deliveries: object) -> None:
        raise AssertionError("nothing can arrive")

    consumer = QueueConsumer("amqp://127.0.0.1:8119//", relay_topology("maker"), requests_queue("maker"), receive)
    task = asyncio.create_task(consumer.run())
    await asyncio.sleep(0)
    consumer.stop()
    await asyncio.wait_for(task, SECONDS)
    assert not consumer.is_open


async def test_a_batch_that_cannot_be_received_comes_again() -> None:
    wipe("memory://")
    publisher = Publisher("memory://")
    batches: list[list[bytes]] = []
    received = asyncio.Event()

    async def receive(deliveries: list[Delivery]) -> None:
        batches.append([delivery.body for delivery in deliveries])
        if len(batches) == 1:
            raise ConnectionError("no database")
        received.set()

    topology = relay_topology("maker")
    consumer = QueueConsumer("memory://", topology, requests_queue("maker"), receive)  # type: ignore[arg-type]
    task = asyncio.create_task(consumer.run())
    await asyncio.wait_for(consumer.opened(), SECONDS)
    (binding,) = topology.queues[0].bindings
    await publisher.publish([Message(b"1", binding[1]), Message(b"2", binding[1])])
    await asyncio.wait_for(received.wait(), SECONDS)
    consumer.stop()
    await asyncio.wait_for(task, SECONDS)
    await publisher.close()
    assert batches[0] == batches[1]
    assert b"".join(body for batch in batches[1:] for body in batch) == b"12"


def test_a_waker_may_be_rung_too_often_and_too_late() -> None:
    waker = Waker()
    for _ in range(70_000):  # more than a pipe holds
        waker.wake()
    waker.wait(60)
    waker.close()
    waker.wake()
    waker.close()


def test_two_handlers_of_one_event_need_two_names() -> None:
    handlers = Handlers("taker")

    async def twice(_tx: Transaction, _event: ThingMade, _meta: Meta) -> None:
        """The inbox tells handlers apart by this name."""

    handlers.on(ThingMade)(twice)
    with pytest.raises(ValueError, match="two handlers twice"):
        handlers.on(ThingMade)(twice)


def test_a_handler_of_a_form_that_has_a_successor_is_refused() -> None:
    with pytest.raises(ValueError, match=r"thing\.weighed\.v2"):
        Handlers("taker").on(ThingWeighedInPounds)
