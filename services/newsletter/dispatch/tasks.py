"""Background work of the dispatch: an issue turn by turn, and looking for what is due."""

from __future__ import annotations

from uuid import UUID

from services.newsletter.dispatch import sending
from services.newsletter.jobs import SEND_BATCH, jobs

DUE_SECONDS = 20.0


@jobs.task(SEND_BATCH, lane="issues")
async def send_batch(issue_id: str) -> None:
    """The next recipients of an issue."""
    await sending.send_batch(UUID(issue_id))


@jobs.every(seconds=DUE_SECONDS, name="find_due")
async def find_due() -> None:
    """Retries, dead workers, lost jobs, issues whose hour has come."""
    await sending.find_due()
