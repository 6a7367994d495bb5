"""Tells the current state once more, for consumers that come after the log was shortened."""

from __future__ import annotations

from infra.db import transaction
from services.newsletter.alerts.commands import tell_confirmed_again
from services.newsletter.articles.commands import tell_published_again as tell_articles_again
from services.newsletter.issues.commands import tell_published_again


async def snapshot() -> int:
    """Record every sent issue, published article and confirmed alert as it stands; returns how many events."""
    async with transaction("newsletter") as tx:
        return await tell_published_again(tx) + await tell_articles_again(tx) + await tell_confirmed_again(tx)
