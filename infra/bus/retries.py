"""Trying again: pauses that grow for ourselves, and steps of delay for messages whose handler failed."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence

from infra.bus.connection import BrokerUnavailable, Refused
from infra.bus.publisher import Message, Publisher
from infra.bus.topology import DELAYS, dead_queue, delay_queue, events_queue, own_exchange

ATTEMPT_HEADER = "lotse-attempt"
logger = logging.getLogger(__name__)


class Backoff:
    """Pauses that double from `first` to `last` seconds, each shortened by up to a half at random."""

    def __init__(self, first: float = 0.2, last: float = 10.0) -> None:
        self._first = first
        self._last = last
        self._next = first

    def next(self) -> float:
        """Seconds to pause now."""
        pause = self._next
        self._next = min(self._last, pause * 2)
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret

    def reset(self) -> None:
        """Start over: it worked."""
        self._next = self._first


class Delays:
    """Puts messages of one service aside and brings them back to its queue after the time of their step.

    RabbitMQ keeps them in a queue per step. The embedded broker has no such queues, and RabbitMQ may refuse: then a
    timer of this process does, and what is lost with the process is found again by replay.
    """

    def __init__(self, service: str, publisher: Publisher, steps: Sequence[float] = DELAYS) -> None:
        self._service = service
        self._publisher = publisher
        self.steps = tuple(steps)
        self._timers: set[asyncio.TimerHandle] = set()
        self._sending: set[asyncio.Task[None]] = set()

    async def put_aside(self, body: bytes, attempt: int) -> float:
        """Bring `body` back after the step of its `attempt` (1 = the first failed); returns the seconds.

        Raises:
            BrokerUnavailable: it is not put aside.
        """
        seconds = self.steps[attempt - 1]
        headers = {ATTEMPT_HEADER: attempt}
        own = own_exchange(self._service)
        if not self._publisher.embedded:
            queue = delay_queue(self._service, seconds)
            if await self._taken(Message(body, queue, own, headers)):
                return seconds
            logger.error("%s is gone or refuses; this process keeps the message instead", queue)
        self._set_timer(seconds, Message(body, events_queue(self._service), own, headers))
        return seconds

    async def bury(self, body: bytes, reason: str) -> None:
        """Keep a message that cannot be read in the dead queue. Raises BrokerUnavailable."""
        message = Message(body, dead_queue(self._service), own_exchange(self._service), {"lotse-reason": reason})
        if await self._publisher.publish([message]):
            raise BrokerUnavailable(f"{message.routing_key} is gone")

    def close(self) -> None:
        """Forget the timers of this process."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _set_timer(self, seconds: float, message: Message) -> None:
        def due() -> None:
            self._timers.discard(timer)
            task = asyncio.ensure_future(self._send(message))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

        timer = asyncio.get_running_loop().call_later(seconds, due)
        self._timers.add(timer)

    async def _taken(self, message: Message) -> bool:
        """Whether a queue took it. RabbitMQ 3.10 refuses for good once its dead-letter supervisor has died."""
        try:
            return await self._publisher.publish([message]) == 0
        except Refused:
            return False

    async def _send(self, message: Message) -> None:
        try:
            await self._publisher.publish([message])
        except BrokerUnavailable:
            logger.warning("a delayed message could not come back; the next replay brings it")
