"""Tells whoever wants to be told by mail what their saved searches found since the last time.

A worker takes some searches in hand by moving the time when they are due some minutes on, looks what they find outside
any transaction, and then writes in one transaction that they were told and what is told. It does so only where the
time still is the one that it set. So nobody is told twice, and what a worker leaves undone, since it was killed or its
engine is away, is found again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.expressions import F

from infra.contracts.search import AlertDue, AlertHit
from infra.db import Transaction, transaction
from infra.errors import Unavailable
from infra.outbox import record_all
from services.search import running
from services.search.domain import Document, shown_summary
from services.search.models import SavedSearch
from services.search.saved.domain import next_run
from services.search.saved.evaluation import Evaluation, Match, caught_up, evaluation

log = logging.getLogger(__name__)
BATCH = 100
LEASE = timedelta(minutes=10)
PATIENCE = 3
"""So many different searches may fail in a run: one that no engine can answer must not stop those beside it."""


@dataclass(frozen=True)
class _Batch:
    """Searches that this worker alone may tell, as long as they are due at `until`."""

    until: datetime
    rows: Sequence[SavedSearch]


def _now() -> datetime:
    return datetime.now(UTC)


async def tell_due(clock: Callable[[], datetime] = _now) -> None:
    """Tell of everything that is due by now. What cannot be told now, since the engine is away, is left for later."""
    started = clock()
    oldest = await SavedSearch.filter(next_at__lte=started).order_by("told_up_to").first()
    if oldest is None:
        return
    up_to = await _caught_up()
    if up_to is None:
        log.info("saved searches wait for the index")
        return
    run = _Run(await evaluation(oldest.told_up_to, up_to), clock)
    while run.patient and (batch := await _take(started, clock() + LEASE)).rows:
        await run.tell(batch)


class _Run:
    """One run over all that is due."""

    def __init__(self, new: Evaluation, clock: Callable[[], datetime]) -> None:
        self._new = new
        self._clock = clock

    @property
    def patient(self) -> bool:
        """Whether it makes sense to go on."""
        return len(self._new.unanswered) <= PATIENCE

    async def tell(self, batch: _Batch) -> None:
        """Look what the searches of a batch find, and tell it. Those that fail are found again after their lease."""
        matches = await self._matches(batch.rows)
        ids = dict.fromkeys(identifier for match in matches.values() for identifier in match.ids)
        shown = await self._new.shown(list(ids))
        async with transaction("search") as tx:
            mine = SavedSearch.filter(id__in=list(matches), next_at=batch.until).using_db(tx.connection)
            held = set(await mine.order_by("id").select_for_update().values_list("id", flat=True))
            rows = [row for row in batch.rows if row.id in held]
            alerts = {row.id: alert for row in rows if (alert := _alert(row, matches[row.id], shown))}
            await self._settle(tx, rows, alerts)
            await record_all(tx, alerts.values())

    async def _matches(self, rows: Sequence[SavedSearch]) -> dict[UUID, Match]:
        """What the searches find, without those that could not be answered."""
        matches: dict[UUID, Match] = {}
        for row in rows:
            if self.patient:
                with suppress(Unavailable):
                    matches[row.id] = await self._new.match(row, row.told_up_to)
        return matches

    async def _settle(self, tx: Transaction, rows: Sequence[SavedSearch], told: Collection[UUID]) -> None:
        """Write down that these were looked at, and when they are due next."""
        now = self._clock()
        groups: dict[tuple[str, int], list[UUID]] = defaultdict(list)
        for row in rows:
            groups[row.frequency, int(row.id in told)].append(row.id)
        for (frequency, more), ids in groups.items():
            searches = SavedSearch.filter(id__in=ids).using_db(tx.connection)
            await searches.update(
                told_at=now,
                told_up_to=self._new.up_to,
                next_at=next_run(frequency, now),
                version=F("version") + more,
            )


async def _caught_up() -> int | None:
    try:
        return await caught_up()
    except Unavailable:
        return None


async def _take(due: datetime, until: datetime) -> _Batch:
    """Take some searches that are due in hand; committed on return."""
    async with transaction("search") as tx:
        waiting = SavedSearch.filter(next_at__lte=due).using_db(tx.connection).order_by("next_at", "id")
        rows = await waiting.limit(BATCH).select_for_update(skip_locked=True)
        await SavedSearch.filter(id__in=[row.id for row in rows]).using_db(tx.connection).update(next_at=until)
    return _Batch(until, rows)


def _alert(row: SavedSearch, match: Match, shown: Mapping[str, Document]) -> AlertDue | None:
    """What is told of a search; None when it found nothing that everybody may see at this moment."""
    documents = [shown[identifier] for identifier in match.ids if identifier in shown]
    if not documents:
        return None
    return AlertDue(
        id=str(row.id),
        version=row.version + 1,
        recipient=row.recipient,
        frequency=row.frequency,
        language=row.language,
        since=row.told_at.isoformat(),
        total=match.total - (len(match.ids) - len(documents)),
        hits=[_hit(document, row.language) for document in documents],
    )


def _hit(document: Document, language: str) -> AlertHit:
    return AlertHit(
        kind=document.kind,
        slug=document.slug,
        title=document.title,
        title_en=document.title_en,
        summary=shown_summary(document, language),
        region_name=running.current().knowledge.region_name(document.region),
        date=document.date,
    )
