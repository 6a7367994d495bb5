"""Takes up what workers left that are gone: by their journals where these are here, by their leases where not."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import datetime

from infra.mail import Outcome
from services.newsletter.context import current
from services.newsletter.deliveries.domain import CLAIMED
from services.newsletter.deliveries.models import Delivery
from services.newsletter.dispatch import ledger
from services.newsletter.dispatch.domain import Claim, Settlement, given_back, settled, unsure
from services.newsletter.dispatch.journal import Record, folder_of, has_journal, orphans
from services.newsletter.issues.domain import CANCELLED, RUNNING
from services.newsletter.issues.models import Issue

log = logging.getLogger(__name__)
KILLED = "the worker ended before the mail server's answer was heard"
LOST = "the worker and its journal are gone"


async def recover(now: datetime) -> None:
    """Settle what dead workers had claimed; nobody is left out, and who may have been written to is named."""
    folder = folder_of(current().settings.data_dir)
    for orphan in orphans(folder):
        done = False
        try:
            await _settle(orphan.record, now)
            done = True
        finally:
            orphan.close(settled=done)
    issues = await Issue.filter(state__in=(*RUNNING, CANCELLED)).values_list("id", flat=True)
    expired = Delivery.filter(issue_id__in=issues, status=CLAIMED, lease_until__lt=now)
    for issue_id, lease in await expired.distinct().values_list("issue_id", "lease"):
        if not has_journal(folder, lease):
            await _settle(Record(lease, issue_id, complete=False), now, LOST)


async def _settle(record: Record, now: datetime, reason: str = KILLED) -> None:
    """Each delivery by what the journal says of it.

    Not begun means surely not sent, if the journal is complete; begun without an answer is uncertain.
    """
    if record.issue_id is None:
        return
    policy = current().settings.newsletter_uncertain
    found = []
    for claim in await ledger.claimed(record.issue_id, record.lease):
        outcome = record.done.get(claim.id)
        begun = claim.id in record.begun or not record.complete
        found.append((record.lease, _settlement(claim, outcome, now, policy, reason, begun=begun)))
    await ledger.settle(found)
    if found:
        counts = Counter(settlement.status for _, settlement in found)
        log.warning("a worker of an issue is gone, its claim was settled", extra=dict(counts))


def _settlement(
    claim: Claim, outcome: Outcome | None, now: datetime, policy: str, reason: str, *, begun: bool
) -> Settlement:
    if outcome is not None:
        return settled(claim, outcome, now)
    return unsure(claim, reason, policy, now) if begun else given_back(claim, now)
