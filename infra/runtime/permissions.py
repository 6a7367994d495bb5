"""What each service may do on RabbitMQ: one user per service, held to its own names and to what it hears.

Everything follows from `infra.bus.topology`, the handlers and the jobs, so it cannot drift from what the program does:

    users = broker_users(services)                      # lotse_contacts, …: permissions per vhost and topic exchange
    definitions(users)                                  # as RabbitMQ imports them; the checked-in file, no passwords
    definitions(users, {"lotse_contacts": "…", …})      # the same with the users themselves, their passwords hashed

The first form is checked in (`infra.runtime.broker_files`) and needs users that exist already. The second is whole:
`rabbitmqctl import_definitions FILE` sets a broker up with it.
How RabbitMQ reads the three patterns: https://www.rabbitmq.com/docs/access-control
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.bus.topology import (
    DELAYS,
    EVENTS,
    REPLAYS,
    Topology,
    consumer_topology,
    dead_queue,
    events_queue,
    mark_key,
    relay_topology,
    replay_key,
    request_key,
)
from infra.inbox.checkpoints import producers_of
from infra.jobs.celery import queue_of
from infra.runtime.hashing import HASHING, hash_password
from infra.runtime.service import Service

EVENTS_VHOST = "lotse"
JOBS_VHOST = "lotse_jobs"
NOTHING = "^$"


@dataclass(frozen=True)
class Permission:
    """What a user may configure, write and read in a vhost, as regular expressions over names."""

    vhost: str
    configure: str
    write: str
    read: str


@dataclass(frozen=True)
class TopicPermission:
    """With which routing keys a user may publish to (`write`) and bind to (`read`) a topic exchange."""

    vhost: str
    exchange: str
    write: str
    read: str


@dataclass(frozen=True)
class BrokerUser:
    """The user of one service with all its permissions."""

    name: str
    service: str
    permissions: tuple[Permission, ...]
    topic_permissions: tuple[TopicPermission, ...]


def broker_users(
    services: Sequence[Service],
    *,
    user: str = "lotse_{service}",
    events_vhost: str = EVENTS_VHOST,
    jobs_vhost: str = JOBS_VHOST,
    delays: Sequence[float] = DELAYS,
) -> tuple[BrokerUser, ...]:
    """One user per service. `services` are all services that share the broker, since who hears whom counts.

    The names may be chosen, so that a test finds room beside others on one broker.
    """
    return tuple(
        BrokerUser(
            user.format(service=service.name),
            service.name,
            (_on_events(service, events_vhost, delays), _on_jobs(service, jobs_vhost)),
            (_facts(service, events_vhost), _replays(service, services, events_vhost)),
        )
        for service in services
    )


def definitions(users: Sequence[BrokerUser], passwords: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What RabbitMQ imports. With `passwords` (by user name) it holds the users too, with salted hashes."""
    made: dict[str, Any] = {} if passwords is None else {"users": [_user(u.name, passwords[u.name]) for u in users]}
    vhosts = sorted({permission.vhost for user in users for permission in user.permissions})
    return made | {
        "vhosts": [{"name": name} for name in vhosts],
        "permissions": [{"user": user.name} | vars(each) for user in users for each in user.permissions],
        "topic_permissions": [{"user": user.name} | vars(each) for user in users for each in user.topic_permissions],
    }


def _user(name: str, password: str) -> dict[str, Any]:
    return {"name": name, "password_hash": hash_password(password), "hashing_algorithm": HASHING, "tags": []}


def _on_events(service: Service, vhost: str, delays: Sequence[float]) -> Permission:
    """Its own queues and exchange; the shared exchanges too, since whoever finds a wiped broker declares them anew."""
    name = service.name
    consumer = consumer_topology(name, service.handlers.types, producers_of(service.handlers), delays)
    topologies = (consumer, relay_topology(name))
    exchanges = {exchange.name for topology in topologies for exchange in topology.exchanges}
    queues = {queue.name for topology in topologies for queue in topology.queues}
    # Publishing writes to an exchange, binding writes to the queue and reads the exchange; a queue with a dead letter
    # exchange is declared by whoever may read the one and write the other. Only an operator reads the dead queue.
    every = exchanges | queues
    return Permission(vhost, configure=_any_of(every), write=_any_of(every), read=_any_of(every - {dead_queue(name)}))


def _on_jobs(service: Service, vhost: str) -> Permission:
    """The queue of its jobs and the exchange of the same name, if it has jobs."""
    every = _any_of([queue_of(service.name)] if service.jobs.jobs else [])
    return Permission(vhost, configure=every, write=every, read=every)


def _facts(service: Service, vhost: str) -> TopicPermission:
    """It says what begins with its own name, marks its own log and asks those whom it hears for replays."""
    name, heard = service.name, producers_of(service.handlers)
    control = [mark_key(name), *(request_key(producer) for producer in heard)]
    own = rf"lotse\.{name}\.[a-z_]+\.[a-z_]+\.v[0-9]+"
    bound = (
        *_keys(consumer_topology(name, service.handlers.types, heard), EVENTS),
        *_keys(relay_topology(name), EVENTS),
    )
    return TopicPermission(vhost, EVENTS, write=_any_of(control, also=own), read=_any_of(bound))


def _replays(service: Service, services: Sequence[Service], vhost: str) -> TopicPermission:
    """It sends its log again to those who hear it, and binds its own queue."""
    name = service.name
    hearers = [each.name for each in services if name in producers_of(each.handlers)]
    written = [replay_key(events_queue(hearer), name) for hearer in hearers]
    bound = _keys(consumer_topology(name, service.handlers.types, producers_of(service.handlers)), REPLAYS)
    return TopicPermission(vhost, REPLAYS, write=_any_of(written), read=_any_of(bound))


def _keys(topology: Topology, exchange: str) -> list[str]:
    return [key for queue in topology.queues for name, key in queue.bindings if name == exchange]


def _any_of(names: Iterable[str], *, also: str = "") -> str:
    """A pattern that fits exactly these names (and what fits the pattern `also`), or nothing at all."""
    patterns = [also] * bool(also) + [re.escape(name) for name in sorted(names)]
    return f"^({'|'.join(patterns)})$" if patterns else NOTHING
