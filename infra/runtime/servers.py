"""The servers that a process needs: waits for those that are just starting, and names what keeps it out of one.

Processes are started together with their servers (Compose, Kubernetes, a machine that boots), in any order. A server
that does not answer yet is waited for; one that answers and refuses is told at once, since waiting changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from infra.bus.probe import broker_trouble
from infra.bus.topology import consumer_topology, relay_topology
from infra.db.config import is_sqlite
from infra.db.probe import database_trouble
from infra.errors import Text, Trouble
from infra.inbox.checkpoints import producers_of
from infra.runtime.problems import CannotStart
from infra.runtime.service import Service
from infra.settings import Settings

log = logging.getLogger(__name__)
SAY_EVERY_SECONDS = 5.0
PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Server:
    """One server that a service uses, the setting that names it, and how to ask whether it can be used.

    `name` begins a sentence, `label` stands alone.
    """

    name: Text
    label: str
    setting: str
    trouble: Callable[[], Awaitable[Trouble | None]]


def database_of(settings: Settings, service: str) -> Server:
    """The PostgreSQL database of a service."""
    name = Text(f"Die Datenbank von {service}", f"The database of {service}")
    return Server(
        name, f"database {service}", "LOTSE_DATABASE_URL", partial(database_trouble, settings.database(service))
    )


def broker_of(settings: Settings, service: Service) -> Server:
    """RabbitMQ as relay and consumer of a service use it."""
    name = Text(f"Der Broker von {service.name}", f"The broker of {service.name}")
    topologies = (
        consumer_topology(service.name, service.handlers.types, producers_of(service.handlers)),
        relay_topology(service.name),
    )
    trouble = partial(broker_trouble, settings.broker(service.name), topologies)
    return Server(name, f"broker {service.name}", "LOTSE_BROKER_URL", trouble)


def jobs_of(settings: Settings, service: str) -> Server:
    """RabbitMQ as worker and beat of a service use it."""
    name = Text(f"Der Broker für Aufgaben von {service}", f"The broker for jobs of {service}")
    setting = "LOTSE_BROKER_URL" if settings.jobs_url == settings.broker_url else "LOTSE_JOBS_URL"
    return Server(name, f"jobs broker {service}", setting, partial(broker_trouble, settings.jobs(service)))


def servers_of(settings: Settings, service: Service, role: str) -> list[Server]:
    """What a role cannot start without. `web` can do without the broker: it writes events into its log."""
    servers = [database_of(settings, service.name)]
    if role in ("background", "service"):
        servers.append(broker_of(settings, service))
    if role in ("worker", "beat") or (role == "service" and service.jobs.jobs):
        servers.append(jobs_of(settings, service.name))
    return servers


def databases_of(settings: Settings, services: Sequence[Service]) -> list[Server]:
    """The PostgreSQL databases of services; none where they are files."""
    names = (service.name for service in services)
    return [database_of(settings, name) for name in names if not is_sqlite(settings.database(name))]


def brokers_of(settings: Settings, services: Sequence[Service]) -> list[Server]:
    """RabbitMQ as each of the services uses it; none where the broker lives in this process."""
    if settings.embedded_broker:
        return []
    events = [broker_of(settings, service) for service in services]
    return events + [jobs_of(settings, service.name) for service in services if service.jobs.jobs]


async def await_servers(servers: Sequence[Server], seconds: float) -> None:
    """Return once all `servers` can be used.

    Raises:
        CannotStart: one refuses, or does not answer within `seconds`.
    """
    deadline = time.monotonic() + seconds
    for server in servers:
        await _await(server, deadline, seconds)


async def _await(server: Server, deadline: float, seconds: float) -> None:
    said_at = 0.0
    while (trouble := await server.trouble()) is not None:
        if not trouble.passing:
            raise CannotStart(_told(server, trouble))
        if time.monotonic() >= deadline:
            raise CannotStart(_told(server, trouble, seconds))
        if time.monotonic() - said_at >= SAY_EVERY_SECONDS:
            said_at = time.monotonic()
            log.warning("waiting for a server", extra={"server": server.name.en, "reason": trouble.reason.en})
        await asyncio.sleep(PAUSE_SECONDS)
    if said_at:
        log.info("the server answers now", extra={"server": server.name.en})


def _told(server: Server, trouble: Trouble, seconds: float = 0) -> Text:
    waited = Text("", "")
    if seconds:
        waited = Text(f" Gewartet wurde {seconds:.0f} s.", f" It was waited for {seconds:.0f} s.")
    return Text(
        f"{server.name.de} ({server.setting}): {trouble.reason.de}{waited.de} {trouble.cure.de}",
        f"{server.name.en} ({server.setting}): {trouble.reason.en}{waited.en} {trouble.cure.en}",
    )
