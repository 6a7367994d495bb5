"""Background work: beat calls what tells of saved searches and what forgets. Jobs carry nothing, the database knows."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import transaction
from infra.jobs import Jobs
from services.search.saved import telling
from services.search.saved.commands import forget_unclaimed
from services.search.statistics.writing import forget

jobs = Jobs("search")

DUE_SECONDS = 60.0
HOUR_SECONDS = 3600.0
DAY_SECONDS = 86_400.0


@jobs.every(seconds=DUE_SECONDS, name="tell_due")
async def tell_due() -> None:
    """Saved searches whose time has come, and those that could not be told before."""
    await telling.tell_due()


@jobs.every(seconds=HOUR_SECONDS, name="forget_unclaimed")
async def forget_searches() -> None:
    """Searches for which nobody confirmed an address."""
    async with transaction("search") as tx:
        await forget_unclaimed(tx, datetime.now(UTC))


@jobs.every(seconds=DAY_SECONDS, name="forget_demand")
async def forget_demand() -> None:
    """Counts of what was looked for more than thirteen months ago, and words that hardly anybody looked for."""
    async with transaction("search") as tx:
        await forget(tx, datetime.now(UTC).date())
