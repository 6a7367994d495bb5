"""What happens to each received message: handled once, put aside for a later attempt, or kept as a dead letter."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from infra import metrics
from infra.bus.codec import Undecodable, decode, event_of
from infra.bus.consumer import Delivery
from infra.bus.retries import Delays
from infra.bus.topology import REPLAYS
from infra.contracts.control import LogHead, ReplayCompleted
from infra.contracts.envelope import Envelope
from infra.contracts.registry import Event
from infra.db import transaction
from infra.db.faults import database_lost
from infra.errors import Retryable
from infra.inbox import dead_letters
from infra.inbox.checkpoints import Checkpoints, Claim
from infra.inbox.handlers import Handlers
from infra.inbox.once import HandlerFailed, Work, handle_once
from infra.inbox.origin import is_vouched_for
from infra.inbox.parked import Parked

logger = logging.getLogger(__name__)

# What handlers gather costs by statements, not by events; more would keep the writers of the same SQLite file waiting.
_TOGETHER = 100


@dataclass
class _Received:
    """A message that could be read. `aside` is set once it waits for another attempt."""

    delivery: Delivery
    envelope: Envelope
    event: Event
    aside: float | None = None

    @property
    def replayed(self) -> bool:
        return self.delivery.exchange == REPLAYS


class Receiver:
    """Receives for one service."""

    def __init__(
        self, service: str, handlers: Handlers, delays: Delays, checkpoints: Checkpoints, parked: Parked
    ) -> None:
        self._service = service
        self._handlers = handlers
        self._delays = delays
        self._checkpoints = checkpoints
        self._parked = parked

    async def receive(self, deliveries: Sequence[Delivery]) -> None:
        """Deal with all of them, in order.

        Raises:
            BrokerUnavailable, and what a lost database raises: receive all of them again.
        """
        events: list[_Received] = []
        for delivery in deliveries:
            received = await self._read(delivery)
            if received is None:
                continue
            claim = _claim(received)
            if claim is None:
                events.append(received)
                continue
            # A mark speaks of what came before it, so that has to be dealt with first.
            await self._handle(events)
            events = []
            await self._checkpoints.judge(claim)
        await self._handle(events)

    async def _read(self, delivery: Delivery) -> _Received | None:
        """The message, or None when there is nothing to handle (any more)."""
        try:
            envelope = decode(delivery.body)
        except Undecodable as error:
            await self._bury(delivery, str(error))
            return None
        if envelope.type not in self._handlers.types and envelope.type not in _MARKS:
            return None
        if not is_vouched_for(delivery, envelope, self._service):
            await self._bury(delivery, f"{envelope.type} of {envelope.producer} came as {delivery.routing_key}")
            return None
        try:
            event = event_of(envelope)
        except Undecodable as error:
            await self._bury_unfit(envelope, error)
            return None
        return None if event is None else _Received(delivery, envelope, event)

    async def _bury(self, delivery: Delivery, reason: str) -> None:
        logger.error("%s: a message cannot be taken and is kept in the dead queue: %s", self._service, reason)
        await self._delays.bury(delivery.body, reason[:200])
        metrics.MESSAGES_BURIED.labels(self._service).inc()

    async def _bury_unfit(self, envelope: Envelope, error: Undecodable) -> None:
        """Keep an event whose data does not fit its contract; another version of the program may know better."""
        for handler in self._handlers.of(envelope.type):
            await self._keep(envelope, handler.name, error, 1)

    async def _handle(self, events: Sequence[_Received]) -> None:
        pairs = [(work, received) for received in events for work in self._works(received)]
        for start in range(0, len(pairs), _TOGETHER):
            await self._handle_together(pairs[start : start + _TOGETHER])

    def _works(self, received: _Received) -> list[Work]:
        handlers = self._handlers.of(received.envelope.type)
        works = [Work(received.envelope, received.event, handler) for handler in handlers]
        if received.delivery.attempt:
            return works
        # This may be a second copy (by replay) of what waits for its next attempt already.
        return [work for work in works if work not in self._parked]

    async def _handle_together(self, pairs: Sequence[_Pair]) -> None:
        """Handle many events in one transaction; a failure takes only its own event out of it.

        What is left is tried in two halves: failures come in numbers, and each undoes what its transaction did.
        """
        waiting = [pairs]
        while waiting:
            together = waiting.pop()
            try:
                await handle_once(self._service, [work for work, _ in together])
                await self._note_handled(together)
            except HandlerFailed as failure:
                if database_lost(failure.error):
                    raise
                place = next(place for place, (work, _) in enumerate(together) if work is failure.work)
                await self._failed(*together[place], failure.error)
                waiting += _halves([*together[:place], *together[place + 1 :]])
            except Exception as error:
                if database_lost(error) or isinstance(error, OSError):
                    raise
                # What was gathered could not be written, or the commit failed on a constraint that is checked at the
                # end: find the event that breaks it. Or the database gave up twice what many events did together:
                # fewer rows are less in the way.
                if len(together) > 1:
                    waiting += _halves(together)
                else:
                    await self._failed(*together[0], error)

    async def _note_handled(self, pairs: Sequence[_Pair]) -> None:
        for work, received in pairs:
            self._parked.remove(work)
            if not received.replayed and (lag := _lag(work.envelope)) is not None:
                metrics.EVENT_LAG.labels(self._service, work.envelope.producer).observe(lag)
        replayed = [(work, received) for work, received in pairs if received.replayed]
        if replayed:
            await dead_letters.resolve(self._service, [work.key for work, _ in replayed])
            self._checkpoints.note_progress({received.envelope.producer for _, received in replayed})

    async def _failed(self, work: Work, received: _Received, error: Exception) -> None:
        """Have the event come back for another attempt, or keep it when it had them all."""
        attempt = received.delivery.attempt + 1
        name = work.handler.name
        if attempt > len(self._delays.steps):
            self._parked.remove(work)
            await self._keep(work.envelope, name, error, attempt)
            return
        if received.aside is None:
            # One copy comes back for all handlers that failed; the inbox knows the others.
            received.aside = await self._delays.put_aside(received.delivery.body, attempt)
        self._parked.add(work, received.aside)
        metrics.EVENTS_HANDLED.labels(self._service, name, "retry").inc()
        logger.log(
            logging.INFO if isinstance(error, Retryable) else logging.WARNING,
            "%s: %s failed on event %s (attempt %d, again in %g s): %r",
            self._service,
            name,
            work.envelope.id,
            attempt,
            received.aside,
            error,
        )

    async def _keep(self, envelope: Envelope, handler: str, error: Exception, attempts: int) -> None:
        async with transaction(self._service) as tx:
            await dead_letters.store(tx, envelope, handler, error, attempts)
        await dead_letters.show(self._service)
        metrics.EVENTS_HANDLED.labels(self._service, handler, "dead").inc()
        logger.error(
            "%s: %s gave up on event %s after %d attempts and waits for an operator: %r",
            self._service,
            handler,
            envelope.id,
            attempts,
            error,
        )


_Pair = tuple[Work, _Received]
_MARKS = frozenset({LogHead.type, ReplayCompleted.type})


def _halves(pairs: Sequence[_Pair]) -> list[Sequence[_Pair]]:
    """Both halves that hold anything, the first one last, from where it is taken."""
    middle = (len(pairs) + 1) // 2
    return [half for half in (pairs[middle:], pairs[:middle]) if half]


def _lag(envelope: Envelope) -> float | None:
    """Seconds since the event was recorded; never negative, as clocks differ; None when its time cannot be read."""
    try:
        recorded = datetime.fromisoformat(envelope.time).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (datetime.now(UTC) - recorded).total_seconds())


def _claim(received: _Received) -> Claim | None:
    event = received.event
    producer = received.envelope.producer
    if isinstance(event, LogHead):
        return Claim(producer, event.since, event.position, event.counts, ends_replay=False)
    if isinstance(event, ReplayCompleted):
        return Claim(producer, event.after, event.position, event.counts, ends_replay=True)
    return None
