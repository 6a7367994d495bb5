"""The faults: each breaks something in a house and returns once it is mended and what was broken says it is ready."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from infra.bus.connection import HEARTBEAT_SECONDS
from infra.bus.topology import consumer_topology, relay_topology
from infra.jobs.celery import queue_of
from infra.runtime.service import load as load_services
from infra.settings import SERVICES
from tests.faults.house import SERVERS, House
from tests.infra.toys.brokers import connected
from tests.infra.toys.wire import Wire

SEARCH = "search-service"
RESTART_SECONDS = 6.0
LONG_SECONDS = 2.5 * HEARTBEAT_SECONDS  # both sides give a connection up for dead after two heartbeats


@dataclass(frozen=True)
class Fault:
    """One way to break a house; `seconds` is about how long it stays broken, `kind` what it is an example of."""

    name: str
    kind: str
    seconds: float
    strike: Callable[[House], Awaitable[None]]


def all_faults(house: House, outage: float) -> list[Fault]:
    """Every fault that a house can meet. Servers are away for `outage` seconds, wires for half as long."""
    return [
        *(_kill(name, f"kill {name.rpartition('-')[2]}") for name in house.processes),
        _kill("rabbitmq", "broker"),
        _kill("postgresql", "database"),
        Fault("everything kill -9", "all", 3 * RESTART_SECONDS, _everything_killed),
        Fault("rabbitmq stopped", "broker", outage + RESTART_SECONDS, partial(_away, name="rabbitmq", seconds=outage)),
        Fault("rabbitmq wiped", "wipe", 1, _wiped),
        Fault("rabbitmq lost its disk", "wipe", RESTART_SECONDS, _disk_lost),
        Fault("postgresql restarted", "database", 2, partial(_away, name="postgresql", seconds=0)),
        Fault("postgresql stopped", "database", outage, partial(_away, name="postgresql", seconds=outage)),
        Fault("index deleted, search stopped", "index", RESTART_SECONDS, _index_deleted_at_rest),
        Fault("index deleted, search running", "index", 1, _index_deleted),
        *(_wire(service, "cut", Wire.cut, outage / 2) for service in house.services),
        *(_wire(service, "silent", Wire.hold, outage / 2) for service in house.services),
        _wire("forum", "silent for long", Wire.hold, LONG_SECONDS),
    ]


def _kill(name: str, kind: str) -> Fault:
    return Fault(f"{name} kill -9", kind, RESTART_SECONDS, lambda house: house.strike_down(name))


def _wire(service: str, how: str, act: Callable[[Wire], None], seconds: float) -> Fault:
    async def strike(house: House) -> None:
        act(house.wires[service])
        await asyncio.sleep(seconds)
        house.wires[service].mend()

    return Fault(f"{service} to rabbitmq {how}", f"wire {how}", seconds, strike)


async def _everything_killed(house: House) -> None:
    """As when the machine loses its power, but for the memory that the system has not yet written to its disk."""
    await house.strike_down(*SERVERS, *house.processes)


async def _away(house: House, name: str, seconds: float) -> None:
    await house.halt(name)
    await asyncio.sleep(seconds)
    await house.resume(name)
    await house.until_well(name)


async def _wiped(house: House) -> None:
    """Queues and exchanges go, the connections stay. Each service may delete what it may declare."""
    for service in load_services(tuple(SERVICES.split(","))):
        topologies = (consumer_topology(service.name, service.handlers.types, []), relay_topology(service.name))
        exchanges = {exchange.name for topology in topologies for exchange in topology.exchanges}
        queues = {queue.name for topology in topologies for queue in topology.queues}
        await asyncio.to_thread(_delete, house.settings.broker(service.name), queues, exchanges)
        if service.jobs.jobs:
            name = queue_of(service.name)
            await asyncio.to_thread(_delete, house.settings.jobs(service.name), {name}, {name})


async def _disk_lost(house: House) -> None:
    await house.halt("rabbitmq")
    shutil.rmtree(house.home / "rabbitmq" / "data")
    await house.resume("rabbitmq")
    await house.until_well("rabbitmq")


def _delete(url: str, queues: set[str], exchanges: set[str]) -> None:
    with connected(url) as connection:
        channel = connection.channel()
        for queue in queues:
            channel.queue_delete(queue)
        for exchange in exchanges:
            channel.exchange_delete(exchange)


async def _index_deleted_at_rest(house: House) -> None:
    await house.halt(SEARCH)
    await _index_deleted(house)
    await house.resume(SEARCH)
    await house.until_well(SEARCH)


async def _index_deleted(house: House) -> None:
    """All at once: else the engine might go on with what it adds while it is being deleted."""
    gone = house.index.with_name("search-index-deleted")
    house.index.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
