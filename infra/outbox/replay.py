"""Answers consumers that ask for a part of the log once more, straight into their queue.

A consumer that is new, or whose queue was lost with the broker, says up to where it has everything. It gets the
slice after that and a `replay.completed` that ends it. Where the log was shortened in between, the service first
records its current state anew (`snapshot`), so that what is kept is enough.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Sequence

from infra import metrics
from infra.bus.codec import Undecodable, control_body, decode, event_of
from infra.bus.connection import NotPermitted
from infra.bus.consumer import Delivery
from infra.bus.publisher import Message, Publisher
from infra.bus.topology import REPLAYS, events_queue, replay_key
from infra.contracts.control import ReplayCompleted, ReplayRequested
from infra.outbox.log import Log, positions

logger = logging.getLogger(__name__)
_SLICE = 500
_MOST_TYPES = 1000
_LONGEST_TYPE = 120
_QUEUE = re.compile(re.escape(events_queue("*")).replace(r"\*", "[a-z_]{1,40}"))
Snapshot = Callable[[], Awaitable[int]]


class Replays:
    """The answers of one service's relay. `flush` publishes all that is recorded and returns the log's head."""

    def __init__(
        self, log: Log, publisher: Publisher, flush: Callable[[], Awaitable[int]], snapshot: Snapshot | None
    ) -> None:
        self._log = log
        self._publisher = publisher
        self._flush = flush
        self._snapshot = snapshot
        self._snapshot_after: int | None = None

    async def receive(self, deliveries: Sequence[Delivery]) -> None:
        """Answer requests; of several from one queue only the last.

        What our user may not send there is not for us to answer; were it tried again, nobody else would get an answer.
        """
        requests = {request.queue: request for request in map(_request, deliveries) if request is not None}
        for request in requests.values():
            try:
                await self.answer(request)
            except NotPermitted as error:
                logger.warning("%s cannot answer %s: %s", self._log.service, request.queue, error)

    async def answer(self, request: ReplayRequested) -> None:
        """Send the slice and the mark that ends it. Raises BrokerUnavailable."""
        await self._fill_hole(request.after)
        head = await self._log.head()
        sent = await self._send_slice(request, head)
        if sent is None:
            logger.warning("%s asked for a replay and has no queue", request.queue)
            return
        completed = ReplayCompleted(
            id=self._log.service,
            after=request.after,
            position=head,
            counts=await self._log.counts(request.after, head, request.types),
        )
        await self._publisher.publish([self._message(request, control_body(self._log.service, completed))])
        metrics.REPLAYS_SERVED.labels(self._log.service).inc()
        metrics.EVENTS_REPLAYED.labels(self._log.service).inc(sent)
        logger.info("replayed %d events of %s after %d", sent, self._log.service, request.after)

    async def _send_slice(self, request: ReplayRequested, head: int) -> int | None:
        """Publish (request.after, head] to the asking queue; returns how many, None when there is no such queue."""
        after, sent = request.after, 0
        while entries := await self._log.slice(after, head, request.types, _SLICE):
            if await self._publisher.publish([self._message(request, entry.body) for entry in entries]):
                return None
            sent += len(entries)
            after = positions(entries)[1]
        return sent

    async def _fill_hole(self, after: int) -> None:
        """Record the current state anew if events after `after` are no longer kept."""
        first = await self._log.first()
        if first <= after + 1:
            return
        if self._snapshot is None:
            logger.warning("%s keeps its log from %d on only and has no snapshot", self._log.service, first)
            return
        if self._snapshot_after is not None and first <= self._snapshot_after + 1:
            return  # everything since the last snapshot is still kept
        start = await self._log.head()
        recorded = await self._snapshot()
        await self._flush()
        self._snapshot_after = start
        logger.info("%s recorded its state anew with %d events", self._log.service, recorded)

    def _message(self, request: ReplayRequested, body: bytes) -> Message:
        return Message(body, replay_key(request.queue, self._log.service), REPLAYS)


def _request(delivery: Delivery) -> ReplayRequested | None:
    try:
        event = event_of(decode(delivery.body))
    except Undecodable as error:
        logger.warning("a request for a replay cannot be read: %s", error)
        return None
    if not isinstance(event, ReplayRequested):
        return None
    likely = len(event.types) <= _MOST_TYPES and all(len(name) <= _LONGEST_TYPE for name in event.types)
    if not likely or not _QUEUE.fullmatch(event.queue):
        logger.warning("a request for a replay asks for what cannot be")
        return None
    return event
