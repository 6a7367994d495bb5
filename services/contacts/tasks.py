"""Jobs of contacts: sessions that ended are forgotten, and offers follow the calendar."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import transaction
from infra.jobs import Jobs
from services.contacts.accounts.commands import forget_expired
from services.contacts.offers.commands import follow_calendar

jobs = Jobs("contacts")


@jobs.every(seconds=3600, name="forget_expired_sessions")
async def forget_expired_sessions() -> None:
    """Delete sessions that can no longer be used."""
    async with transaction("contacts") as tx:
        await forget_expired(tx)


@jobs.every(seconds=3600, name="follow_calendar")
async def offers_follow_calendar() -> None:
    """End and begin public offers whose day has come."""
    async with transaction("contacts") as tx:
        await follow_calendar(tx, datetime.now(UTC).date())
