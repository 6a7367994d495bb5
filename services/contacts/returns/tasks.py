"""The job that looks through what mail servers refused."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import transaction
from services.contacts.jobs import SERVICE, jobs
from services.contacts.returns.commands import note_refusals


@jobs.every(seconds=300, name="note_refusals")
async def note_refused_mails() -> None:
    """Accounts whose address no longer exists."""
    async with transaction(SERVICE) as tx:
        await note_refusals(tx, datetime.now(UTC))
