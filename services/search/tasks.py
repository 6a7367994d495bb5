"""Background work: beat calls what tells of saved searches and what forgets. Jobs carry nothing, the database knows."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import transaction
from infra.jobs import Jobs
from services.search.saved import telling
from services.search.saved.commands import forget_unclaimed

jobs = Jobs("search")

DUE_SECONDS = 60.0
HOUR_SECONDS = 3600.0


@jobs.every(seconds=DUE_SECONDS, name="tell_due")
async def tell_due() -> None:
    """Saved searches whose time has come, and those that could not be told before."""
    await telling.tell_due()


@jobs.every(seconds=HOUR_SECONDS, name="forget_unclaimed")
async def forget_searches() -> None:
    """Searches for which nobody confirmed an address."""
    async with transaction("search") as tx:
        await forget_unclaimed(tx, datetime.now(UTC))
