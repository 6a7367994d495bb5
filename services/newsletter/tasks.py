"""Background work: mails go out when asked for, and beat finds what was lost and deletes what nobody confirmed.

Jobs only carry ids of work that the database knows, so a forgotten one loses nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import transaction
from infra.mail.limits import forget as forget_windows
from services.newsletter.alerts.commands import forget
from services.newsletter.alerts.sending import alert_mails
from services.newsletter.bounces import tasks as bounces
from services.newsletter.checks import tasks as checks
from services.newsletter.dispatch import tasks as dispatch
from services.newsletter.issues import tasks as issues
from services.newsletter.jobs import SEND_ALERTS, jobs
from services.newsletter.rates import MailWindow
from services.newsletter.release import tasks as release
from services.newsletter.subscribers import tasks as subscribers

__all__ = ["bounces", "checks", "dispatch", "issues", "jobs", "release", "subscribers"]

DUE_SECONDS = 20.0
HOUR_SECONDS = 3600.0


@jobs.task(SEND_ALERTS, lane="alerts")
async def send_alerts() -> None:
    """Mails about alerts."""
    await alert_mails.send()


@jobs.every(seconds=DUE_SECONDS, name="find_due_alerts", lane="alerts")
async def find_due_alerts() -> None:
    """The same for alerts: apart, so that neither waits for the other's mail."""
    await alert_mails.find_due()


@jobs.every(seconds=HOUR_SECONDS, name="forget_alerts")
async def forget_alerts() -> None:
    """Alerts that were not confirmed within a week, and the mails of a month ago."""
    async with transaction("newsletter") as tx:
        await forget(tx, datetime.now(UTC))


@jobs.every(seconds=HOUR_SECONDS, name="forget_mail_windows")
async def forget_mail_windows() -> None:
    """Counts of servers and domains that no mail goes to any more."""
    await forget_windows(MailWindow, datetime.now(UTC))
