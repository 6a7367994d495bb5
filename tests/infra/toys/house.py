"""Runs the toy services on a real database and a real broker, and waits by events, never by time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from tortoise import Tortoise
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.utils import get_schema_sql

from infra.bus.codec import encode
from infra.bus.publisher import Message, Publisher
from infra.bus.retries import ATTEMPT_HEADER
from infra.bus.topology import events_queue, own_exchange
from infra.contracts.envelope import Envelope
from infra.db import Transaction, transaction
from infra.db.config import Schema
from infra.db.connect import databases
from infra.inbox import Handlers, Meta
from infra.inbox.consumer import Consumer
from infra.outbox import record, record_all
from infra.outbox.log import Log
from infra.outbox.relay import Relay, Rhythm
from tests.infra.toys.contracts import ThingBroken, ThingMade
from tests.kit import Database, on_server

SERVICES = ("maker", "taker")
SECONDS = 20.0
Behaviour = Callable[[Transaction, ThingMade, Meta], Awaitable[None]]


def model(service: str, name: str) -> Any:
    """A toy's concrete model class."""
    apps = Tortoise.apps
    assert apps is not None
    return apps[service][name]


def made(number: int, attempt: Any = 0, **unknown: Any) -> Message:
    """A message of a thing made that nobody's relay sent, straight into taker's queue, with fields `unknown` to us."""
    envelope = Envelope(
        id=f"made-{number}",
        source="/services/maker",
        type=ThingMade.type,
        subject=f"thing/{number}",
        time="2026-11-22T09:00:00+00:00",
        data={"id": str(number), "number": number, **unknown},
    )
    return Message(encode(envelope), events_queue("taker"), own_exchange("taker"), {ATTEMPT_HEADER: attempt})


def toy_schemas() -> list[Schema]:
    """Where the tables of both toys are."""
    return [Schema(name, f"tests.infra.toys.{name}", "") for name in SERVICES]


@asynccontextmanager
async def toy_databases(database: Database) -> AsyncIterator[None]:
    """Empty tables of both toys."""
    EXECUTOR_CACHE.clear()
    if database.kind == "postgres":
        for service in SERVICES:
            await on_server(f'CREATE DATABASE "{database.prefix}_{service}"')
            database.made.append(f"{database.prefix}_{service}")
    async with databases(database.settings(), toy_schemas()):
        for service in SERVICES:
            client = get_connection(service)
            await client.execute_script(get_schema_sql(client, safe=True))
        yield


class House:
    """The toys with a broker. `behave` is what taker's handler does besides noting the event."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.publisher = Publisher(url, confirm_timeout=5.0)
        self.behave: Behaviour | None = None
        self.handlers = Handlers("taker")
        self.handlers.on(ThingMade)(self.note)
        self.log = Log("maker")
        self._moved = asyncio.Condition()
        self._running: list[tuple[Relay | Consumer, asyncio.Task[None]]] = []

    async def note(self, tx: Transaction, event: ThingMade, meta: Meta) -> None:
        """taker's handler."""
        if self.behave is not None:
            await self.behave(tx, event, meta)
        await model("taker", "Seen").create(number=event.number, using_db=tx.connection)

    async def make(self, *numbers: int) -> None:
        """maker says so, each in a transaction of its own."""
        for number in numbers:
            async with transaction("maker") as tx:
                await record(tx, ThingMade(id=str(number), number=number))

    async def make_at_once(self, numbers: Sequence[int]) -> None:
        """maker says all of them in one transaction."""
        async with transaction("maker") as tx:
            await record_all(tx, [ThingMade(id=str(number), number=number) for number in numbers])

    async def break_things(self, *numbers: int) -> None:
        """maker says what taker does not listen to."""
        async with transaction("maker") as tx:
            await record_all(tx, [ThingBroken(id=str(number), number=number) for number in numbers])

    async def seen(self) -> list[int]:
        """The numbers that taker handled, in the order of handling."""
        rows = await model("taker", "Seen").all().order_by("id").values_list("number", flat=True)
        return [cast(int, row) for row in rows]

    def relay(self, publisher: Publisher | None = None, **options: Any) -> Relay:
        """Start a relay of maker."""
        rhythm = options.pop("rhythm", Rhythm(poll=0.05, mark=0.05, idle_mark=0.2))
        relay = Relay("maker", publisher or self.publisher, rhythm=rhythm, **options)
        self._running.append((relay, asyncio.create_task(relay.run())))
        return relay

    async def consumer(self, handlers: Handlers | None = None, **options: Any) -> Consumer:
        """Start a consumer of taker; its queue is open."""
        options.setdefault("delays", (0.05, 0.1))
        consumer = Consumer("taker", handlers or self.handlers, self.publisher, **options)
        self._running.append((consumer, asyncio.create_task(consumer.run())))
        await asyncio.wait_for(consumer.opened(), SECONDS)
        return consumer

    async def settled(self, relay: Relay, consumer: Consumer) -> int:
        """Return once all that was said is dealt with; the head of maker's log."""
        head = await asyncio.wait_for(relay.flush(), SECONDS)
        await consumer.caught_up({"maker": head}, SECONDS)
        return head

    async def stop(self, part: Relay | Consumer) -> None:
        """Stop one part in order."""
        for entry in list(self._running):
            if entry[0] is part:
                self._running.remove(entry)
                await asyncio.wait_for(part.stop(), SECONDS)
                await entry[1]

    async def stop_all(self) -> None:
        """Consumers, relays, publisher."""
        for kind in (Consumer, Relay):
            for part, _ in list(self._running):
                if isinstance(part, kind):
                    await self.stop(part)
        await self.publisher.close()


@asynccontextmanager
async def house(database: Database, url: str) -> AsyncIterator[House]:
    """The toys' house on fresh databases; everything stops at the end."""
    async with toy_databases(database):
        made = House(url)
        try:
            yield made
        finally:
            await made.stop_all()
