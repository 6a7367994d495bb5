"""Hands the mails about subscriptions to the mail server, and writes into the ledger that it took them."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.mail.posting.commands import post_all_due, release_expired
from infra.mail.posting.rounds import returning
from services.newsletter.context import current
from services.newsletter.jobs import SERVICE
from services.newsletter.subscribers.mails import service_mail
from services.newsletter.subscribers.models import ServiceMail
from services.newsletter.subscribers.proving import note_taken


async def send_service_mails() -> None:
    """Send what waits, and note what came of it; the addresses that some went to are forgotten then."""
    await post_all_due(SERVICE, ServiceMail, current().mailer, returning(current(), service_mail))
    await note_taken(ServiceMail, "subscriber_id", address="")


async def find_due() -> None:
    """Take up again what was left: expired leases, and retries that are due."""
    await release_expired(ServiceMail, datetime.now(UTC))
    await send_service_mails()
