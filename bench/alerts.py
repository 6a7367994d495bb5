"""What a morning costs: 5,000 saved searches, most of them different, when 200 documents are new."""

from __future__ import annotations

import random
import resource
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec

from bench.content import shipped_content
from bench.corpus import Corpus
from bench.kit import Context, Figure
from bench.search_quality import read_queries
from infra.contracts.search import AlertDue
from infra.db import transaction
from infra.ids import new_id
from services.search import running
from services.search.models import SavedSearch
from services.search.saved.telling import tell_due
from services.search.schemas import Criteria

SEARCHES = 5_000
NEW = 200
_BATCH = 500


async def figures(context: Context) -> list[Figure]:
    """Seconds from the first look to the last alert written, and of the processor."""
    async with shipped_content(context.folder / "alerts") as kit:
        await _save()
        corpus = Corpus(seed=2)
        for _ in range(NEW):
            await kit.deliver("search", corpus.offer(str(new_id())))
        await running.current().settled()
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        started, busy = time.perf_counter(), _processor()
        await tell_due(lambda: tomorrow)
        took, busy = time.perf_counter() - started, _processor() - busy
        told = await kit.recorded("search", AlertDue)
    note = f"{len(told)} had something to tell"
    return [
        Figure("alerts_5000_searches", took, "s", aim="< 10 s", note=note),
        Figure("alerts_5000_searches_processor", busy, "s"),
    ]


async def _save() -> None:
    """Searches by the judged queries and by what the new documents say, each with a district or two of its own."""
    now, chance = datetime.now(UTC), random.Random(1)
    queries = [judged.query for judged in read_queries()]
    queries += [document.title.split()[-2] for document in islice(Corpus(seed=3).documents(), len(queries))]
    districts = sorted(running.current().knowledge.regions)
    position = running.current().engine.position
    rows = [_row(chance.choice(queries), chance.choice(districts), position, now) for _ in range(SEARCHES)]
    async with transaction("search") as tx:
        await SavedSearch.bulk_create(rows, _BATCH, using_db=tx.connection)


def _row(q: str, district: str, position: int, now: datetime) -> SavedSearch:
    criteria: Any = msgspec.to_builtins(Criteria(q=q, district=[district]))
    return SavedSearch(
        recipient="account:0",
        name=q,
        criteria=criteria,
        language="de",
        frequency="daily",
        decided_at=now,
        created_at=now,
        looked_at=now,
        looked_up_to=position,
        told_at=now,
        told_up_to=position,
        next_at=now,
    )


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
