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
from weakref import WeakSet

from amqp.exceptions import AMQPError
from kombu.connection import Connection
from kombu.exceptions import KombuError

BROKER_ERRORS: tuple[type[Exception], ...] = (OSError, AMQPError, KombuError)
HEARTBEAT_SECONDS = 20
_CONNECT_TIMEOUT = 5
_WRITE_TIMEOUT = 10


class BrokerUnavailable(Exception):
    """The broker cannot be reached, refuses, or does not confirm in time; trying again later helps."""


def is_embedded(url: str) -> bool:
    """Whether the broker lives in this process."""
    return url.startswith("memory://")


def connect(url: str, *, name: str, heartbeat: int = 0) -> Connection:
    """An open connection; `name` is shown in the broker's management.

    Raises:
        one of BROKER_ERRORS: when the broker cannot be reached.
    """
    if is_embedded(url):
        # The bodies are JSON already; the default (base64) would only cost time.
        options: dict[str, object] = {"body_encoding": "utf-8"}
    else:
        # "amqp://" may choose another driver when one is installed; this code needs py-amqp's.
        url = url.replace("amqp://", "pyamqp://", 1)
        options = {"write_timeout": _WRITE_TIMEOUT, "client_properties": {"connection_name": name}}
    connection = Connection(url, connect_timeout=_CONNECT_TIMEOUT, heartbeat=heartbeat, transport_options=options)
    connection.connect()
    return connection


def drain_ready(connection: Connection, limit: int) -> None:
    """Let everything that has arrived, at most `limit` frames, reach its callbacks, without waiting."""
    for _ in range(limit):
        try:
            connection.drain_events(timeout=0)
        except TimeoutError:
            return


def close_quietly(connection: Connection) -> None:
    """Close a connection that may be broken already."""
    try:
        connection.close()
    except BROKER_ERRORS:
        connection.collect()


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


def wait_readable(connection: Connection, waker: Waker, timeout: float) -> None:
    """Wait until `connection` may have something, `waker` is woken or `timeout` seconds are over."""
    sock = getattr(connection.connection, "sock", None)
    waker.wait(timeout, sock)


class Deadline:
    """Counts down from the moment it is made."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until the end, never less than 0."""
        return max(0.0, self._end - time.monotonic())
