"""The consumer of one service: its queue, its handlers and its checkpoints, put together.

consumer = Consumer("forum", handlers, publisher)
task = asyncio.create_task(consumer.run())          # returns after stop()
await consumer.opened()                             # its queue exists
await consumer.caught_up({"contacts": head})        # that log is dealt with up to there
await consumer.stop()
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from infra import metrics
from infra.bus.consumer import QueueConsumer
from infra.bus.publisher import Publisher
from infra.bus.retries import Delays
from infra.bus.topology import DELAYS, consumer_topology, events_queue
from infra.inbox import dead_letters
from infra.inbox.checkpoints import Checkpoints, forget, producers_of
from infra.inbox.handlers import Handlers
from infra.inbox.parked import Parked
from infra.inbox.receive import Receiver

logger = logging.getLogger(__name__)
_TICK_SECONDS = 1.0
_PRUNE_SECONDS = 3600.0


class Consumer:
    """See the module. `delays` are the seconds before each further attempt of a handler that failed."""

    def __init__(
        self,
        service: str,
        handlers: Handlers,
        publisher: Publisher,
        *,
        delays: Sequence[float] = DELAYS,
        retention_days: int = 90,
    ) -> None:
        self.service = service
        self.producers = producers_of(handlers)
        parked = Parked()
        metrics.PARKED.labels(service).set_function(parked.__len__)
        self._delays = Delays(service, publisher, delays)
        self._checkpoints = Checkpoints(service, handlers, publisher, parked)
        self._queue = QueueConsumer(
            publisher.url,
            consumer_topology(service, handlers.types, self.producers, delays),
            events_queue(service),
            Receiver(service, handlers, self._delays, self._checkpoints, parked).receive,
        )
        self._retention = timedelta(days=retention_days)
        self._pruned_at: float | None = None
        self._stopping = asyncio.Event()
        self._finished = asyncio.Event()
        self._finished.set()

    async def run(self) -> None:
        """Consume until `stop`."""
        self._finished.clear()
        queue = asyncio.create_task(self._queue.run())
        try:
            while not self._stopping.is_set():
                if self._queue.is_open:  # first the queue, then the request, or what comes in between is lost
                    await self._tick()
                await _wait(self._stopping, _TICK_SECONDS)
        finally:
            self._queue.stop()
            await queue
            self._delays.close()
            self._finished.set()

    async def stop(self) -> None:
        """Take nothing new; return when what is in hand is finished and settled."""
        self._stopping.set()
        await self._finished.wait()

    async def opened(self) -> None:
        """Return once the queue of the service exists, so that nothing said from now on is missed."""
        await self._queue.opened()

    @property
    def is_open(self) -> bool:
        """Whether it is connected to its queue now."""
        return self._queue.is_open

    async def caught_up(self, heads: Mapping[str, int], timeout: float = 60.0) -> None:  # noqa: ASYNC109 - a caller would only wrap it
        """Return once every log named in `heads` is dealt with up to that position; others do not matter.

        Raises:
            TimeoutError: not within `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            await self._checkpoints.caught_up(heads)

    async def replay(self, producer: str, after: int = 0) -> None:
        """Have everything of `producer` after that position handled anew, beginning now."""
        await forget(self.service, producer, after)
        await self._checkpoints.ask(producer, after)

    async def _tick(self) -> None:
        try:
            await self._checkpoints.remind()
            await self._prune_if_due()
        except Exception:
            logger.exception("%s: the consumer could not look after its checkpoints", self.service)

    async def _prune_if_due(self) -> None:
        now = time.monotonic()
        if self._pruned_at is None or now - self._pruned_at >= _PRUNE_SECONDS:
            self._pruned_at = now
            await dead_letters.show(self.service)
            await self._checkpoints.prune(datetime.now(UTC) - self._retention)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
