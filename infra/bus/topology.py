"""Exchanges, queues and bindings, in one table: changing the arguments of a queue is `406 PRECONDITION_FAILED`.

    lotse.events            topic    facts and marks; key = event type (marks: with the producer at the end)
    lotse.replays           topic    slices sent again to one consumer; key = {queue}.{producer}
    lotse.{service}         direct   what a service puts aside for itself: delays and what comes back from them
    lotse.{service}.events  queue    everything a service handles, in order
    lotse.{service}.delay.… queue    one per retry step: a single queue with per-message expiry blocks at its head
    lotse.{service}.dead    queue    what could not even be read
    lotse.{service}.requests queue   asks the service's relay for replays

Every key that a service writes names it, so that RabbitMQ's topic permissions can hold it to its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.contracts.control import LogHead, ReplayRequested

EVENTS = "lotse.events"
REPLAYS = "lotse.replays"
DELAYS = (1.0, 10.0, 60.0, 600.0)

# A request that waited longer than this was asked again meanwhile.
_REQUEST_TTL_MS = 60_000


@dataclass(frozen=True)
class Exchange:
    """One exchange; all are durable."""

    name: str
    kind: str


@dataclass(frozen=True)
class Queue:
    """One durable queue with its bindings (exchange, routing key)."""

    name: str
    bindings: Sequence[tuple[str, str]]
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Topology:
    """What one participant declares before it works; declaring what exists changes nothing."""

    exchanges: Sequence[Exchange]
    queues: Sequence[Queue] = ()


SHARED = Topology([Exchange(EVENTS, "topic"), Exchange(REPLAYS, "topic")])


def events_queue(service: str) -> str:
    """The queue in which a service receives everything."""
    return f"lotse.{service}.events"


def dead_queue(service: str) -> str:
    """The queue that keeps what a service could not read."""
    return f"lotse.{service}.dead"


def requests_queue(service: str) -> str:
    """The queue in which a service's relay is asked for replays."""
    return f"lotse.{service}.requests"


def delay_queue(service: str, seconds: float) -> str:
    """The queue in which a service's messages wait `seconds`."""
    return f"lotse.{service}.delay.{_milliseconds(seconds)}ms"


def own_exchange(service: str) -> str:
    """The exchange through which a service reaches its own queues."""
    return f"lotse.{service}"


def mark_key(producer: str) -> str:
    """Routing key of the marks of one log."""
    return f"{LogHead.type}.{producer}"


def request_key(producer: str) -> str:
    """Routing key of requests to one relay."""
    return f"{ReplayRequested.type}.{producer}"


def replay_key(queue: str, producer: str) -> str:
    """Routing key that reaches one queue only, with the producer's name for the broker to check."""
    return f"{queue}.{producer}"


def consumer_topology(
    service: str, types: Iterable[str], producers: Iterable[str], delays: Iterable[float] = DELAYS
) -> Topology:
    """What the consumer of `service` needs to hear `types` and the marks of `producers`."""
    own, events = own_exchange(service), events_queue(service)
    bindings = [
        *((EVENTS, name) for name in sorted(types)),
        *((EVENTS, mark_key(name)) for name in sorted(producers)),
        (REPLAYS, replay_key(events, "*")),
        (own, events),
    ]
    queues = [
        # Of several copies of a service one consumes and the others stand by: only so do events stay in order.
        Queue(events, bindings, {**_QUORUM, "x-single-active-consumer": True}),
        *(_delay(service, seconds) for seconds in delays),
        Queue(dead_queue(service), [(own, dead_queue(service))], _QUORUM),
    ]
    return Topology([*SHARED.exchanges, Exchange(own, "direct")], queues)


def relay_topology(service: str) -> Topology:
    """What the relay of `service` needs to be asked for replays."""
    queue = Queue(
        requests_queue(service),
        [(EVENTS, request_key(service))],
        {**_QUORUM, "x-single-active-consumer": True, "x-message-ttl": _REQUEST_TTL_MS},
    )
    return Topology(SHARED.exchanges, [queue])


def declare(channel: Any, topology: Topology) -> None:
    """Declare everything on a kombu channel (of either transport)."""
    for exchange in topology.exchanges:
        channel.exchange_declare(exchange=exchange.name, type=exchange.kind, durable=True, auto_delete=False)
    for queue in topology.queues:
        channel.queue_declare(queue=queue.name, durable=True, auto_delete=False, arguments=dict(queue.arguments))
        for exchange_name, key in queue.bindings:
            channel.queue_bind(queue=queue.name, exchange=exchange_name, routing_key=key)


_QUORUM: Mapping[str, Any] = {"x-queue-type": "quorum"}


def _delay(service: str, seconds: float) -> Queue:
    name, own = delay_queue(service, seconds), own_exchange(service)
    return Queue(
        name,
        [(own, name)],
        {
            **_QUORUM,
            "x-message-ttl": _milliseconds(seconds),
            "x-dead-letter-exchange": own,
            "x-dead-letter-routing-key": events_queue(service),
            # Without these two a message is lost when the broker fails while it moves the message back.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
