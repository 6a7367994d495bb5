"""The background job that keeps the quarterly rhythm (setting LOTSE_NEWSLETTER_SCHEDULE)."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import transaction
from services.newsletter.context import current
from services.newsletter.issues.calendar import today
from services.newsletter.issues.planning import propose, remind
from services.newsletter.jobs import SERVICE, jobs

HOUR_SECONDS = 3600.0


@jobs.every(seconds=HOUR_SECONDS, name="plan_issues")
async def plan_issues() -> None:
    """The draft of a quarter on its day, and reminders until it is submitted."""
    if not current().settings.newsletter_schedule:
        return
    day = today(datetime.now(UTC))
    async with transaction(SERVICE) as tx:
        await propose(tx, day)
        await remind(tx, day)
