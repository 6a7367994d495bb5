"""The dispatch report: who got an issue, when, and what the mail server said."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from uuid import UUID

from tortoise.expressions import Q

from infra.db.routing import reading
from infra.db.statements import all_bound, is_sqlite_client, placed
from infra.mail.posting.domain import WAITING
from infra.web.cursors import decode_cursor, encode_cursor
from services.newsletter.deliveries.models import Delivery, Dispatch, Segment
from services.newsletter.deliveries.queries import accounts, counts_of
from services.newsletter.dispatch.freezing import sent_at
from services.newsletter.dispatch.schemas import DeliveryPage, DeliveryQuery, DeliveryView, DispatchView, DomainCounts
from services.newsletter.issues.models import Issue
from services.newsletter.jobs import SERVICE
from services.newsletter.subscribers.domain import ACTIVE
from services.newsletter.subscribers.models import Subscriber

DOMAINS_SHOWN = 20
_DOMAIN_SQLITE = "lower(substr(s.address, instr(s.address, '@') + 1))"
_DOMAIN_POSTGRESQL = "lower(split_part(s.address, '@', 2))"
_BY_DOMAIN = """
    SELECT COALESCE({domain}, '') AS domain, d.status AS status, COUNT(*) AS n
    FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber_id WHERE d.issue_id = ? GROUP BY 1, 2
"""


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


async def overview(issue: Issue) -> DispatchView:
    """The accounts of the whole dispatch and by domain."""
    dispatch = await Dispatch.get_or_none(issue_id=issue.id)
    since = dispatch.frozen_at if dispatch else sent_at(issue)
    return DispatchView(
        counts=await counts_of(issue.id),
        frozen_at=since.isoformat(timespec="seconds") if since else "",
        domains=await _domains(issue),
        newcomers=await _newcomers(since) if since else 0,
    )


async def _newcomers(since: datetime) -> int:
    """How many confirmed since and do not pause: those to whom the issue can be sent late, if it concerns them."""
    awake = Q(paused_until__isnull=True) | Q(paused_until__lte=datetime.now(UTC).date())
    return await Subscriber.filter(awake, status=ACTIVE, confirmed_at__gte=since).count()


async def _domains(issue: Issue) -> list[DomainCounts]:
    """The domains with most recipients, the rest as one. Addresses are with the subscribers, and go with them."""
    connection = reading(SERVICE)
    statement = _BY_DOMAIN.format(domain=_DOMAIN_SQLITE if is_sqlite_client(connection) else _DOMAIN_POSTGRESQL)
    rows = await connection.execute_query_dict(placed(connection, statement), all_bound(connection, issue.id))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        found[row["domain"]][row["status"]] += row["n"]
    rest = found.pop("", Counter())
    largest = sorted(found, key=lambda domain: (-found[domain].total(), domain))
    for domain in largest[DOMAINS_SHOWN:]:
        rest.update(found[domain])
    shown = [DomainCounts(domain, accounts(found[domain])) for domain in largest[:DOMAINS_SHOWN]]
    return [*shown, *([DomainCounts("", accounts(rest))] if rest else [])]


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
