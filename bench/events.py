"""Events through outbox, broker and inbox: rates, latency, idle cost, and what recording one costs a command.

Always with SQLite and the embedded broker; with LOTSE_BENCH_POSTGRES_URL (a role that may create databases) and
LOTSE_BENCH_AMQP_URL (a vhost used for nothing else) also between processes (`bench.backbone`).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench import backbone
from bench.kit import Context, Figure, median_figure
from bench.processes import NO_SERVERS, servers
from infra.db import transaction
from infra.outbox import record
from infra.outbox.relay import Rhythm
from tests.infra.toys.brokers import AMQP_URL, wipe
from tests.infra.toys.contracts import ThingMade
from tests.infra.toys.house import House, house, model
from tests.kit import Database

EVENTS = 5000
RUNS = 5
COMMANDS = 200
ROUNDS = 9


async def figures(context: Context) -> list[Figure]:
    """Events a second per transport, and the ratio of a command with an event to the same without."""
    found = await _through(context.folder)
    found.append(await _cost(context.folder / "cost"))
    if servers():
        found += await backbone.figures(context.folder, AMQP_URL)
    else:
        print(f"  {NO_SERVERS}", flush=True)
    return found


async def _through(folder: Path) -> list[Figure]:
    relayed, whole = [], []
    for run in range(RUNS):
        async with _toys(folder / f"through{run}") as toys:
            relay_seconds, seconds = await _run(toys)
            relayed.append(EVENTS / relay_seconds)
            whole.append(EVENTS / seconds)
    return [
        median_figure("relay_memory", relayed, "events/s"),
        median_figure("outbox_memory_inbox", whole, "events/s"),
    ]


async def _run(toys: House) -> tuple[float, float]:
    """Seconds until all were with the broker, and until all were handled, from a backlog."""
    for start in range(0, EVENTS, 500):
        await toys.make_at_once(range(start, start + 500))
    consumer = await toys.consumer()
    started = time.perf_counter()
    relay = toys.relay(rhythm=Rhythm())
    head = await relay.flush()
    published = time.perf_counter() - started
    await consumer.caught_up({"maker": head})
    return published, time.perf_counter() - started


async def _cost(folder: Path) -> Figure:
    """Commands with and without an event, in turn, so that both meet the same machine."""
    ratios = []
    async with _toys(folder) as toys:
        await model("maker", "Seen").create(number=0)
        for _ in range(ROUNDS):
            times: dict[bool, list[float]] = {False: [], True: []}
            for number in range(2 * COMMANDS):
                times[bool(number % 2)].append(await _seconds(says=bool(number % 2)))
            ratios.append(statistics.median(times[True]) / statistics.median(times[False]))
        assert await toys.log.backlog() == ROUNDS * COMMANDS
    ratio = statistics.median(ratios)
    return Figure("outbox_cost_of_a_command", ratio, "x", ratio, "< 1.3", tuple(ratios))


async def _seconds(*, says: bool) -> float:
    started = time.perf_counter()
    await _command(says=says)
    return time.perf_counter() - started


async def _command(*, says: bool) -> None:
    """What a small command does: read a row under its version, write it, note who did what."""
    rows = model("maker", "Seen")
    async with transaction("maker") as tx:
        row = await rows.get(id=1, using_db=tx.connection)
        row.number += 1
        changed = rows.filter(id=1, number=row.number - 1).using_db(tx.connection)
        await changed.update(number=row.number)
        await rows.create(number=row.number, kind="history", using_db=tx.connection)
        if says:
            await record(tx, ThingMade(id="1", version=row.number, number=row.number))


@asynccontextmanager
async def _toys(folder: Path) -> AsyncIterator[House]:
    folder.mkdir(parents=True)  # noqa: ASYNC240 - nothing else runs yet
    wipe("memory://")
    async with house(Database("sqlite", folder), "memory://") as toys:
        yield toys
    wipe("memory://")
