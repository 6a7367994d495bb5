"""Reads what came back, for the desk: the list, the accounts by issue, month and domain, and what people wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from infra.errors import NotFound, Text
from infra.ids import as_id
from infra.web.cursors import MomentKey, decode_cursor, encode_cursor, moment_key, moment_of
from services.newsletter.bounces.domain import COUNTED, KEEP_REPLIES, OPEN, Kind
from services.newsletter.bounces.models import Reply, ReturnedMail
from services.newsletter.bounces.schemas import (
    BouncePage,
    BounceQuery,
    BounceView,
    Counted,
    ReplyPage,
    ReplyQuery,
    ReplySummary,
    ReplyView,
    Summary,
)
from services.newsletter.deliveries.domain import SENT
from services.newsletter.deliveries.models import Delivery
from services.newsletter.issues.models import Issue
from services.newsletter.issues.queries import LONGEST_NAME

_GONE = Text(
    "Diese Nachricht gibt es nicht mehr. Antworten werden nach 90 Tagen gelöscht.",
    "This message no longer exists. Replies are deleted after 90 days.",
)
_LISTED = (*COUNTED, Kind.UNKNOWN)
_MOST_DOMAINS = 20
_MOST_ISSUES = 12


async def bounces(query: BounceQuery) -> BouncePage:
    """Bounces and complaints, newest first. Raises Invalid (cursor), NotFound (issue)."""
    kinds = [query.kind] if query.kind else [kind.value for kind in _LISTED]
    rows = ReturnedMail.filter(kind__in=kinds)
    if query.issue:
        rows = rows.filter(issue_id=await _issue_id(query.issue))
    total = await rows.count()
    if query.cursor:
        moment, digest = decode_cursor(query.cursor, tuple[MomentKey, str])
        at = moment_of(moment)
        rows = rows.filter(Q(at__lt=at) | Q(at=at, digest__lt=digest[:64]))
    found = await rows.order_by("-at", "-digest").limit(query.limit + 1)
    shown, more = found[: query.limit], len(found) > query.limit
    slugs = await _slugs({row.issue_id for row in shown if row.issue_id})
    items = [_bounce(row, slugs) for row in shown]
    last = shown[-1] if more else None
    return BouncePage(items, total, encode_cursor((moment_key(last.at), last.digest)) if last else None)


async def summary(days: int) -> Summary:
    """What came back in so many days."""
    since = datetime.now(UTC) - timedelta(days=days)
    recent = ReturnedMail.filter(at__gte=since)
    kinds = await recent.annotate(n=Count("digest")).group_by("kind").values("kind", "n")
    counted = recent.filter(kind__in=[kind.value for kind in COUNTED])
    domains = await _counted(counted.exclude(domain=""), "domain")
    return Summary(
        since=since.date().isoformat(),
        kinds={row["kind"]: int(row["n"]) for row in kinds},
        issues=await _by_issue(counted),
        months=_by_month(await _counted(counted, "day")),
        domains=sorted(domains.values(), key=_weight)[:_MOST_DOMAINS],
    )


async def replies(query: ReplyQuery) -> ReplyPage:
    """What people wrote, newest first. Raises Invalid (cursor)."""
    rows = Reply.filter(state=query.state)
    total = await rows.count()
    waiting = total if query.state == OPEN else await Reply.filter(state=OPEN).count()
    if query.cursor:
        moment, reply_id = decode_cursor(query.cursor, tuple[MomentKey, UUID])
        at = moment_of(moment)
        rows = rows.filter(Q(received_at__lt=at) | Q(received_at=at, id__lt=reply_id))
    found = await rows.order_by("-received_at", "-id").limit(query.limit + 1)
    shown, more = found[: query.limit], len(found) > query.limit
    last = shown[-1] if more else None
    following = encode_cursor((moment_key(last.received_at), last.id)) if last else None
    return ReplyPage([_summary(row) for row in shown], total, waiting, following)


async def reply(name: str) -> Reply:
    """A reply by its id. Raises NotFound."""
    reply_id = as_id(name)
    row = await Reply.get_or_none(id=reply_id) if reply_id else None
    if row is None:
        raise NotFound(_GONE)
    return row


def reply_view(row: Reply) -> ReplyView:
    """A reply to read."""
    return ReplyView(
        id=str(row.id),
        sender=row.sender,
        sender_name=row.sender_name,
        subject=row.subject,
        text=row.text,
        shortened=row.shortened,
        attachments=row.attachments,
        hint=row.hint,
        about=row.about,
        state=row.state,  # type: ignore[arg-type]  # the column holds only these
        received_at=row.received_at.isoformat(timespec="seconds"),
        deleted_on=(row.received_at + KEEP_REPLIES).date().isoformat(),
        done_at=row.done_at.isoformat(timespec="seconds") if row.done_at else "",
        done_by=row.done_by,
    )


async def _by_issue(rows: QuerySet[ReturnedMail]) -> list[Counted]:
    """The issues that most came back of, with how many of their mails servers took."""
    counted = await _counted(rows.exclude(issue_id=None), "issue_id")
    slugs = await _slugs(UUID(issue_id) for issue_id in counted)
    newest = sorted(slugs, key=lambda issue_id: slugs[issue_id], reverse=True)[:_MOST_ISSUES]
    taken = Delivery.filter(issue_id__in=newest, status=SENT).annotate(n=Count("id")).group_by("issue_id")
    mails = {str(row["issue_id"]): int(row["n"]) for row in await taken.values("issue_id", "n")} if newest else {}
    for issue_id in newest:
        entry = counted[str(issue_id)]
        entry.name, entry.mails = slugs[issue_id], mails.get(str(issue_id), 0)
    return [counted[str(issue_id)] for issue_id in newest]


def _by_month(days: Mapping[str, Counted]) -> list[Counted]:
    """The newest first."""
    months: dict[str, Counted] = {}
    for day, each in days.items():
        month = months.setdefault(day[:7], Counted(day[:7]))
        month.hard, month.soft = month.hard + each.hard, month.soft + each.soft
        month.complaint += each.complaint
    return sorted(months.values(), key=lambda month: month.name, reverse=True)


async def _counted(rows: QuerySet[ReturnedMail], column: str) -> dict[str, Counted]:
    """How many of each kind there are by the values of a column."""
    found: dict[str, Counted] = {}
    for row in await rows.annotate(n=Count("digest")).group_by(column, "kind").values(column, "kind", "n"):
        entry = found.setdefault(str(row[column]), Counted(str(row[column])))
        setattr(entry, row["kind"], int(row["n"]))
    return found


def _weight(entry: Counted) -> tuple[int, str]:
    return -(entry.hard + entry.soft + entry.complaint), entry.name


async def _issue_id(slug: str) -> UUID:
    issue = await Issue.get_or_none(slug=slug) if len(slug) <= LONGEST_NAME else None
    if issue is None:
        raise NotFound
    return issue.id


async def _slugs(ids: Iterable[UUID]) -> dict[UUID, str]:
    wanted = list(ids)
    rows: list[Any] = await Issue.filter(id__in=wanted).values_list("id", "slug") if wanted else []
    return dict(rows)


def _bounce(row: ReturnedMail, slugs: Mapping[UUID, str]) -> BounceView:
    return BounceView(
        at=row.at.isoformat(timespec="seconds"),
        kind=row.kind,  # type: ignore[arg-type]  # the column holds only these
        status=row.status,
        domain=row.domain,
        diagnostic=row.diagnostic,
        issue=slugs.get(row.issue_id, "") if row.issue_id else "",
        service=row.service,
        way=row.way,
    )


def _summary(row: Reply) -> ReplySummary:
    return ReplySummary(
        id=str(row.id),
        sender=row.sender,
        sender_name=row.sender_name,
        subject=row.subject,
        received_at=row.received_at.isoformat(timespec="seconds"),
        state=row.state,  # type: ignore[arg-type]  # the column holds only these
        hint=row.hint,
        about=row.about,
    )
