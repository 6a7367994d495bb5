"""The background job that asks links."""

from __future__ import annotations

from datetime import UTC, datetime

from services.newsletter.checks import commands
from services.newsletter.jobs import CHECK_LINKS, jobs

RHYTHM_SECONDS = 60.0


@jobs.every(seconds=RHYTHM_SECONDS, name=CHECK_LINKS, lane="links")
async def check_links() -> None:
    """Links of issues in preparation that were not asked lately; also asked for when an issue changes."""
    await commands.check_links(datetime.now(UTC))
