"""Background work on subscriptions: their mails, and what is deleted by itself."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import transaction
from services.newsletter.jobs import SEND_SERVICE_MAILS, jobs
from services.newsletter.subscribers.forgetting import forget
from services.newsletter.subscribers.sending import service_mails

__all__ = ["jobs"]

DUE_SECONDS = 20.0
HOUR_SECONDS = 3600.0


@jobs.task(SEND_SERVICE_MAILS, lane="subscriptions")
async def send_service_mails() -> None:
    """Confirmation mails and the like."""
    await service_mails.send()


@jobs.every(seconds=DUE_SECONDS, name="find_due_service_mails", lane="subscriptions")
async def find_due_service_mails() -> None:
    """Retries, expired leases, lost jobs: apart from issues, so that neither waits for the other's mail."""
    await service_mails.find_due()


@jobs.every(seconds=HOUR_SECONDS, name="forget_unconfirmed")
async def forget_unconfirmed() -> None:
    """Sign-ups that were not confirmed within a week, and whatever else has had its time."""
    async with transaction("newsletter") as tx:
        await forget(tx, datetime.now(UTC))
