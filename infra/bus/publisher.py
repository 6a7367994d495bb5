"""Publishes messages and returns once the broker has taken responsibility for each of them.

One thread owns the connection (py-amqp is not thread-safe). With RabbitMQ the messages go out with a window of
confirms: 3,600-11,000/s were measured per window of 100 against 570-1,200/s confirming each. Nothing waits without a
time limit, since a broker that blocks publishers (memory or disk alarm) hangs a publisher for ever otherwise.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from amqp.exceptions import AccessRefused

from infra import metrics
from infra.bus.connection import (
    BROKER_ERRORS,
    BrokerUnavailable,
    Deadline,
    Link,
    NotPermitted,
    Refused,
    is_embedded,
    ring_embedded,
    told,
)
from infra.bus.topology import EVENTS, SHARED, Topology, declare
from infra.contracts.envelope import CONTENT_TYPE

T = TypeVar("T")
logger = logging.getLogger(__name__)
_PERSISTENT = 2


@dataclass(frozen=True)
class Message:
    """One message on its way out."""

    body: bytes
    routing_key: str
    exchange: str = EVENTS
    headers: Mapping[str, Any] = field(default_factory=dict)


class Publisher:
    """Publishes for everything in this process that has something to say.

    `window` is how many messages may be unconfirmed at a time, `confirm_timeout` how many seconds the broker may be
    silent about them.
    """

    def __init__(self, url: str, *, name: str = "publisher", window: int = 200, confirm_timeout: float = 10.0) -> None:
        self.url = url
        self._name = name
        self._window = window
        self._timeout = confirm_timeout
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"lotse-{name}")
        self._session: _Session | None = None

    @property
    def embedded(self) -> bool:
        """Whether the broker lives in this process."""
        return is_embedded(self.url)

    async def publish(self, messages: Sequence[Message]) -> int:
        """Publish in order; returns how many of them no queue wanted, once the broker has confirmed all.

        Raises:
            BrokerUnavailable: some may have gone out and some not; publish all of them again later. It is Refused
                when the broker was there and did not take them, NotPermitted when its user may not publish this.
        """
        return await self._in_thread(lambda session: session.publish(messages))

    async def declare(self, topology: Topology) -> None:
        """Make sure that exchanges and queues exist. Raises BrokerUnavailable."""
        await self._in_thread(lambda session: session.declare(topology))

    async def close(self) -> None:
        """Close the connection; the publisher cannot be used afterwards."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    async def _in_thread(self, action: Callable[[_Session], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._with_session, action)

    def _with_session(self, action: Callable[[_Session], T]) -> T:
        """Run `action`, and once more on a fresh connection if an old one turns out to be broken."""
        try:
            if self._session is not None:
                try:
                    return action(self._session)
                except BROKER_ERRORS:
                    self._drop()
            self._session = _Session(self.url, self._name, self._window, self._timeout)
            return action(self._session)
        except BROKER_ERRORS as error:
            self._drop()
            kind = NotPermitted if isinstance(error, AccessRefused) else BrokerUnavailable
            raise kind(told(error)) from error
        except Refused:
            raise
        except BrokerUnavailable:
            self._drop()
            raise

    def _drop(self) -> None:
        if self._session is not None:
            self._session.link.drop()
            self._session = None

    def _close(self) -> None:
        if self._session is not None:
            self._session.link.close()
            self._session = None


class _Session:
    """One connection with its channel, used by the publisher's thread only."""

    def __init__(self, url: str, name: str, window: int, timeout: float) -> None:
        self._embedded = is_embedded(url)
        self._window = window
        self._timeout = timeout
        self.link = Link(url, name=name)
        self._channel = self.link.channel()
        self.declare(SHARED)
        self._confirms = None if self._embedded else _Confirms(self._channel)

    def declare(self, topology: Topology) -> None:
        declare(self._channel, topology)

    def publish(self, messages: Sequence[Message]) -> int:
        if self._confirms is None:
            for message in messages:
                self._send(message)
            ring_embedded()
            return 0
        self._confirms.begin()
        with metrics.CONFIRM_SECONDS.time():
            for message in messages:
                self._send(message, mandatory=True, timeout=self._timeout)
                self._confirms.sent()
                if self._confirms.open >= self._window:
                    self._await_confirms(self._confirms, self._window // 2)
            self._await_confirms(self._confirms, 0)
        if self._confirms.refused:
            metrics.BROKER_REFUSED.inc(self._confirms.refused)
            raise Refused(f"the broker refused {self._confirms.refused} of {len(messages)} messages")
        return self._confirms.unroutable

    def _send(self, message: Message, **options: Any) -> None:
        prepared = self._channel.prepare_message(
            message.body,
            content_type=CONTENT_TYPE,
            content_encoding="utf-8",
            headers=dict(message.headers),
            properties={"delivery_mode": _PERSISTENT},
        )
        self._channel.basic_publish(prepared, exchange=message.exchange, routing_key=message.routing_key, **options)

    def _await_confirms(self, confirms: _Confirms, at_most: int) -> None:
        """Read from the broker until at most `at_most` messages are unconfirmed."""
        deadline = Deadline(self._timeout)
        while confirms.open > at_most:
            try:
                self.link.drain(max(0.001, deadline.left()))
            except TimeoutError as error:
                raise BrokerUnavailable(
                    f"the broker confirmed nothing for {self._timeout} s; is it short of memory or disk?"
                ) from error


class _Confirms:
    """What the broker has still to confirm on one channel (https://www.rabbitmq.com/docs/confirms)."""

    def __init__(self, channel: Any) -> None:
        self._next = 1
        self._open: set[int] = set()
        self.refused = 0
        self.unroutable = 0
        channel.confirm_select()
        channel.events["basic_ack"].add(self._acked)
        channel.events["basic_nack"].add(self._nacked)
        channel.events["basic_return"].add(self._returned)

    @property
    def open(self) -> int:
        return len(self._open)

    def begin(self) -> None:
        self.refused = self.unroutable = 0

    def sent(self) -> None:
        self._open.add(self._next)
        self._next += 1

    def _acked(self, tag: int, multiple: bool) -> None:
        if multiple:
            self._open = {number for number in self._open if number > tag}
        else:
            self._open.discard(tag)

    def _nacked(self, tag: int, multiple: bool) -> None:
        before = self.open
        self._acked(tag, multiple)
        self.refused += before - self.open

    def _returned(self, *_details: object) -> None:
        self.unroutable += 1
