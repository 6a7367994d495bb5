"""What mail servers refused while we sent counts like a bounce: the rows that failed say it, and are looked through.

Sending knows nothing of it, so that neither a crash between two steps nor a slow look holds up a dispatch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from infra.mail.posting.domain import FAILED
from infra.mail.verdicts import ENHANCED, judge
from services.newsletter.alerts.models import AlertMail
from services.newsletter.bounces.commands import settle
from services.newsletter.bounces.domain import BATCH, Kind
from services.newsletter.bounces.models import ReturnedMail
from services.newsletter.bounces.reading import Reading
from services.newsletter.bounces.reports import Report
from services.newsletter.deliveries.models import Delivery, Dispatch
from services.newsletter.jobs import SERVICE
from services.newsletter.subscribers.models import ServiceMail

# A dispatch retries for four days, and its failed ones may be sent once more by hand; a worker may be away for a day.
_ISSUES_OF = timedelta(days=60)
_LOOK_BACK = timedelta(days=2)
_Row = Delivery | ServiceMail | AlertMail


async def count_refusals() -> int:
    """Settle the refusals that have not been counted yet; returns how many."""
    since = datetime.now(UTC) - _LOOK_BACK
    issues = await Dispatch.filter(frozen_at__gte=since - _ISSUES_OF).values_list("issue_id", flat=True)
    refused = {"status": FAILED, "reply_code__gte": 400, "changed_at__gte": since}
    rows: list[_Row] = [
        *await Delivery.filter(issue_id__in=issues, **refused),
        *await ServiceMail.filter(**refused),
        *await AlertMail.filter(**refused),
    ]
    counted = 0
    for start in range(0, len(rows), BATCH):
        counted += await _count(rows[start : start + BATCH])
    return counted


async def _count(rows: Sequence[_Row]) -> int:
    readings = [_reading(row) for row in rows]
    known = await ReturnedMail.filter(digest__in=[each.digest for each in readings]).only("digest")
    counted = {row.digest for row in known}
    new = [reading for reading in readings if reading.digest not in counted]
    await settle(new)
    return len(new)


def _reading(row: _Row) -> Reading:
    """A refusal as if it had come back; one row is refused once, however often it is looked at."""
    found = ENHANCED.search(row.reply)
    verdict = judge(code=row.reply_code, text=row.reply)
    return Reading(
        digest=hashlib.sha256(f"smtp:{row.id}".encode()).hexdigest(),
        way="smtp",
        kind=Kind(verdict),
        report=Report(Kind(verdict), found[0] if found else "", f"{row.reply_code} {row.reply}"),
        posting=(SERVICE, row.id),
    )
