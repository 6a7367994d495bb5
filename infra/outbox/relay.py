"""The relay of one service: gives every recorded event its position and publishes it in that order.

    publisher = Publisher(settings.broker_url)          # may be shared by everything in a process
    relay = Relay("contacts", publisher, snapshot=…)
    task = asyncio.create_task(relay.run())             # returns after stop()
    head = await relay.flush()                          # all recorded so far is out; position of the log's head
    await relay.stop()

It also says how far the log is (`log.head` marks) and answers requests for replays. When the broker is away the
events wait in the log. Order of stopping: consumers, relays, publisher, database.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from infra import metrics, telemetry, tracing
from infra.bus.codec import control_body
from infra.bus.connection import BrokerUnavailable
from infra.bus.consumer import QueueConsumer
from infra.bus.publisher import Message, Publisher
from infra.bus.retries import Backoff
from infra.bus.topology import mark_key, relay_topology, requests_queue
from infra.contracts.control import LogHead
from infra.db.doorbell import answering
from infra.db.locks import Held, exclusive
from infra.outbox.log import Entry, Log, positions
from infra.outbox.record import BELL
from infra.outbox.replay import Replays, Snapshot
from infra.telemetry import Kind

logger = logging.getLogger(__name__)
LOCK_KEY = 0x10754


class RelayStopped(Exception):
    """The relay stopped, or lost its database, before what was asked of it was done."""


@dataclass(frozen=True)
class Rhythm:
    """How often a relay does what, in seconds: look for events whose bell was not heard, mark while busy and while
    idle, shorten the log."""

    poll: float = 2.0
    mark: float = 1.0
    idle_mark: float = 15.0
    prune: float = 3600.0


class Relay:
    """See the module. `snapshot` records the service's current state anew and returns the number of events."""

    def __init__(
        self,
        service: str,
        publisher: Publisher,
        *,
        retention_days: int = 90,
        snapshot: Snapshot | None = None,
        rhythm: Rhythm | None = None,
        batch: int = 500,
    ) -> None:
        self.service = service
        self.log = Log(service)
        self._publisher = publisher
        self._retention = timedelta(days=retention_days)
        self._rhythm = rhythm or Rhythm()
        self._batch = batch
        self._replays = Replays(self.log, publisher, self.flush, snapshot)
        self._marks = _Marks(self.log, publisher, self._rhythm)
        self._active = metrics.RELAY_ACTIVE.labels(service)
        self._pruned_at = 0.0
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._finished = asyncio.Event()
        self._finished.set()
        self._flushes: list[asyncio.Future[int]] = []

    async def run(self) -> None:
        """Work until `stop`. Of several relays on one database one works and the others wait for its end."""
        backoff = Backoff()
        self._finished.clear()
        try:
            while not self._stopping.is_set():
                await self._hold(backoff)
        finally:
            self._give_up_flushes()
            self._finished.set()

    async def stop(self) -> None:
        """End the batch in hand and return once it is settled."""
        self._stopping.set()
        self._wake.set()
        await self._finished.wait()

    async def flush(self) -> int:
        """Wait until everything recorded so far is published and marked; the position of the log's head.

        Waits as long as the broker is away.

        Raises:
            RelayStopped: it will not happen any more.
        """
        if self._stopping.is_set():
            raise RelayStopped
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._flushes.append(future)
        self._wake.set()
        return await future

    async def _hold(self, backoff: Backoff) -> None:
        """Wait for this database's lock and work as long as it is held."""
        try:
            async with exclusive(self.service, LOCK_KEY, self._stopping) as held:
                if held():
                    async with answering(self.service, BELL, self._wake.set, held), self._answering_requests():
                        with self._active.track_inprogress():
                            while held():
                                await self._work_until_failure(held, backoff)
        except Exception:
            logger.exception("%s: the relay lost its database", self.service)
            await _wait(self._stopping, backoff.next())

    @asynccontextmanager
    async def _answering_requests(self) -> AsyncIterator[None]:
        """Answer requests for replays meanwhile."""
        requests = QueueConsumer(
            self._publisher.url,
            relay_topology(self.service),
            requests_queue(self.service),
            self._replays.receive,
            prefetch=20,
        )
        task = asyncio.create_task(requests.run())
        try:
            if self._publisher.embedded:
                await requests.opened()  # so that the first request of this process does not get lost
            yield
        finally:
            self._give_up_flushes()
            requests.stop()
            await task

    async def _work_until_failure(self, held: Held, backoff: Backoff) -> None:
        try:
            await self._marks.start()
            while entries := await self.log.left_over(self._batch):
                await self._publish(entries)
            while held():
                self._wake.clear()
                await self._round(held)
                backoff.reset()
                if not await _wait(self._wake, min(self._rhythm.poll, self._marks.due_in())):
                    await held.prove()
        except RelayStopped:
            return
        except BrokerUnavailable as error:
            logger.warning("%s: no broker, events wait in the log (%s)", self.service, error)
        except Exception:
            logger.exception("%s: the relay failed and starts again", self.service)
        if held():
            await _wait(self._stopping, backoff.next())

    async def _round(self, held: Held) -> None:
        """Publish all that waits, mark and prune where it is time, and answer who waits for that."""
        flushes, self._flushes = self._flushes, []
        try:
            while entries := await self.log.take(self._batch):
                await self._publish(entries)
                await self._marks.send_if_due()
                if not held():
                    raise RelayStopped
                if len(entries) < self._batch:
                    break  # what was committed meanwhile has rung the bell
            await self._marks.send_if_due(now=bool(flushes))
        except BaseException:
            self._flushes = flushes + self._flushes
            raise
        for future in flushes:
            if not future.done():
                future.set_result(self._marks.head)
        await self._prune_if_due()

    async def _publish(self, entries: Sequence[Entry]) -> None:
        messages = [Message(entry.body, entry.type) for entry in entries]
        traces = (entry.traceparent for entry in entries)
        with telemetry.span(f"publish {self.service}", Kind.PRODUCER, tracing.new_trace(), caused_by=traces) as span:
            span.note({"messaging.batch.message_count": len(messages)})
            unheard = await self._publisher.publish(messages)
        # A crash here publishes these again; the inboxes of the consumers know them by their ids.
        first, last = positions(entries)
        await self.log.mark_published(first, last)
        self._marks.published(entries, last)
        metrics.EVENTS_PUBLISHED.labels(self.service).inc(len(entries))
        metrics.EVENTS_UNROUTABLE.labels(self.service).inc(unheard)

    async def _prune_if_due(self) -> None:
        if time.monotonic() - self._pruned_at < self._rhythm.prune and self._pruned_at:
            return
        self._pruned_at = time.monotonic()
        if deleted := await self.log.prune(datetime.now(UTC) - self._retention):
            logger.info("%s: %d events left the log after %d days", self.service, deleted, self._retention.days)

    def _give_up_flushes(self) -> None:
        for future in self._flushes:
            if not future.done():
                future.set_exception(RelayStopped())
        self._flushes.clear()


class _Marks:
    """Says how far the log is published, with what lies between the marks, so that a consumer notices what it lacks."""

    def __init__(self, log: Log, publisher: Publisher, rhythm: Rhythm) -> None:
        self._log = log
        self._publisher = publisher
        self._rhythm = rhythm
        self._counts: Counter[str] = Counter()
        self._since = 0
        self._sent_at = 0.0
        self.head = 0

    async def start(self) -> None:
        """Take up the log where it is and say so; whoever is behind asks for the rest."""
        self.head = self._since = await self._log.head()
        self._counts.clear()
        await self._send()

    def published(self, entries: Sequence[Entry], head: int) -> None:
        """Remember what went out since the last mark."""
        self._counts.update(entry.type for entry in entries)
        self.head = head

    def due_in(self) -> float:
        """Seconds until the next mark."""
        every = self._rhythm.mark if self.head > self._since else self._rhythm.idle_mark
        return max(0.0, self._sent_at + every - time.monotonic())

    async def send_if_due(self, *, now: bool = False) -> None:
        """Send a mark if it is time, or in any case `now`. Raises BrokerUnavailable."""
        if now or not self.due_in():
            await self._send()

    async def _send(self) -> None:
        mark = LogHead(id=self._log.service, position=self.head, since=self._since, counts=dict(self._counts))
        body = control_body(self._log.service, mark)
        await self._publisher.publish([Message(body, mark_key(self._log.service))])
        self._since = self.head
        self._counts.clear()
        self._sent_at = time.monotonic()


async def _wait(event: asyncio.Event, seconds: float) -> bool:
    """Whether `event` came within so many seconds."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
