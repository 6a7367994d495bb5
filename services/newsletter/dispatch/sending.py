"""Sends issues turn by turn, and finds what is left to do: due retries, dead workers, issues whose hour has come."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID

from infra.db import transaction
from services.newsletter.deliveries.domain import WAITING
from services.newsletter.deliveries.models import Delivery
from services.newsletter.dispatch.commands import finish_if_done, send_at_its_hour, suppress_rest
from services.newsletter.dispatch.recovery import recover
from services.newsletter.dispatch.turn import Turn
from services.newsletter.issues.domain import APPROVED, CANCELLED, SENDING
from services.newsletter.issues.models import Issue
from services.newsletter.jobs import SEND_BATCH, SERVICE, jobs

ACTIVE_SECONDS = 60.0
_active: dict[UUID, float] = {}


async def send_batch(issue_id: UUID) -> None:
    """Send an issue for a turn; asks for the next one while there is more, closes the issue when there is not."""
    issue = await Issue.get_or_none(id=issue_id, state=SENDING)
    if issue is None:
        return
    _active[issue_id] = time.monotonic()
    more = False
    try:
        await Turn(issue).run()
        async with transaction(SERVICE) as tx:
            done = await finish_if_done(tx, issue_id)
        more = not done and await _due(issue_id)
    finally:  # a turn that failed is no reason for beat to wait for the next one
        if not more:
            _active.pop(issue_id, None)
    if more:
        jobs.enqueue(SEND_BATCH, str(issue_id))


async def find_due() -> None:
    """Take up what was left, and begin what is due. A worker that sends an issue already is not asked again."""
    now = datetime.now(UTC)
    await recover(now)
    for issue in await Issue.filter(state=APPROVED, send_at__lte=now).only("id"):
        async with transaction(SERVICE) as tx:
            await send_at_its_hour(tx, issue.id, now)
    for issue in await Issue.filter(state=CANCELLED).only("id"):
        if await Delivery.filter(issue_id=issue.id, status=WAITING).exists():
            async with transaction(SERVICE) as tx:
                await suppress_rest(tx, issue.id)
    for issue in await Issue.filter(state=SENDING).only("id"):
        if not _is_active(issue.id):
            jobs.enqueue(SEND_BATCH, str(issue.id))


def _is_active(issue_id: UUID) -> bool:
    """Whether this process sends the issue turn by turn; a chain of turns of which one got lost begins anew."""
    return time.monotonic() - _active.get(issue_id, -ACTIVE_SECONDS) < ACTIVE_SECONDS


async def _due(issue_id: UUID) -> bool:
    return await Delivery.filter(issue_id=issue_id, status=WAITING, next_at__lte=datetime.now(UTC)).exists()
