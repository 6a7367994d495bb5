"""The backbone between processes: PostgreSQL, RabbitMQ, one process that relays and one that receives.

Each process runs one part of the toys' house (`bench.toy_process`); the handler writes one row. What the relay and the
inbox reach is held against a bare kombu publisher and consumer, in turn in the same run.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from bench import bare
from bench.kit import Figure, median_figure, percentile, seconds_of
from infra.bus.topology import consumer_topology
from infra.db import transaction
from infra.outbox import record
from tests.infra.toys.brokers import DELAYS, wipe
from tests.infra.toys.contracts import ThingMade
from tests.infra.toys.house import House, house
from tests.kit import POSTGRES_URL, Database

EVENTS = 5000
RUNS = 5
BACKLOG = 20_000
WINDOW = PREFETCH = 200
SINGLES = 300
PER_SECOND = 25
IDLE_SECONDS = 20
_SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method")


async def figures(folder: Path, url: str) -> list[Figure]:
    """Rates of relay, consumer and both; latency of single events; what a background process costs while idle."""
    print(f"  {await _servers(url)}", flush=True)
    database = Database("postgres", folder, f"lotse_bench_{os.getpid()}")
    wipe(url)
    try:
        async with house(database, url) as toys, _process(database, url) as sender, _process(database, url) as receiver:
            idle = await _idle(database, sender)
            return [
                *await _rates(toys, sender, receiver),
                await _backlog(toys, sender, receiver),
                *await _latency(toys, sender, receiver),
                *idle,
            ]
    finally:
        await database.remove()
        wipe(url)


class _Process:
    """A process that is told what to do."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self._child = child
        self.pid = child.pid

    async def tell(self, line: str) -> dict[str, Any]:
        """Its answer; RuntimeError when it ended instead."""
        assert self._child.stdin and self._child.stdout
        self._child.stdin.write(f"{line}\n".encode())
        answer = await self._child.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process ended at: {line}")
        return dict(json.loads(answer))


@asynccontextmanager
async def _process(database: Database, url: str) -> AsyncIterator[_Process]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.toy_process", database.prefix, url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    try:
        yield _Process(child)
    finally:
        assert child.stdin
        child.stdin.close()
        await child.wait()


async def _rates(toys: House, sender: _Process, receiver: _Process) -> list[Figure]:
    """One process at a time, each from a backlog, in turn with a bare one."""
    await toys.publisher.declare(consumer_topology("taker", [ThingMade.type], ["maker"], DELAYS[:2]))
    found: dict[str, list[float]] = {
        name: [] for name in ("relay", "bare out", "inbox", "bare in", "cpu out", "cpu in")
    }
    for _ in range(RUNS):
        await _record(toys, EVENTS)
        before = seconds_of([sender.pid])
        relayed = await sender.tell("relay")
        found["relay"].append(EVENTS / relayed["seconds"])
        found["cpu out"].append((seconds_of([sender.pid]) - before) / EVENTS * 1e6)
        (entry,) = await toys.log.slice(0, 1, [], 1)
        found["bare out"].append(EVENTS / bare.publish(toys.url, entry.body, EVENTS, WINDOW))
        before = seconds_of([receiver.pid])
        received = await receiver.tell(f"consume {relayed['head']}")
        found["inbox"].append(EVENTS / received["seconds"])
        found["cpu in"].append((seconds_of([receiver.pid]) - before) / EVENTS * 1e6)
        found["bare in"].append(EVENTS / bare.consume(toys.url, EVENTS, PREFETCH))
    return [
        _rate("relay_rabbitmq", found["relay"], found["bare out"], found["cpu out"], "> 3000 events/s"),
        median_figure("bare_kombu_publisher", found["bare out"], "events/s"),
        _rate("consumer_inbox_rabbitmq", found["inbox"], found["bare in"], found["cpu in"], "> 1500 events/s"),
        median_figure("bare_kombu_consumer", found["bare in"], "events/s"),
    ]


def _rate(name: str, ours: list[float], theirs: list[float], microseconds: list[float], aim: str) -> Figure:
    ratio = statistics.median(ours) / statistics.median(theirs)
    note = f"{statistics.median(microseconds):.0f} µs of processor time per event; ratio to bare kombu"
    return Figure(name, statistics.median(ours), "events/s", ratio, aim, tuple(ours), note)


async def _backlog(toys: House, sender: _Process, receiver: _Process) -> Figure:
    """Relay and consumer at once, until every event of a backlog is handled."""
    head = await toys.log.head() + BACKLOG
    await _record(toys, BACKLOG)
    before = seconds_of([sender.pid, receiver.pid])
    relayed, received = await asyncio.gather(sender.tell("relay"), receiver.tell(f"consume {head}"))
    assert relayed["head"] == head
    used = (seconds_of([sender.pid, receiver.pid]) - before) / BACKLOG * 1e6
    note = f"{BACKLOG} events in {received['seconds']:.1f} s; {used:.0f} µs of processor time per event"
    return Figure("backlog_end_to_end", BACKLOG / received["seconds"], "events/s", note=note)


async def _latency(toys: House, sender: _Process, receiver: _Process) -> list[Figure]:
    """From the end of a transaction in this process to the handler in another, by way of a third that relays."""
    await receiver.tell("keep consume")
    await sender.tell("keep relay")
    await receiver.tell("handled")
    before = seconds_of([sender.pid, receiver.pid])
    committed: dict[str, float] = {}
    for number in range(SINGLES):
        async with transaction("maker") as tx:
            await record(tx, ThingMade(id=str(number), number=number))
        committed[str(number)] = time.monotonic()
        await asyncio.sleep(1 / PER_SECOND)
    handled: dict[str, float] = {}
    while len(handled) < SINGLES:
        handled |= await receiver.tell("handled")
    waited = [(handled[number] - at) * 1000 for number, at in committed.items()]
    used = (seconds_of([sender.pid, receiver.pid]) - before) / SINGLES * 1000
    note = f"{SINGLES} single events at {PER_SECOND}/s over three processes, {used:.1f} ms of processor time each"
    return [
        Figure("commit_to_handler_p50", percentile(waited, 0.5), "ms", aim="< 15 ms", note=note),
        Figure("commit_to_handler_p99", percentile(waited, 0.99), "ms", note=note),
    ]


async def _idle(database: Database, process: _Process) -> list[Figure]:
    """A relay and a consumer in one process, as a service's background has them, with nothing to do."""
    await process.tell("keep relay")
    await process.tell("keep consume")
    await asyncio.sleep(2)
    transactions, seconds, began = await _transactions(database), seconds_of([process.pid]), time.monotonic()
    await asyncio.sleep(IDLE_SECONDS)
    elapsed = time.monotonic() - began
    asked = (await _transactions(database) - transactions) / elapsed
    share = (seconds_of([process.pid]) - seconds) / elapsed * 100
    await process.tell("rest")
    return [
        Figure("background_idle_processor", share, "% of a core"),
        Figure("background_idle_transactions", asked, "per second", note="of both databases"),
    ]


async def _record(toys: House, number: int) -> None:
    for start in range(0, number, 500):
        await toys.make_at_once(range(start, start + 500))


async def _transactions(database: Database) -> int:
    return int(await _asked("SELECT sum(xact_commit) FROM pg_stat_database WHERE datname = ANY($1)", database.made))


async def _servers(url: str) -> str:
    shown = [f"{name} {await _asked('SELECT current_setting($1)', name)}" for name in _SETTINGS]
    return f"PostgreSQL: {', '.join(shown)}. {bare.broker_version(url)}"


async def _asked(statement: str, *values: object) -> Any:
    connection = await asyncpg.connect(POSTGRES_URL)
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()
