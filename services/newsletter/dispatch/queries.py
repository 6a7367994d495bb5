"""The dispatch report: who got an issue, when, and what the mail server said."""

from __future__ import annotations

from uuid import UUID

from infra.mail.posting.domain import WAITING
from infra.web.cursors import decode_cursor, encode_cursor
from services.newsletter.deliveries.models import Delivery, Segment
from services.newsletter.deliveries.queries import counts_of
from services.newsletter.dispatch.schemas import DeliveryPage, DeliveryQuery, DeliveryView
from services.newsletter.issues.models import Issue
from services.newsletter.subscribers.models import Subscriber


async def page(issue: Issue, query: DeliveryQuery) -> DeliveryPage:
    """A page of recipients in the order of their rows. Raises Invalid (cursor)."""
    rows = Delivery.filter(issue_id=issue.id)
    if query.status is not None:
        rows = rows.filter(status=query.status)
    total = await rows.count()
    if query.cursor:
        rows = rows.filter(id__gt=decode_cursor(query.cursor, UUID))
    found = await rows.order_by("id").limit(query.limit + 1)
    shown, more = found[: query.limit], len(found) > query.limit
    readers = await Subscriber.in_bulk({row.subscriber_id for row in shown}, "id")
    segments = await Segment.filter(issue_id=issue.id, id__in={row.segment_id for row in shown}).only(
        "id", "language", "districts", "topics"
    )
    groups = {segment.id: segment for segment in segments}
    items = [_view(row, readers.get(row.subscriber_id), groups[row.segment_id]) for row in shown]
    return DeliveryPage(items, total, await counts_of(issue.id), encode_cursor(shown[-1].id) if more else None)


def _view(row: Delivery, reader: Subscriber | None, group: Segment) -> DeliveryView:
    return DeliveryView(
        id=str(row.id),
        address=reader.address if reader else "",
        language=group.language,
        districts=group.districts,
        topics=group.topics,
        status=row.status,  # type: ignore[arg-type]  # the column holds only these
        attempts=row.attempts,
        reply_code=row.reply_code,
        reply=row.reply,
        message_id=row.message_id,
        at=row.changed_at.isoformat(timespec="seconds"),
        next_at=row.next_at.isoformat(timespec="seconds") if row.status == WAITING else "",
    )
