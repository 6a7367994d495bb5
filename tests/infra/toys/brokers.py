"""The brokers under test, and how to lose everything that is in them."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest
from amqp.exceptions import NotFound
from kombu.connection import Connection
from kombu.transport import memory

from infra.bus.topology import EVENTS, REPLAYS, consumer_topology, own_exchange, relay_topology
from infra.jobs.celery import queue_of

AMQP_URL = os.environ.get("LOTSE_TEST_AMQP_URL", "")
needs_rabbitmq = pytest.mark.skipif(not AMQP_URL, reason="LOTSE_TEST_AMQP_URL names no RabbitMQ vhost")
DELAYS = (0.05, 0.1, 3600.0)  # all that any test uses


def connected(url: str = AMQP_URL) -> Connection:
    """A connection past Lotse's own, not opened yet; a context manager."""
    return Connection(url.replace("amqp://", "pyamqp://", 1))


def drop_queues(services: Iterable[str]) -> None:
    """Delete the queues of services, with what is in them, from the broker of the tests."""
    with connected() as connection:
        channel = connection.channel()
        for name in services:
            topologies = (consumer_topology(name, [], []), relay_topology(name))
            for queue in [queue.name for topology in topologies for queue in topology.queues] + [queue_of(name)]:
                channel.queue_delete(queue)


def wipe(url: str) -> None:
    """Take away all exchanges and queues with what is in them, as a broker does that lost its disk."""
    if url.startswith("memory://"):
        memory.Channel.queues.clear()
        memory.Transport.global_state.clear()
        return
    with connected(url) as connection:
        for name in _queues():
            connection.channel().queue_delete(name)
    lose_exchanges(url)


def lose_exchanges(url: str) -> None:
    """Take away all exchanges and with them the bindings; the queues stay, and nobody is told."""
    with connected(url) as connection:
        for name in (EVENTS, REPLAYS, own_exchange("taker"), own_exchange("maker")):
            connection.channel().exchange_delete(name)


def delete_queue(url: str, name: str) -> None:
    """Take away one queue."""
    with connected(url) as connection:
        connection.channel().queue_delete(name)


def messages(url: str, queue: str) -> list[bytes]:
    """Take all messages out of a queue."""
    bodies: list[bytes] = []
    with connected(url) as connection:
        channel = connection.channel()
        while True:
            try:
                message = channel.basic_get(queue, no_ack=True)
            except NotFound:
                return bodies
            if message is None:
                return bodies
            body = message.body
            bodies.append(body.encode() if isinstance(body, str) else bytes(body))


def _queues() -> Iterable[str]:
    for service in ("maker", "taker"):
        for topology in (consumer_topology(service, [], [], DELAYS), relay_topology(service)):
            for queue in topology.queues:
                yield queue.name
