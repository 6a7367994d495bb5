"""A service that was taken over, with what the broker lets it do: it speaks for nobody else and holds nobody up."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from infra.bus.codec import control_body, decode, encode
from infra.bus.publisher import Message, Publisher
from infra.bus.topology import EVENTS, REPLAYS, dead_queue, mark_key, replay_key, request_key
from infra.contracts.control import LogHead, ReplayCompleted, ReplayRequested
from infra.contracts.envelope import Envelope
from infra.inbox import dead_letters
from tests.infra.toys.brokers import AMQP_URL, connected, messages, needs_rabbitmq, wipe
from tests.infra.toys.contracts import ThingMade
from tests.infra.toys.house import SECONDS, House, house, model
from tests.infra.toys.restricted import needs_rabbitmqctl, restricted_broker
from tests.kit import Database

ON_RABBITMQ = pytest.param(AMQP_URL, marks=[pytest.mark.rabbitmq, needs_rabbitmq], id="rabbitmq")
EVIL = "lotse.evil.thing.done.v1"  # a key that only the service `evil` may use


@pytest.fixture(params=[pytest.param("memory://", id="memory"), ON_RABBITMQ])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def toys(sqlite: Database, url: str) -> AsyncIterator[House]:
    wipe(url)
    async with house(sqlite, url) as made:
        yield made
    wipe(url)


def _made(number: int = 7, **fields: object) -> bytes:
    data = {"id": str(number), "number": number}
    said = Envelope(id="forged", source="/services/maker", type=ThingMade.type, subject="", time="", data=data)
    return encode(replace(said, **fields))  # type: ignore[arg-type]


async def _plant(toys: House, body: bytes, key: str, exchange: str = EVENTS) -> None:
    """Into taker's queue, which hears `key`."""
    await asyncio.to_thread(_bind, toys.url, exchange, key)
    await toys.publisher.publish([Message(body, key, exchange)])


def _bind(url: str, exchange: str, key: str) -> None:
    with connected(url) as connection:
        connection.channel().queue_bind(queue="lotse.taker.events", exchange=exchange, routing_key=key)


FAR = LogHead(id="maker", position=10**6)
FORGED = {
    "an event by another's key": (_made(), EVIL, EVENTS),
    "an event from another": (_made(source="/services/evil"), ThingMade.type, EVENTS),
    "a mark by another's key": (control_body("maker", FAR), mark_key("evil"), EVENTS),
    "a mark by the key of an event": (control_body("maker", FAR), EVIL, EVENTS),
    "an event as another's replay": (_made(), replay_key("lotse.taker.events", "evil"), REPLAYS),
    "the end of another's replay": (
        control_body("maker", ReplayCompleted(id="maker", position=10**6)),
        replay_key("lotse.taker.events", "evil"),
        REPLAYS,
    ),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
async def test_nobody_speaks_for_another(toys: House, forged: tuple[bytes, str, str]) -> None:
    consumer, relay = await toys.consumer(), toys.relay()
    await _plant(toys, *forged)
    await toys.make(1)
    await toys.settled(relay, consumer)
    assert await toys.seen() == [1]
    assert (await model("taker", "Checkpoint").get(producer="maker")).position == 1
    assert messages(toys.url, dead_queue("taker")) == [forged[0]]


async def test_a_mark_speaks_of_the_log_of_who_sent_it(toys: House) -> None:
    consumer, relay = await toys.consumer(), toys.relay()
    await _plant(toys, control_body("evil", FAR), mark_key("evil"))
    await toys.make(1)
    await toys.settled(relay, consumer)
    assert (await model("taker", "Checkpoint").get(producer="maker")).position == 1


DEEP = b'{"id":"1","source":"/services/maker","type":"x","subject":"","time":"","data":{"a":' + b"[" * 10**5
UNFIT = {
    "nested without end": DEEP + b"]" * 10**5 + b"}}",
    "a NUL in the id": _made(id="a\0b"),
    "a NUL in a text": _made(data={"id": "7", "number": 7, "more": "a\0b"}),
    "an id too long": _made(id="7" * 65),
    "a source too long": _made(source="/services/" + "m" * 41),
    "a position that no column holds": _made(position=2**63),
    "a position before the first": _made(position=0),
}


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
async def test_what_no_table_can_keep_holds_nobody_up(toys: House, unfit: bytes) -> None:
    consumer, relay = await toys.consumer(), toys.relay()
    await toys.publisher.publish([Message(unfit, ThingMade.type)])
    await toys.make(1)
    await toys.settled(relay, consumer)
    assert await toys.seen() == [1]
    assert await dead_letters.listing("taker") == []
    assert messages(toys.url, dead_queue("taker")) == [unfit]


def test_a_backslash_before_u0000_is_no_nul() -> None:
    text = {"typed": r"\u0000"}
    assert decode(_made(data=text)).data == text


ANYWHERE = 471147114711


def _at(position: int, body: bytes) -> bytes:
    """The same with a position that our own contracts would not let us say."""
    return body.replace(str(ANYWHERE).encode(), str(position).encode())


@pytest.mark.parametrize("position", [-1, 2**63])
async def test_a_mark_that_no_log_can_have_is_passed_over(toys: House, position: int) -> None:
    consumer, relay = await toys.consumer(), toys.relay()
    body = _at(position, control_body("maker", LogHead(id="maker", position=ANYWHERE)))
    await toys.publisher.publish([Message(body, mark_key("maker"))])
    await toys.make(1)
    await toys.settled(relay, consumer)
    assert (await model("taker", "Checkpoint").get(producer="maker")).position == 1


ASKED = ReplayRequested(id="maker", queue="lotse.taker.events", types=[ThingMade.type])
REQUESTS = {
    "after what cannot be": _at(2**63, control_body("taker", replace(ASKED, after=ANYWHERE))),
    "a queue that cannot be": control_body("taker", replace(ASKED, queue="lotse.taker.events" * 20)),
    "everything at once": control_body("taker", replace(ASKED, types=["x"] * 40_000)),
    "a type too long": control_body("taker", replace(ASKED, types=["x" * 200])),
}


@pytest.mark.parametrize("request_body", REQUESTS.values(), ids=REQUESTS)
async def test_a_request_that_cannot_be_answered_keeps_no_other_waiting(toys: House, request_body: bytes) -> None:
    consumer, relay = await toys.consumer(), toys.relay()
    await toys.make(1)
    await toys.settled(relay, consumer)
    await toys.publisher.publish([Message(request_body, request_key("maker"))])
    await consumer.replay("maker")
    await toys.settled(relay, consumer)
    assert await toys.seen() == [1, 1]


@pytest.mark.parametrize("url", [ON_RABBITMQ])
@pytest.mark.parametrize("packed", ["application/x-gzip", "nonsense"])
async def test_what_calls_itself_compressed_is_not_unpacked(toys: House, packed: str) -> None:
    """kombu would: a few kilobytes become as many gigabytes as the sender likes."""
    consumer, relay = await toys.consumer(), toys.relay()
    body = zlib.compress(_made())
    await toys.publisher.publish([Message(body, ThingMade.type, headers={"compression": packed})])
    await toys.make(1)
    await toys.settled(relay, consumer)
    assert await toys.seen() == [1]
    assert messages(toys.url, dead_queue("taker")) == [body]


class TestByItsUser:
    pytestmark = needs_rabbitmqctl

    async def test_a_request_for_what_the_relay_may_not_send_keeps_no_other_waiting(self, sqlite: Database) -> None:
        async with restricted_broker() as broker, house(sqlite, broker.url("taker")) as toys:
            maker = Publisher(broker.url("maker"))
            consumer, relay = await toys.consumer(), toys.relay(maker)
            await toys.make(1)
            await toys.settled(relay, consumer)
            elsewhere = replace(ASKED, queue="lotse.maker.events")
            await toys.publisher.publish([Message(control_body("taker", elsewhere), request_key("maker"))])
            async with asyncio.timeout(SECONDS):
                await consumer.replay("maker")
                await toys.settled(relay, consumer)
            assert await toys.seen() == [1, 1]
            await toys.stop(relay)
            await maker.close()
