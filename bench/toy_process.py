"""One process of the toys' house: does what lines on its standard input say and answers each with a line of JSON.

    relay        run maker's relay until its log is published: {"seconds": …, "head": …}
    keep relay   the same, and go on
    consume N    run taker's consumer until maker's log is dealt with up to N: {"seconds": …}
    keep consume go on receiving; afterwards `handled` tells when: {number: time of CLOCK_MONOTONIC}
    rest         stop what goes on

`python -m bench.toy_process PREFIX URL`, with the prefix of the databases' names and the broker's address.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvloop

from infra.db import Transaction
from infra.db.connect import databases
from infra.inbox import Meta
from infra.inbox.consumer import Consumer
from infra.outbox.relay import Relay, Rhythm
from tests.infra.toys.contracts import ThingMade
from tests.infra.toys.house import House, toy_schemas
from tests.kit import Database

GIVE_UP_SECONDS = 300.0


class ToyProcess:
    """What the lines do."""

    def __init__(self, toys: House) -> None:
        self._toys = toys
        self._handled: dict[int, float] = {}
        self._kept: list[Relay | Consumer] = []
        toys.behave = self._note
        self.commands: dict[str, Callable[..., Awaitable[dict[str, Any]]]] = {
            "relay": self.relay,
            "consume": self.consume,
            "keep": self.keep,
            "rest": self.rest,
            "handled": self.handled,
        }

    async def relay(self) -> dict[str, Any]:
        """Publish all that is recorded."""
        started = time.perf_counter()
        relay = self._toys.relay(rhythm=Rhythm())
        head = await asyncio.wait_for(relay.flush(), GIVE_UP_SECONDS)
        seconds = time.perf_counter() - started
        await self._toys.stop(relay)
        return {"seconds": seconds, "head": head}

    async def consume(self, head: str) -> dict[str, Any]:
        """Handle maker's log up to position `head`."""
        started = time.perf_counter()
        consumer = await self._toys.consumer()
        await consumer.caught_up({"maker": int(head)}, GIVE_UP_SECONDS)
        seconds = time.perf_counter() - started
        await self._toys.stop(consumer)
        return {"seconds": seconds}

    async def keep(self, part: str) -> dict[str, Any]:
        """Start `part` (relay or consume) and let it work."""
        if part == "relay":
            relay = self._toys.relay(rhythm=Rhythm())
            await relay.flush()
            self._kept.append(relay)
        else:
            self._kept.append(await self._toys.consumer())
        return {}

    async def rest(self) -> dict[str, Any]:
        """Stop what works."""
        while self._kept:
            await self._toys.stop(self._kept.pop())
        return {}

    async def handled(self) -> dict[str, Any]:
        """When each event was handled, since the last time that this was asked."""
        told, self._handled = self._handled, {}
        return {str(number): at for number, at in told.items()}

    async def _note(self, _tx: Transaction, event: ThingMade, _meta: Meta) -> None:
        self._handled[event.number] = time.monotonic()


async def main(prefix: str, url: str) -> None:
    """Answer lines until there are no more."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with databases(Database("postgres", Path(), prefix).settings(), toy_schemas()):
        toys = House(url)
        process = ToyProcess(toys)
        while line := (await lines.readline()).decode():
            name, *arguments = line.split()
            print(json.dumps(await process.commands[name](*arguments)), flush=True)
        await toys.stop_all()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
