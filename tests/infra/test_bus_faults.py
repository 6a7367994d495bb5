"""RabbitMQ going wrong under the backbone: blocked, cut off, wiped, and handlers longer than the heartbeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

import infra.bus.consumer
from infra.bus.connection import BrokerUnavailable
from infra.bus.publisher import Message, Publisher
from infra.bus.topology import EVENTS
from infra.db import Transaction
from infra.inbox import Meta
from tests.infra.toys.brokers import AMQP_URL, needs_rabbitmq, wipe
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
    relay, consumer = toys.relay(), await toys.consumer()
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
    relay, consumer = toys.relay(), await toys.consumer()
    await toys.make(1)
    await asyncio.wait_for(begun.wait(), SECONDS)
    wire.cut()
    wire.mend()
    go_on.set()
    await toys.settled(relay, consumer)
    assert await toys.seen() == [1]


async def test_a_broker_that_loses_everything_while_we_work_is_healed(wired: tuple[House, Wire]) -> None:
    toys, _ = wired
    relay, consumer = toys.relay(), await toys.consumer()
    await toys.make(*range(20))
    await toys.settled(relay, consumer)
    wipe(AMQP_URL)
    await toys.make(*range(20, 40))
    await toys.settled(relay, consumer)
    assert sorted(await toys.seen()) == list(range(40))


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
    relay, consumer = toys.relay(), await toys.consumer()
    await toys.make(1)
    await toys.settled(relay, consumer)
    assert calls == [1]
    assert await toys.seen() == [1]
