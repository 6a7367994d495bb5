"""The errand of one worker for one issue: claims come in, mails go out, outcomes are settled in groups.

A claim's journal lives from before its rows are claimed until all of them are settled in the database, so that at
every moment either the database or a journal knows what was begun.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from infra.mail import InvalidMail, Outcome, Result
from infra.mail.pipelining import Parcel
from services.newsletter.dispatch import ledger
from services.newsletter.dispatch.composing import Composer, Frame
from services.newsletter.dispatch.domain import (
    BEGIN_WITHIN,
    Claim,
    Settlement,
    given_back,
    settled,
    unsure,
    unwanted,
)
from services.newsletter.dispatch.journal import Journal


@dataclass
class Batch:
    """The rows of one claim, with its journal; `open` counts those that are not settled yet."""

    lease: UUID
    journal: Journal
    claimed_at: datetime
    open: int


class _Job(msgspec.Struct, frozen=True):
    """A claimed row on its way."""

    claim: Claim
    batch: Batch
    frame: Frame


class Round:
    """An `Errand` (see infra.mail.pipelining). `policy` is what to do with mails whose answer nobody heard."""

    def __init__(self, composer: Composer, policy: str) -> None:
        self._composer = composer
        self._policy = policy
        self._waiting: deque[_Job] = deque()
        self._again: deque[Parcel] = deque()
        self._batches: dict[UUID, Batch] = {}
        self._unsettled: list[tuple[Batch, Settlement]] = []
        self._closed = False
        self._changed = asyncio.Event()
        self._low = 0
        self._hungry = asyncio.Event()
        self._settling = asyncio.Lock()

    @property
    def waiting(self) -> int:
        """How many are still to be handed over."""
        return len(self._waiting) + len(self._again)

    @property
    def overdue(self) -> bool:
        """Whether the oldest claim is too old for anything more to be begun."""
        oldest = min((batch.claimed_at for batch in self._batches.values()), default=None)
        return oldest is not None and datetime.now(UTC) - oldest > BEGIN_WITHIN

    def open(self, batch: Batch) -> None:
        """Hold the journal of a claim that is about to be made."""
        self._batches[batch.lease] = batch

    def drop(self, batch: Batch) -> None:
        """Nothing was claimed."""
        batch.journal.close(settled=True)
        del self._batches[batch.lease]

    def add(self, batch: Batch, rows: Sequence[tuple[Claim, Frame]]) -> None:
        """Take rows of a claim; those whom nobody may write to are settled at once."""
        for claim, frame in rows:
            if claim.address:
                self._waiting.append(_Job(claim, batch, frame))
            else:
                self._settle(batch, unwanted(claim))
        self._changed.set()

    def postpone(self, batch: Batch, rows: Sequence[tuple[Claim, datetime]]) -> None:
        """Give claimed rows back that must not go before a time."""
        for claim, next_at in rows:
            self._settle(batch, given_back(claim, next_at))

    async def low(self, number: int, seconds: float) -> None:
        """Wait until fewer than `number` are to be handed over, for so long at the most."""
        self._low = number
        self._hungry.clear()
        if self.waiting >= number or self._closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._hungry.wait()

    def finish(self) -> None:
        """Nothing more comes."""
        self._closed = True
        self._changed.set()

    def halt(self, next_at: datetime, hindrance: Outcome | None = None) -> None:
        """Hand out nothing more: what was not begun waits until `next_at`."""
        self._waiting.extend(parcel.of for parcel in self._again)
        self._again.clear()
        for job in self._waiting:
            outcome = hindrance and settled(job.claim, hindrance, datetime.now(UTC))
            back = given_back(job.claim, next_at, hindrance)
            self._settle(job.batch, outcome if outcome and outcome.next_at is None else back)
        self._waiting.clear()
        self.finish()

    def next(self) -> Parcel | None:
        """See Errand."""
        if self._again:
            return self._again.popleft()
        if len(self._waiting) <= self._low:
            self._hungry.set()
        while self._waiting:
            job = self._waiting.popleft()
            try:
                return self._composer.parcel(job.frame, job.claim, job)
            except InvalidMail as error:
                outcome = Outcome(Result.PERMANENT, 0, f"not sent: {error}")
                self._settle(job.batch, settled(job.claim, outcome, datetime.now(UTC)))
        return None

    def left(self) -> bool:
        """See Errand."""
        return self.waiting > 0

    async def more(self) -> bool:
        """See Errand."""
        while not self.waiting and not self._closed:
            self._changed.clear()
            await self._changed.wait()
        return bool(self.waiting)

    def begun(self, parcel: Parcel) -> None:
        """See Errand. Raises OSError where the journal cannot be written."""
        parcel.of.batch.journal.begun(parcel.id)
        for batch in self._batches.values():  # the answer before it may be in the journal of another claim
            batch.journal.write()

    def done(self, parcel: Parcel, outcome: Outcome) -> None:
        """See Errand."""
        job: _Job = parcel.of
        job.batch.journal.done(parcel.id, outcome)
        self._settle(job.batch, settled(job.claim, outcome, datetime.now(UTC)))

    def unsure(self, parcel: Parcel, reason: str) -> None:
        """See Errand."""
        job: _Job = parcel.of
        self._settle(job.batch, unsure(job.claim, reason, self._policy, datetime.now(UTC)))

    def back(self, parcel: Parcel) -> None:
        """See Errand."""
        self._again.append(parcel)
        self._changed.set()

    def _settle(self, batch: Batch, settlement: Settlement) -> None:
        self._unsettled.append((batch, settlement))

    @property
    def unsettled(self) -> int:
        """How many outcomes the database does not know yet."""
        return len(self._unsettled)

    async def settle(self) -> None:
        """Tell the database what has come of mails since the last time; a journal that says no more goes.

        Raises what the database raises; nothing is lost then, the same is told the next time.
        """
        async with self._settling:
            for batch in self._batches.values():
                with suppress(OSError):  # a full disk keeps nobody from telling the database
                    batch.journal.write()
            group = self._unsettled.copy()
            await ledger.settle([(batch.lease, settlement) for batch, settlement in group])
            del self._unsettled[: len(group)]
            for batch, _ in group:
                batch.open -= 1
                if not batch.open:
                    batch.journal.close(settled=True)
                    del self._batches[batch.lease]

    def leave(self) -> None:
        """Let go of the journals that are not settled: whoever looks next finds in them what to settle."""
        for batch in self._batches.values():
            batch.journal.close(settled=False)
        self._batches.clear()
