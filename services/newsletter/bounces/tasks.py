"""Background work: look into the mailbox, count what servers refused, delete what has been kept for long enough."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import transaction
from services.newsletter.bounces import commands
from services.newsletter.bounces.polling import poll
from services.newsletter.bounces.refusals import count_refusals
from services.newsletter.jobs import jobs

MINUTE_SECONDS = 60.0
HOUR_SECONDS = 3600.0


@jobs.every(seconds=MINUTE_SECONDS, name="read_bounce_mailbox", lane="mailbox")
async def read_bounce_mailbox() -> None:
    """The mailbox of LOTSE_BOUNCE_MAILBOX, if there is one."""
    await poll()


@jobs.every(seconds=MINUTE_SECONDS, name="count_refusals")
async def look_for_refusals() -> None:
    """Mails that servers refused at once."""
    await count_refusals()


@jobs.every(seconds=HOUR_SECONDS, name="forget_returned")
async def forget_returned() -> None:
    """Replies of 90 days ago, and counts of more than a year ago."""
    async with transaction("newsletter") as tx:
        await commands.forget(tx, datetime.now(UTC))
