"""Jobs of contacts: mails to account holders, sessions that ended, and offers that follow the calendar."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import transaction
from infra.mail.limits import forget as forget_windows
from infra.mail.posting.rounds import forget_settled
from services.contacts.access.commands import forget_mails
from services.contacts.access.sending import access_mails
from services.contacts.accounts.commands import forget_expired
from services.contacts.alerts.domain import KEEP_MAILS
from services.contacts.alerts.models import AlertMail
from services.contacts.alerts.sending import alert_mails
from services.contacts.jobs import SEND_ACCESS_MAILS, SEND_ALERTS, jobs
from services.contacts.notices import tasks as notices
from services.contacts.offers.commands import follow_calendar
from services.contacts.rates import MailWindow
from services.contacts.returns import tasks as returns

__all__ = ["jobs", "notices", "returns"]


@jobs.task(SEND_ALERTS, lane="alerts")
async def send_alerts() -> None:
    """Mails about what saved searches found."""
    await alert_mails.send()


@jobs.every(seconds=20, name="find_due_alerts", lane="alerts")
async def find_due_alerts() -> None:
    """Retries, expired leases, lost jobs."""
    await alert_mails.find_due()


@jobs.every(seconds=3600, name="forget_alert_mails")
async def forget_alert_mails() -> None:
    """Delete the rows of mails of a month ago."""
    async with transaction("contacts") as tx:
        await forget_settled(tx, AlertMail, datetime.now(UTC) - KEEP_MAILS)


@jobs.task(SEND_ACCESS_MAILS, lane="access")
async def send_access_mails() -> None:
    """Mails about addresses and passwords."""
    await access_mails.send()


@jobs.every(seconds=20, name="find_due_access_mails", lane="access")
async def find_due_access_mails() -> None:
    """Retries, expired leases, lost jobs."""
    await access_mails.find_due()


@jobs.every(seconds=3600, name="forget_access_mails")
async def forget_access_mails() -> None:
    """Delete the rows of links that can do nothing any more."""
    async with transaction("contacts") as tx:
        await forget_mails(tx, datetime.now(UTC))


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


@jobs.every(seconds=3600, name="forget_mail_windows")
async def forget_mail_windows() -> None:
    """Counts of servers and domains that no mail goes to any more."""
    await forget_windows(MailWindow, datetime.now(UTC))
