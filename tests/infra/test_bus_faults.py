"""RabbitMQ going wrong under the backbone: blocked, cut off, wiped, and handlers longer than the heartbeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

import infra.bus.consumer
from infra.bus.connection import BrokerUnavailable, Refused
from infra.bus.consumer import Delivery, QueueConsumer
from infra.bus.publisher import Message, Publisher
from infra.bus.retries import Delays
from infra.bus.topology import EVENTS, Exchange, Queue, Topology, delay_queue, events_queue, own_exchange
from infra.db import Transaction
from infra.errors import Retryable
from infra.inbox import Meta
from tests.infra.toys.brokers import AMQP_URL, delete_queue, lose_exchanges, messages, needs_rabbitmq, wipe
from tests.infra.toys.contracts import ThingMade
from tests.infra.toys.house import SECONDS, House, house
from tests.infra.toys.wire import Wire, wire_to
from tests.kit import Database

PORT = 8110
pytestmark = [pytest.mark.rabbitmq, needs_rabbitmq]


@pytest.fixture
async def wired(sqlite: Database) -> AsyncIterator[tuple[House, Wire]]:
    """The toys with their broker at the end of a wire."""
    wipe(AMQP_URL)
    async with wire_to(AMQP_URL, PORT) as (wire, url), house(sqlite, url) as toys:
        yield toys, wire
        wire.mend()
    wipe(AMQP_URL)


async def test_a_blocked_publisher_gives_up_in_time() -> None:
    async with wire_to(AMQP_URL, PORT) as (wire, url):
        publisher = Publisher(url, confirm_timeout=0.3)
        assert await publisher.publish([Message(b"{}", "nobody.wants.this")]) == 1
        wire.hold()
        with pytest.raises(BrokerUnavailable, match="confirmed nothing"):
            await asyncio.wait_for(publisher.publish([Message(b"{}", "x")]), SECONDS)
        wire.mend()
        assert await publisher.publish([Message(b"{}", "nobody.wants.this")]) == 1
        await publisher.close()


async def test_more_messages_than_the_window_are_all_confirmed() -> None:
    publisher = Publisher(AMQP_URL, window=10)
    assert await publisher.publish([Message(b"{}", "nobody.wants.this")] * 95) == 95
    await publisher.close()


async def test_a_broken_connection_is_replaced_without_the_caller_noticing() -> None:
    async with wire_to(AMQP_URL, PORT) as (wire, url):
        publisher = Publisher(url)
        await publisher.publish([Message(b"{}", "x")])
        wire.cut()
        wire.mend()
        assert await publisher.publish([Message(b"{}", "nobody.wants.this")]) == 1
        await publisher.close()


async def test_a_message_to_an_exchange_that_is_gone_is_an_error() -> None:
    publisher = Publisher(AMQP_URL)
    with pytest.raises(BrokerUnavailable, match="no exchange"):
        await publisher.publish([Message(b"{}", "x", "lotse.nowhere")])
    assert await publisher.publish([Message(b"{}", "nobody.wants.this", EVENTS)]) == 1
    await publisher.close()


async def test_while_the_wire_is_cut_events_wait_and_then_all_arrive(wired: tuple[House, Wire]) -> None:
    toys, wire = wired
    consumer, relay = await toys.consumer(), toys.relay()
    await toys.make(1, 2)
    await toys.settled(relay, consumer)
    wire.cut()
    await toys.make(3, 4, 5)
    assert await toys.seen() == [1, 2]
    wire.mend()
    await toys.settled(relay, consumer)
    assert sorted(await toys.seen()) == [1, 2, 3, 4, 5]


async def test_a_cut_during_handling_handles_once(wired: tuple[House, Wire]) -> None:
    toys, wire = wired
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_tx: Transaction, _event: ThingMade, _meta: Meta) -> None:
        begun.set()
        await go_on.wait()

    toys.behave = slow
    consumer, relay = await toys.consumer(), toys.relay()
    await toys.make(1)
    await asyncio.wait_for(begun.wait(), SECONDS)
    wire.cut()
    wire.mend()
    go_on.set()
    await toys.settled(relay, consumer)
    assert await toys.seen() == [1]


async def test_a_broker_that_loses_everything_while_we_work_is_healed(wired: tuple[House, Wire]) -> None:
    toys, _ = wired
    consumer, relay = await toys.consumer(), toys.relay()
    await toys.make(*range(20))
    await toys.settled(relay, consumer)
    wipe(AMQP_URL)
    await toys.make(*range(20, 40))
    await toys.settled(relay, consumer)
    assert sorted(await toys.seen()) == list(range(40))


async def test_exchanges_and_bindings_that_are_taken_away_come_back(
    wired: tuple[House, Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(infra.bus.consumer, "_REDECLARE_SECONDS", 0.2)
    toys, _ = wired
    consumer, relay = await toys.consumer(), toys.relay()
    await toys.make(1, 2)
    await toys.settled(relay, consumer)
    lose_exchanges(AMQP_URL)
    await toys.make(3, 4)
    await toys.settled(relay, consumer)
    assert sorted(await toys.seen()) == [1, 2, 3, 4]


async def test_a_consumer_says_whether_it_is_connected(wired: tuple[House, Wire]) -> None:
    toys, wire = wired
    consumer = await toys.consumer()
    assert consumer.is_open
    wire.cut()
    await _until(lambda: not consumer.is_open)
    wire.mend()
    await _until(lambda: consumer.is_open)


async def test_without_a_delay_queue_the_process_remembers(wired: tuple[House, Wire]) -> None:
    toys, _ = wired
    failures: list[int] = []

    async def fail_once(_tx: Transaction, event: ThingMade, _meta: Meta) -> None:
        if event.number == 2 and not failures:
            failures.append(event.number)
            raise Retryable

    toys.behave = fail_once
    consumer, relay = await toys.consumer(), toys.relay()
    delete_queue(AMQP_URL, delay_queue("taker", 0.05))
    await toys.make(1, 2, 3)
    await toys.settled(relay, consumer)
    assert await toys.seen() == [1, 3, 2]


async def test_what_a_delay_queue_refuses_comes_back_all_the_same(wired: tuple[House, Wire]) -> None:
    toys, _ = wired
    await toys.publisher.declare(_full_after_one(delay_queue("taker", 0.1)))
    delays = Delays("taker", toys.publisher, (0.1,))
    for body in (b"kept", b"refused"):
        assert await delays.put_aside(body, 1) == 0.1
    with pytest.raises(Refused, match="refused 1 of 1"):
        await toys.publisher.publish([Message(b"again", delay_queue("taker", 0.1), own_exchange("taker"))])
    await _until(lambda: messages(AMQP_URL, events_queue("taker")) == [b"refused"])
    assert messages(AMQP_URL, delay_queue("taker", 0.1)) == [b"kept"]


async def test_a_handler_longer_than_the_heartbeat_keeps_its_connection(
    wired: tuple[House, Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(infra.bus.consumer, "HEARTBEAT_SECONDS", 1)
    toys, _ = wired
    calls: list[int] = []

    async def long(_tx: Transaction, event: ThingMade, _meta: Meta) -> None:
        calls.append(event.number)
        with pytest.raises(TimeoutError):  # time itself is the matter here: the broker gives up after two beats
            await asyncio.wait_for(asyncio.Event().wait(), 4)

    toys.behave = long
    consumer, relay = await toys.consumer(), toys.relay()
    await toys.make(1)
    await toys.settled(relay, consumer)
    assert calls == [1]
    assert await toys.seen() == [1]


def _full_after_one(name: str) -> Topology:
    arguments = {"x-queue-type": "quorum", "x-max-length": 0, "x-overflow": "reject-publish"}
    own, events = own_exchange("taker"), events_queue("taker")
    queues = [Queue(name, [(own, name)], arguments), Queue(events, [(own, events)], {"x-queue-type": "quorum"})]
    return Topology([Exchange(own, "direct")], queues)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.02)


async def test_large_messages_wait_with_the_broker_and_not_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infra.bus.consumer, "_MOST_BYTES", 2000)
    monkeypatch.setattr(infra.bus.consumer, "_REDECLARE_SECONDS", 0.001)
    name, numbers, batches = "lotse.large.events", range(30), list[list[bytes]]()
    topology = Topology([Exchange(EVENTS, "topic")], [Queue(name, [(EVENTS, "lotse.large")])])
    publisher = Publisher(AMQP_URL)
    await publisher.declare(topology)
    await publisher.publish([Message(b"%0999d" % number, "lotse.large") for number in numbers])
    everything = asyncio.Event()

    async def receive(deliveries: Sequence[Delivery]) -> None:
        await asyncio.sleep(0.02)
        batches.append([delivery.body for delivery in deliveries])
        if sum(map(len, batches)) == len(numbers):
            everything.set()

    consumer = QueueConsumer(AMQP_URL, topology, name, receive)
    running = asyncio.create_task(consumer.run())
    try:
        await asyncio.wait_for(everything.wait(), SECONDS)
    finally:
        consumer.stop()
        await running
        await publisher.close()
        delete_queue(AMQP_URL, name)
    assert [int(body) for batch in batches for body in batch] == list(numbers)
    assert max(map(len, batches)) <= 3
