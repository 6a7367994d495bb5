"""Hands the mails about alerts to the mail server."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.mail.posting.commands import post_all_due, release_expired
from infra.mail.posting.rounds import returning
from services.newsletter.alerts.mails import mail_of
from services.newsletter.alerts.models import AlertMail
from services.newsletter.context import current
from services.newsletter.jobs import SERVICE
from services.newsletter.subscribers.proving import note_taken


async def send_alerts() -> None:
    """Send what waits, and note what came of it."""
    await post_all_due(SERVICE, AlertMail, current().mailer, returning(current(), mail_of))
    await note_taken(AlertMail, "subscription_id")


async def find_due() -> None:
    """Take up again what was left: expired leases, and retries that are due."""
    await release_expired(AlertMail, datetime.now(UTC))
    await send_alerts()
