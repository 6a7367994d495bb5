"""A bare kombu publisher and consumer, to hold the backbone against: no outbox, no inbox, no threads, no healing.

The same exchange and kind of queue, the same size of body and window of confirms as the relay has; the consumer
acknowledges each message and does nothing else.
"""

from __future__ import annotations

import time

from kombu.entity import Exchange, Queue
from kombu.messaging import Consumer, Producer

from infra.bus.topology import EVENTS
from tests.infra.toys.brokers import connected

KEY = "lotse.bench.bare"
_QUEUE = Queue(KEY, Exchange(EVENTS, "topic"), KEY, queue_arguments={"x-queue-type": "quorum"})
_SILENCE = 10.0


def publish(url: str, body: bytes, number: int, window: int) -> float:
    """Publish `body` so many times; seconds until the broker has confirmed all."""
    with connected(url) as connection, connection.channel() as channel:
        _QUEUE(channel).declare()
        unconfirmed: set[int] = set()

        def confirmed(tag: int, multiple: bool) -> None:
            unconfirmed.difference_update([each for each in unconfirmed if each <= tag] if multiple else [tag])

        channel.confirm_select()
        channel.events["basic_ack"].add(confirmed)
        producer = Producer(channel, _QUEUE.exchange, KEY, auto_declare=False)
        started = time.perf_counter()
        for tag in range(1, number + 1):
            unconfirmed.add(tag)
            producer.publish(body, content_type="application/json", content_encoding="utf-8", delivery_mode=2)
            while len(unconfirmed) >= window:
                connection.drain_events(timeout=_SILENCE)
        while unconfirmed:
            connection.drain_events(timeout=_SILENCE)
        return time.perf_counter() - started


def consume(url: str, number: int, prefetch: int) -> float:
    """Take so many messages from the queue and acknowledge each; seconds."""
    received = 0

    def take(message: object) -> None:
        nonlocal received
        received += 1
        message.ack()  # type: ignore[attr-defined]

    with connected(url) as connection, connection.channel() as channel:
        consumer = Consumer(channel, [_QUEUE], on_message=take, prefetch_count=prefetch, auto_declare=False)
        started = time.perf_counter()
        with consumer:
            while received < number:
                connection.drain_events(timeout=_SILENCE)
        seconds = time.perf_counter() - started
        _QUEUE(channel).delete()
    return seconds


def broker_version(url: str) -> str:
    """The name and version that the broker gives itself."""
    with connected(url) as connection:
        properties = connection.connect().server_properties
    return f"{properties['product']} {properties['version']}"
