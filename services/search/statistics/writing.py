"""From memory into the table: every few seconds, at a clean stop, and never while somebody waits for a search.

Several processes add to the same rows, each in one order, so that none waits for another in a circle. Whoever is killed
loses the last seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date, timedelta

from infra.db import Transaction
from infra.db.retry import transact
from infra.db.statements import insert_rows, placed
from infra.ids import new_id
from services.search import figures
from services.search.language.knowledge import Knowledge
from services.search.models import Demand
from services.search.statistics.counting import ANY, WORDS, Asked, Count, Tally, themes_of

log = logging.getLogger(__name__)
EVERY_SECONDS = 5.0
KEPT_DAYS = 396  # thirteen months
SHOWN_FROM = 5  # words that were asked for less often than this are told to nobody …
RARE_KEPT_DAYS = 30  # … and forgotten soon
_BATCH = 500
_COLUMNS = ("id", "subject", "day", "value", "region", "language", "searches", "misses")
_ADDED = (
    " ON CONFLICT (subject, day, value, region, language) DO UPDATE SET"
    " searches = demand.searches + excluded.searches, misses = demand.misses + excluded.misses"
)
_RARE = (
    "DELETE FROM demand WHERE subject = ? AND day < ? AND value IN"
    " (SELECT value FROM demand WHERE subject = ? GROUP BY value HAVING SUM(searches) < ?)"
)
Key = tuple[str, date, str, str, str]


@asynccontextmanager
async def written(tally: Tally, knowledge: Callable[[], Knowledge]) -> AsyncIterator[None]:
    """What is counted inside gets into the table, the last of it at the end."""
    stopping = asyncio.Event()
    task = asyncio.create_task(_write_on(tally, knowledge, stopping))
    try:
        yield
    finally:
        stopping.set()
        await asyncio.wait([task])


async def write(tally: Tally, knowledge: Knowledge) -> None:
    """Add what was counted to the table; what cannot be written stays counted."""
    taken = tally.take()
    rows = sorted((*key, count.searches, count.misses) for key, count in _rows(taken, knowledge).items())

    async def add(tx: Transaction) -> None:
        for first in range(0, len(rows), _BATCH):
            batch = [(str(new_id()), *row) for row in rows[first : first + _BATCH]]
            statement, bound = insert_rows(tx.connection, "demand", _COLUMNS, batch)
            await tx.connection.execute_query(statement + _ADDED, bound)

    try:
        await transact("search", add)
    except BaseException:
        tally.give_back(taken)
        raise


async def forget(tx: Transaction, today: date) -> None:
    """Delete what is older than thirteen months, and words that hardly anybody looked for."""
    oldest, rare = today - timedelta(days=KEPT_DAYS), today - timedelta(days=RARE_KEPT_DAYS)
    await Demand.filter(day__lt=oldest).using_db(tx.connection).delete()
    await tx.connection.execute_query(placed(tx.connection, _RARE), [WORDS, rare, WORDS, SHOWN_FROM])


async def _write_on(tally: Tally, knowledge: Callable[[], Knowledge], stopping: asyncio.Event) -> None:
    """Write in a rhythm until `stopping`, and once more then. This is a loop's border: what fails is tried again."""
    last = False
    while not last:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVERY_SECONDS):
                await stopping.wait()
        last = stopping.is_set()  # looked at before the writing: what is counted meanwhile is written too
        try:
            if len(tally):
                await write(tally, knowledge())
        except Exception:
            figures.DEMAND_FAILURES.inc()
            log.exception("what was looked for could not be counted; trying again", extra={"waiting": len(tally)})


def _rows(taken: Mapping[Asked, Count], knowledge: Knowledge) -> dict[Key, Count]:
    """What to add to each row: to that of all searches, to those of the themes, and to that of the words."""
    rows: dict[Key, Count] = {}
    for asked, count in taken.items():
        subjects = {(ANY, ""), *themes_of(asked, knowledge)}
        if asked.words:
            subjects.add((WORDS, asked.words))
        for subject, value in subjects:
            row = rows.setdefault((subject, asked.day, value, asked.region, asked.language), Count())
            row.searches += count.searches
            row.misses += count.misses
    return rows
