"""Connections to the broker, for both transports, and how a waiting thread is woken.

kombu's memory transport polls (its shortest useful interval costs idle CPU or latency), and a thread that waits on
an AMQP socket cannot hear that a handler has finished. Both are solved by the same pipe: a thread waits on its
`Waker` and, with AMQP, on the socket.
"""

from __future__ import annotations

import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakSet

from amqp.exceptions import AccessRefused, AMQPError
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.exceptions import KombuError
from kombu.messaging import Consumer
from kombu.transport import pyamqp

BROKER_ERRORS: tuple[type[Exception], ...] = (OSError, AMQPError, KombuError)
HEARTBEAT_SECONDS = 10
_CONNECT_TIMEOUT = 5
_WRITE_TIMEOUT = 10
_CLOSE_TIMEOUT = 2.0


class BrokerUnavailable(Exception):
    """The broker cannot be reached, refuses, or does not confirm in time; trying again later helps."""


class Refused(BrokerUnavailable):
    """The broker is there and did not take messages into a queue (nack); others may still go."""


class NotPermitted(BrokerUnavailable):
    """The broker's user may not do this; everything else still goes."""


def told(error: Exception) -> str:
    """A broker's error for the log; of a permission that is missing also the cure."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, AccessRefused):
        text += ". Give the user this permission (python -m infra.runtime broker-definitions shows all), and it goes on"
    return text


def is_embedded(url: str) -> bool:
    """Whether the broker lives in this process."""
    return url.startswith("memory://")


class _Plain(pyamqp.Message):
    """A message as it came: kombu would unpack one whose header says that it is compressed, however large it gets."""

    def __init__(self, msg: Any, channel: Any = None, **options: Any) -> None:
        (msg.properties.get("application_headers") or {}).pop("compression", None)
        super().__init__(msg, channel, **options)  # type: ignore[no-untyped-call]


class Link:
    """One open connection, used by one thread; `name` is shown in the broker's management.

    kombu's own `Connection` opens a new connection in silence whenever it is asked for one that broke, while channels
    and consumers stay with the old. This holds on to the one it opened.

    Raises:
        one of BROKER_ERRORS: when the broker cannot be reached.
    """

    def __init__(self, url: str, *, name: str, heartbeat: int = 0) -> None:
        if is_embedded(url):
            # The bodies are JSON already; the default (base64) would only cost time.
            options: dict[str, object] = {"body_encoding": "utf-8"}
        else:
            # "amqp://" may choose another driver when one is installed; this code needs py-amqp's.
            url = url.replace("amqp://", "pyamqp://", 1)
            options = {"write_timeout": _WRITE_TIMEOUT, "client_properties": {"connection_name": name}}
        self._client: Any = Connection(
            url, connect_timeout=_CONNECT_TIMEOUT, heartbeat=heartbeat, transport_options=options
        )
        self._opened = self._client.connect()
        self._transport = self._client.transport
        self.heartbeat_seconds: float = self._client.get_heartbeat_interval() or 0

    @property
    def sock(self) -> socket.socket | None:
        """What to wait for; None for the embedded broker."""
        return getattr(self._opened, "sock", None)

    def channel(self) -> Any:
        """A new kombu channel."""
        made = self._transport.create_channel(self._opened)
        if self.sock is not None:
            made.Message = _Plain
        return made

    def consume(self, channel: Any, queue: str, on_message: Callable[[Any], None], prefetch: int) -> Any:
        """A kombu consumer that hands every kombu message to `on_message`, at most `prefetch` unacknowledged."""
        consumer: Any = Consumer(
            channel,
            [Queue(queue)],
            on_message=on_message,
            auto_declare=False,
            prefetch_count=prefetch,
        )
        consumer.consume()
        return consumer

    def acknowledge(self, messages: Sequence[Any]) -> None:
        """Tell the broker that `messages`, the next ones in the order of their arrival, are dealt with."""
        if self.sock is None:  # the embedded transport takes no notice of `multiple`
            for message in messages:
                message.ack()
        else:
            messages[-1].ack(multiple=True)

    def drain(self, timeout: float) -> None:
        """Let the next thing that arrives reach its callback. Raises TimeoutError when nothing did."""
        self._transport.drain_events(self._opened, timeout=timeout)

    def drain_ready(self, limit: int, enough: Callable[[], bool]) -> bool:
        """Let what has arrived reach its callback, until `enough` or `limit` things did; whether that was all of it."""
        try:
            for _ in range(limit):
                if enough():
                    return False
                self.drain(0)
        except TimeoutError:
            return True
        return False

    def beat(self, rate: int) -> None:
        """Tell the broker that we are alive and notice when it is not; call it `rate` times per heartbeat."""
        self._transport.heartbeat_check(self._opened, rate=rate)

    def close(self) -> None:
        """Say good-bye, within a time limit."""
        if self.sock is not None:
            self.sock.settimeout(_CLOSE_TIMEOUT)
        try:
            self._client.close()
        except BROKER_ERRORS:
            self.drop()

    def drop(self) -> None:
        """Give up a connection that is broken: a broker that blocks would never answer a good-bye."""
        self._client.collect()


class Waker:
    """Lets one thread wait for its connection and for a call of `wake` from any other thread."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._lock = threading.Lock()
        self._closed = False

    def wake(self) -> None:
        """End the present or the next `wait`; does nothing once closed."""
        with self._lock:
            if self._closed:
                return
            try:
                os.write(self._write, b"1")
            except BlockingIOError:
                return  # the pipe is full, so the thread will wake anyway

    def wait(self, timeout: float, sock: socket.socket | None = None) -> None:
        """Return when woken, when `sock` has something to read, or after `timeout` seconds."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._read, selectors.EVENT_READ)
            if sock is not None:
                selector.register(sock, selectors.EVENT_READ)
            selector.select(timeout)
        try:
            os.read(self._read, 4096)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Give the pipe back; the thread must have ended its waiting."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._read)
                os.close(self._write)


_embedded_wakers: WeakSet[Waker] = WeakSet()
_wakers_lock = threading.Lock()


def listen_embedded(waker: Waker) -> None:
    """Have `waker` woken whenever something is published to the embedded broker."""
    with _wakers_lock:
        _embedded_wakers.add(waker)


def ring_embedded() -> None:
    """Wake all threads that consume from the embedded broker."""
    with _wakers_lock:
        wakers = list(_embedded_wakers)
    for waker in wakers:
        waker.wake()


class Deadline:
    """Counts down from the moment it is made."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until the end, never less than 0."""
        return max(0.0, self._end - time.monotonic())
