"""One thread per queue that owns the connection, while the messages are handled on the asyncio loop.

The thread drains, ticks heartbeats and acknowledges; the loop gets batches, one at a time and in order, and the
thread hears when a batch is finished. kombu's `ConsumerMixin` with a handler longer than the heartbeat loses the
connection and handles the message twice (measured), hence this.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from typing import Any

from infra.bus.connection import (
    BROKER_ERRORS,
    HEARTBEAT_SECONDS,
    Link,
    Waker,
    is_embedded,
    listen_embedded,
    told,
)
from infra.bus.retries import ATTEMPT_HEADER, Backoff
from infra.bus.topology import Topology, declare

logger = logging.getLogger(__name__)
_TICK_SECONDS = 1.0
_BEATS = 4
_REDECLARE_SECONDS = 10.0
_MOST_BYTES = 16_000_000  # the broker limits how many messages wait here, but not how large they are


@dataclass(frozen=True)
class Delivery:
    """One received message. `attempt` is how often its handler has failed before.

    `exchange` and `routing_key` are by which way it came: the broker has checked that its sender may use that one.
    """

    body: bytes
    attempt: int
    exchange: str
    routing_key: str
    headers: Mapping[str, Any]


Receive = Callable[[Sequence[Delivery]], Awaitable[None]]


class QueueConsumer:
    """Consumes one queue.

    `receive` gets the deliveries in order, at most `batch` at a time and never two batches at once. When it returns
    they are acknowledged; when it raises, the same batch comes again after a pause, so a fault of ours (no database)
    loses nothing and stops this queue only.
    """

    def __init__(
        self, url: str, topology: Topology, queue: str, receive: Receive, *, prefetch: int = 200, batch: int = 100
    ) -> None:
        self._url = url
        self._topology = topology
        self._queue = queue
        self._receive = receive
        self._prefetch = prefetch
        self._batch = batch
        self._stopping = threading.Event()
        self._stopped_in_loop = asyncio.Event()
        self._opened = asyncio.Event()
        self._connected = False
        self._waker = Waker()

    async def run(self) -> None:
        """Consume until `stop`; reconnects by itself."""
        self._loop = asyncio.get_running_loop()
        if is_embedded(self._url):
            listen_embedded(self._waker)
        finished = asyncio.Event()
        thread = threading.Thread(target=self._work, args=(finished,), name=f"consume {self._queue}", daemon=True)
        thread.start()
        try:
            await finished.wait()
        finally:
            self._stop_thread()
        thread.join()
        self._waker.close()

    @property
    def is_open(self) -> bool:
        """Whether it is connected to its queue now."""
        return self._connected

    async def opened(self) -> None:
        """Return once the queue exists and was consumed for the first time."""
        await self._opened.wait()

    def stop(self) -> None:
        """Take nothing new; `run` returns when the batch in hand is finished and settled."""
        self._stopped_in_loop.set()
        self._stop_thread()

    def _stop_thread(self) -> None:
        self._stopping.set()
        self._waker.wake()

    # ---- in the thread ----

    def _work(self, finished: asyncio.Event) -> None:
        backoff = Backoff()
        try:
            while not self._stopping.is_set():
                try:
                    self._session(backoff)
                except BROKER_ERRORS as error:
                    logger.warning("%s: no broker (%s)", self._queue, told(error))
                    self._stopping.wait(backoff.next())
                except Exception:
                    # py-amqp raises what comes (AttributeError and others) when a connection dies under it.
                    logger.exception("%s: the consumer failed and starts again", self._queue)
                    self._stopping.wait(backoff.next())
        finally:
            self._loop.call_soon_threadsafe(finished.set)

    def _session(self, backoff: Backoff) -> None:
        """Consume on one connection until it breaks or `stop` is called."""
        link = Link(self._url, name=self._queue, heartbeat=HEARTBEAT_SECONDS)
        hand = _Hand()
        try:
            channel = link.channel()
            declare(channel, self._topology)
            consumer = link.consume(channel, self._queue, hand.add, self._prefetch)
            backoff.reset()
            self._connected = True
            self._loop.call_soon_threadsafe(self._opened.set)
            self._serve(link, channel, consumer, hand)
        except BaseException:
            # What is in hand goes on without this connection; the next one must not overtake it.
            hand.finish()
            link.drop()
            raise
        finally:
            self._connected = False
        link.close()

    def _serve(self, link: Link, channel: Any, consumer: Any, hand: _Hand) -> None:
        beat = _Regularly(link.heartbeat_seconds / _BEATS, lambda: link.beat(_BEATS))
        # Whoever deletes our queue ends this session, but of an exchange or a binding that is gone we would not hear.
        redeclare = _Regularly(_REDECLARE_SECONDS, lambda: declare(channel, self._topology))
        cancelled = False
        while True:
            if self._stopping.is_set() and not cancelled:
                consumer.cancel()
                cancelled = True
            drained = cancelled or link.drain_ready(self._prefetch, hand.is_full)
            hand.settle(link)
            if not hand.busy:
                if cancelled:
                    return
                if hand.messages:
                    self._submit(hand)
            beat.tick()
            if drained:  # waiting for the broker's answer takes in all that comes before it
                redeclare.tick()
            self._waker.wait(_TICK_SECONDS, None if hand.is_full() else link.sock)

    def _submit(self, hand: _Hand) -> None:
        deliveries = hand.take(self._batch)
        hand.future = asyncio.run_coroutine_threadsafe(self._until_received(deliveries), self._loop)
        hand.future.add_done_callback(lambda _future: self._waker.wake())

    # ---- on the loop ----

    async def _until_received(self, deliveries: Sequence[Delivery]) -> bool:
        """Call `receive` until it succeeds; False when `stop` came first, so that nothing is acknowledged."""
        backoff = Backoff()
        while True:
            try:
                await self._receive(deliveries)
                return True
            except Exception:
                pause = backoff.next()
                logger.exception("%s: a batch could not be received, again in %.1f s", self._queue, pause)
            try:
                await asyncio.wait_for(self._stopped_in_loop.wait(), pause)
                return False
            except TimeoutError:
                continue


class _Hand:
    """What the thread has received and not yet acknowledged."""

    def __init__(self) -> None:
        self.messages: deque[Any] = deque()
        self.future: Future[bool] | None = None
        self._taken: list[Any] = []
        self._bytes = 0

    @property
    def busy(self) -> bool:
        return self.future is not None

    def is_full(self) -> bool:
        """Whether so much waits that the rest is better left with the broker for now."""
        return self._bytes >= _MOST_BYTES

    def add(self, message: Any) -> None:
        """Put a received message behind the others."""
        self.messages.append(message)
        self._bytes += len(message.body)

    def take(self, limit: int) -> list[Delivery]:
        """Move up to `limit` messages into the batch in hand."""
        self._taken = [self.messages.popleft() for _ in range(min(limit, len(self.messages)))]
        self._bytes -= sum(len(message.body) for message in self._taken)
        return [_delivery(message) for message in self._taken]

    def settle(self, link: Link) -> None:
        """Acknowledge the batch in hand if the loop is through with it."""
        if self.future is None or not self.future.done():
            return
        received = not self.future.cancelled() and self.future.result()
        self.future = None
        if received:
            link.acknowledge(self._taken)
        self._taken = []

    def finish(self) -> None:
        """Wait until the loop is through with the batch in hand."""
        if self.future is not None:
            wait_for([self.future])


class _Regularly:
    """Calls `action` every so many seconds, never if 0, from `tick`."""

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        self._every = seconds
        self._action = action
        self._next = time.monotonic() + seconds

    def tick(self) -> None:
        if self._every and time.monotonic() >= self._next:
            self._action()
            self._next = time.monotonic() + self._every


def _delivery(message: Any) -> Delivery:
    body = message.body
    headers = message.headers or {}
    attempt = headers.get(ATTEMPT_HEADER, 0)
    return Delivery(
        body=body.encode() if isinstance(body, str) else bytes(body),
        attempt=max(0, attempt) if isinstance(attempt, int) else 0,
        exchange=message.delivery_info.get("exchange", ""),
        routing_key=message.delivery_info.get("routing_key", ""),
        headers=headers,
    )
