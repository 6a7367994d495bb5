"""Jobs of notices: mails at once, the daily digest, and reminding coordinators of offers that end."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import transaction
from services.contacts.jobs import SEND_NOTICES, SERVICE, jobs
from services.contacts.notices import sending
from services.contacts.notices.commands import forget
from services.contacts.notices.reminders import remind


@jobs.task(SEND_NOTICES, lane="notices")
async def send_notices() -> None:
    """What is to be told at once."""
    await sending.gather_due()
    await sending.notice_mails.send()


@jobs.every(seconds=20, name="find_due_notices", lane="notices")
async def find_due_notices() -> None:
    """The digest when its hour has come, what rested; retries, expired leases, lost jobs."""
    await sending.gather_due()
    await sending.notice_mails.find_due()


@jobs.every(seconds=6 * 3600, name="remind_of_offers")
async def remind_of_offers() -> None:
    """Offers that end soon, or just have."""
    async with transaction(SERVICE) as tx:
        await remind(tx, datetime.now(UTC))


@jobs.every(seconds=3600, name="forget_notices")
async def forget_notices() -> None:
    """Delete what was told a month ago."""
    async with transaction(SERVICE) as tx:
        await forget(tx, datetime.now(UTC))
