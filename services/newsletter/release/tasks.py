"""Background jobs of releasing: the mails with which an issue is tried out."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import transaction
from infra.mail.posting.rounds import Round
from services.newsletter.context import current
from services.newsletter.jobs import SEND_TESTS, SERVICE, jobs
from services.newsletter.release.commands import forget_tests
from services.newsletter.release.mails import test_mail
from services.newsletter.release.models import TestMail

DUE_SECONDS = 20.0
HOUR_SECONDS = 3600.0
_tests = Round(SERVICE, TestMail, current, test_mail)


@jobs.task(SEND_TESTS, lane="tests")
async def send_tests() -> None:
    """Test mails that wait."""
    await _tests.send()


@jobs.every(seconds=DUE_SECONDS, name="find_due_tests", lane="tests")
async def find_due_tests() -> None:
    """Retries, expired leases, lost jobs."""
    await _tests.find_due()


@jobs.every(seconds=HOUR_SECONDS, name="forget_tests")
async def forget_test_mails() -> None:
    """Test mails of yesterday, with the addresses they went to."""
    async with transaction(SERVICE) as tx:
        await forget_tests(tx, datetime.now(UTC))
