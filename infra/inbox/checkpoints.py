"""How far a service has dealt with the logs of the others, and what it does when something is missing.

Only marks move a checkpoint: a mark says how many events of each type lie between two positions, and the inbox (with
the dead letters) says how many of them were dealt with. Whoever lacks some asks the producer for a replay. So the log
is the truth and the broker a doorbell: the same path heals a wiped broker, a lost message and a killed process, and
brings a new service up to date. A checkpoint speaks for the handlers that were there when it was set: a version of
the program that hears more starts again at the beginning of the log, and the inbox knows what was handled already.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tortoise.connection import get_connection
from tortoise.functions import Count

from infra import metrics
from infra.bus.codec import control_body
from infra.bus.connection import BrokerUnavailable
from infra.bus.publisher import Message, Publisher
from infra.bus.topology import events_queue, request_key
from infra.contracts.control import ReplayRequested
from infra.contracts.registry import find
from infra.db import transaction
from infra.inbox.handlers import Handlers
from infra.inbox.parked import Parked
from infra.inbox.tables import tables

logger = logging.getLogger(__name__)
_PATIENCE_SECONDS = (2.0, 60.0)


@dataclass(frozen=True)
class Claim:
    """A producer's word that in (since, position] of its log lie `counts` events of each type."""

    producer: str
    since: int
    position: int
    counts: Mapping[str, int]
    ends_replay: bool

    def after(self, other: Claim) -> Claim:
        """This claim and the one before it as one."""
        return Claim(
            self.producer,
            other.since,
            self.position,
            dict(Counter(other.counts) + Counter(self.counts)),
            self.ends_replay,
        )


@dataclass
class _Log:
    """What this process remembers about one producer's log."""

    pending: Claim | None = None
    asked: bool = False
    heard_at: float = 0.0
    patience: float = _PATIENCE_SECONDS[0]
    seen: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def settled(self) -> None:
        """Everything claimed so far is dealt with."""
        self.pending = None
        self.asked = False
        self.patience = _PATIENCE_SECONDS[0]
        self.moved.set()

    def may_ask(self) -> bool:
        """Whether it is time to ask; if so it counts as asked, and patience grows with every time in vain."""
        now = time.monotonic()
        if self.asked and now - self.heard_at < self.patience:
            return False
        if self.asked:
            self.patience = min(_PATIENCE_SECONDS[1], self.patience * 2)
        self.asked, self.heard_at = True, now
        return True


class Checkpoints:
    """The checkpoints of one service over the logs that its handlers concern."""

    def __init__(self, service: str, handlers: Handlers, publisher: Publisher, parked: Parked) -> None:
        self._service = service
        self._handlers = handlers
        self._publisher = publisher
        self._parked = parked
        self._logs = {producer: _Log() for producer in sorted(producers_of(handlers))}

    async def judge(self, claim: Claim) -> None:
        """Move the checkpoint if everything claimed was dealt with, else ask for a replay."""
        log = self._logs.get(claim.producer)
        if log is None:
            return
        if claim.ends_replay:
            log.heard_at = time.monotonic()
        known = await self._known(claim.producer)
        position = known or 0
        if known is not None and claim.position <= known:
            log.settled()
            return
        whole = _joined(claim, log.pending, position)
        if whole is None:
            await self.ask(claim.producer, position)
            return
        log.pending = whole
        missing, aside = await self._missing(whole)
        if missing:
            logger.info("%s lacks %d events of %s up to %d", self._service, missing, claim.producer, whole.position)
            await self.ask(claim.producer, position)
        elif aside:
            log.asked = log.asked and not claim.ends_replay
            if known is None:  # all is here, so there is nothing to ask for: without a checkpoint `remind` would
                await self._move(claim.producer, known, position)
        elif await self._move(claim.producer, known, whole.position):
            log.settled()

    def note_progress(self, producers: Collection[str]) -> None:
        """Replayed events of these producers arrive, so what was asked for is on its way."""
        for producer in producers:
            if producer in self._logs:
                self._logs[producer].heard_at = time.monotonic()

    async def remind(self) -> None:
        """Ask where there is no checkpoint yet, and again where an answer stays away. Call it every second or so."""
        rows = await tables(self._service).checkpoints.all()
        positions = {row.producer: row.position for row in rows}
        for producer, log in self._logs.items():
            position = positions.get(producer, 0)
            if log.asked or producer not in positions or position < log.seen:  # an operator may set it back
                await self.ask(producer, position)
            log.seen = position

    async def caught_up(self, heads: Mapping[str, int]) -> None:
        """Return once the checkpoint of every log in `heads` that concerns this service is there."""
        for producer, log in self._logs.items():
            while True:
                log.moved.clear()
                if await self._position(producer) >= heads.get(producer, 0):
                    break
                await log.moved.wait()

    async def prune(self, before: datetime) -> int:
        """Delete inbox rows from before `before` that the checkpoints have passed; returns how many."""
        deleted = 0
        for row in await tables(self._service).checkpoints.all():
            passed = tables(self._service).inbox.filter(producer=row.producer, position__lte=row.position)
            writable = passed.using_db(get_connection(self._service))
            deleted += await writable.filter(handled_at__lt=before).delete()
        return deleted

    async def ask(self, producer: str, after: int) -> None:
        """Ask for a replay, unless that was done and an answer may still come."""
        log = self._logs[producer]
        if not log.may_ask():
            return
        request = ReplayRequested(
            id=producer,
            queue=events_queue(self._service),
            after=after,
            types=sorted(name for name in self._handlers.types if _producer(name) == producer),
        )
        message = Message(control_body(self._service, request), request_key(producer))
        metrics.REPLAYS.labels(self._service, producer).inc()
        try:
            unheard = await self._publisher.publish([message])
        except BrokerUnavailable:
            logger.info("%s cannot ask %s for a replay: no broker", self._service, producer)
            return
        logger.info(
            "%s asked %s for a replay after %d%s",
            self._service,
            producer,
            after,
            " (no relay there)" if unheard else "",
        )

    async def _missing(self, claim: Claim) -> tuple[int, int]:
        """How many of the claimed events are lost to us, and how many wait for another attempt."""
        wanted = {
            (name, handler.name): number for name, number in claim.counts.items() for handler in self._handlers.of(name)
        }
        if not any(wanted.values()):
            return 0, 0
        found = await self._accounted(claim)
        aside = self._parked.counts(claim.producer, claim.since, claim.position)
        short = {key: number - found[key] for key, number in wanted.items() if number > found[key]}
        missing = sum(max(0, number - aside[key]) for key, number in short.items())
        return missing, sum(short.values()) - missing

    async def _accounted(self, claim: Claim) -> Counter[tuple[str, str]]:
        """How many events of each (type, handler) in the claimed slice are handled or kept as dead letters."""
        found: Counter[tuple[str, str]] = Counter()
        models = tables(self._service)
        within = {
            "producer": claim.producer,
            "position__gt": claim.since,
            "position__lte": claim.position,
        }
        for rows in (models.inbox.filter(**within), models.dead_letters.filter(**within, resolved_at__isnull=True)):
            grouped = rows.annotate(number=Count("id")).group_by("type", "handler")
            for name, handler, number in await grouped.values_list("type", "handler", "number"):
                found[str(name), str(handler)] += int(str(number))
        return found

    async def _known(self, producer: str) -> int | None:
        """The checkpoint, if it speaks for all handlers of today; None when there is no checkpoint yet.

        Only who receives marks asks this, so of two versions that run side by side the one that is listened to.
        """
        row = await tables(self._service).checkpoints.get_or_none(producer=producer)
        if row is None:
            return None
        position: int = row.position
        if row.heard is None:
            await self._move(producer, position, position)
        elif not set(self._heard(producer)) <= set(row.heard):
            logger.info("%s hears more of %s than before and goes through the whole log", self._service, producer)
            await self._move(producer, position, 0)
            return 0
        return position

    def _heard(self, producer: str) -> list[str]:
        """What is heard of a producer: each event type with the name of its handler."""
        types = sorted(name for name in self._handlers.types if _producer(name) == producer)
        return [f"{name} {handler.name}" for name in types for handler in self._handlers.of(name)]

    async def _position(self, producer: str) -> int:
        row = await tables(self._service).checkpoints.get_or_none(producer=producer)
        return 0 if row is None else row.position

    async def _move(self, producer: str, known: int | None, position: int) -> bool:
        """Set the checkpoint, unless it is no longer where it was `known`: an operator set it back (`forget`) since."""
        models = tables(self._service)
        heard = self._heard(producer)
        async with transaction(self._service) as tx:
            if known is None:
                row = models.checkpoints(producer=producer, position=position, heard=heard)
                await models.checkpoints.bulk_create([row], ignore_conflicts=True, using_db=tx.connection)
                return True
            there = models.checkpoints.filter(producer=producer, position=known).using_db(tx.connection)
            return bool(await there.update(position=position, heard=heard, updated_at=datetime.now(UTC)))


async def forget(service: str, producer: str, after: int = 0) -> None:
    """Have everything of `producer` after position `after` handled anew: its consumer will ask for a replay.

    For rebuilding what follows from events, and for an operator. Dead letters stay; what a replay handles is resolved.
    """
    models = tables(service)
    async with transaction(service) as tx:
        rows = models.inbox.filter(producer=producer, position__gt=after)
        await rows.using_db(tx.connection).delete()
        if after:
            await models.checkpoints.update_or_create(
                defaults={"position": after}, producer=producer, using_db=tx.connection
            )
        else:
            await models.checkpoints.filter(producer=producer).using_db(tx.connection).delete()


def producers_of(handlers: Handlers) -> frozenset[str]:
    """The services whose logs the handlers concern."""
    return frozenset(_producer(name) for name in handlers.types)


def _producer(event_type: str) -> str:
    contract = find(event_type)
    if contract is None:
        raise ValueError(f"there is no event {event_type}")
    return contract.producer


def _joined(claim: Claim, pending: Claim | None, position: int) -> Claim | None:
    """A claim that begins at or before `position`: the one given, what waits already, or both; None if neither."""
    if claim.since <= position:
        return claim
    if pending is None or pending.since > position:
        return None
    if claim.position <= pending.position:
        return pending
    return claim.after(pending) if claim.since == pending.position else None
