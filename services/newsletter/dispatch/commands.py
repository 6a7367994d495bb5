"""Sending an issue and what can be done about it then: pausing, calling off, sending again, sending to newcomers.

Sending freezes audience and content in one transaction; an issue is closed once everybody is accounted for.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from tortoise.expressions import F

from infra.contracts.notices import ISSUE_SENT, ISSUE_TROUBLE
from infra.contracts.roles import PUBLISHER
from infra.db import Transaction
from infra.errors import Conflict, Text
from infra.notices import ask_notice
from infra.outbox import record
from infra.web.identity import Identity
from services.newsletter.checks.queries import require_passed
from services.newsletter.deliveries.domain import FAILED, OPEN, SETTLED, SUPPRESSED, UNCERTAIN, WAITING
from services.newsletter.deliveries.models import Delivery, Dispatch, Segment
from services.newsletter.directory.commands import take
from services.newsletter.dispatch.domain import CANCELLED, needs_attention
from services.newsletter.dispatch.freezing import freeze_audience, sent_at
from services.newsletter.issues import domain
from services.newsletter.issues.commands import desk_path, locked, save, words_of
from services.newsletter.issues.content import content_of
from services.newsletter.issues.events import issue_published
from services.newsletter.issues.models import Issue
from services.newsletter.jobs import SEND_BATCH, jobs
from services.newsletter.signatures import signature

log = logging.getLogger(__name__)


async def send(tx: Transaction, identity: Identity, name: str, version: int | None) -> Issue:
    """Send an approved issue. Raises NotFound, Stale, Conflict (not approved, sent already, or a check failed).

    From here on content and audience stand: whoever confirms later, or edits an offer, changes nothing in it.
    """
    issue = await locked(tx, name, version)
    return await _begin(tx, issue, signature(identity))


async def send_at_its_hour(tx: Transaction, issue_id: UUID, now: datetime) -> None:
    """Send an approved issue whose hour has come, in the name of whoever approved it.

    One that does not pass the checks any more waits for a person, who is told.
    """
    issue = await locked(tx, str(issue_id), None)
    if issue.state != domain.APPROVED or issue.send_at is None or issue.send_at > now:
        return
    try:
        await _begin(tx, issue, {**issue.people["approved"], "at": now.isoformat(timespec="seconds")})
    except Conflict:
        log.warning("an issue whose hour has come does not pass the checks", extra={"issue": issue.slug})
        issue.send_at = None
        await save(tx, issue)
        await _tell(tx, issue, ISSUE_TROUBLE)


async def pause(tx: Transaction, name: str, version: int | None) -> Issue:
    """Begin no more mails until the issue is resumed. Raises NotFound, Stale, Conflict."""
    return await _turn(tx, name, version, (domain.SENDING,), domain.PAUSED)


async def resume(tx: Transaction, name: str, version: int | None) -> Issue:
    """Go on with a paused issue. Raises NotFound, Stale, Conflict."""
    issue = await _turn(tx, name, version, (domain.PAUSED,), domain.SENDING)
    tx.after_commit(jobs.later(SEND_BATCH, str(issue.id)))
    return issue


async def cancel(tx: Transaction, name: str, version: int | None) -> Issue:
    """Call an issue off: nobody gets it any more. What went out stays accounted for, and the archive keeps it.

    Raises NotFound, Stale, Conflict (neither approved nor on its way).
    """
    issue = await _turn(tx, name, version, (domain.APPROVED, *domain.RUNNING), domain.CANCELLED)
    await suppress_rest(tx, issue.id)
    return issue


async def suppress_rest(tx: Transaction, issue_id: UUID) -> int:
    """Account for those who do not get a cancelled issue; returns how many. A worker's own follow when it is done."""
    rest = Delivery.filter(issue_id=issue_id, status=WAITING).using_db(tx.connection)
    return await rest.update(status=SUPPRESSED, reply=CANCELLED, reply_code=0, changed_at=datetime.now(UTC))


async def resend(tx: Transaction, name: str, version: int | None, status: str) -> Issue:
    """Send an issue once more to those with whom it `failed`, or with whom it is `uncertain`, by the same Message-IDs.

    Raises NotFound, Stale, Conflict (not sent, or there are none).
    """
    issue = await _turn(tx, name, version, (domain.SENT,), domain.SENDING)
    now = datetime.now(UTC)
    rows = Delivery.filter(issue_id=issue.id, status=status).using_db(tx.connection)
    if not await rows.update(status=WAITING, attempts=0, next_at=now, created_at=now, changed_at=now):
        raise Conflict(
            Text("Da ist niemand, an den noch einmal zu senden wäre.", "There is nobody to send it to again.")
        )
    tx.after_commit(jobs.later(SEND_BATCH, str(issue.id)))
    return issue


async def send_late(tx: Transaction, name: str, version: int | None) -> Issue:
    """Send an issue to those who confirmed since. Raises NotFound, Stale, Conflict (not sent, or nobody)."""
    issue = await _turn(tx, name, version, (domain.SENT,), domain.SENDING)
    dispatch = await _dispatch_of(tx, issue)
    now = datetime.now(UTC)
    audience = await freeze_audience(tx, issue, await content_of(issue), now, dispatch.frozen_at)
    if audience == dispatch.audience:
        raise Conflict(
            Text(
                "Seit dem Versand ist niemand dazugekommen, den diese Ausgabe betrifft.",
                "Nobody whom this issue concerns has joined since it was sent.",
            )
        )
    dispatch.audience, dispatch.frozen_at = audience, now
    await dispatch.save(using_db=tx.connection)
    tx.after_commit(jobs.later(SEND_BATCH, str(issue.id)))
    return issue


async def finish_if_done(tx: Transaction, issue_id: UUID) -> bool:
    """Close an issue that is being sent when everybody of its audience is accounted for; whether it is closed."""
    rows = Delivery.filter(issue_id=issue_id).using_db(tx.connection)
    if await rows.filter(status__in=OPEN).exists():
        return False
    dispatch = await Dispatch.get_or_none(issue_id=issue_id, using_db=tx.connection)
    settled = await rows.filter(status__in=SETTLED).count()
    if dispatch is not None and settled != dispatch.audience:
        log.error("rows of an issue are missing", extra={"audience": dispatch.audience, "settled": settled})
        return False
    closed = Issue.filter(id=issue_id, state=domain.SENDING).using_db(tx.connection)
    if await closed.update(state=domain.SENT, version=F("version") + 1):
        await _closed(tx, await Issue.get(id=issue_id, using_db=tx.connection), settled)
    return True


async def _closed(tx: Transaction, issue: Issue, settled: int) -> None:
    """Tell those who release issues, and let go of the mails that were set for it; they can be set again."""
    log.info("issue sent to everybody it concerns", extra={"issue": issue.slug, "recipients": settled})
    rows = Delivery.filter(issue_id=issue.id).using_db(tx.connection)
    failed = await rows.filter(status=FAILED).count()
    uncertain = await rows.filter(status=UNCERTAIN).count()
    await _tell(tx, issue, ISSUE_TROUBLE if needs_attention(settled, failed, uncertain) else ISSUE_SENT)
    await Segment.filter(issue_id=issue.id).using_db(tx.connection).update(html="", text="")


async def _begin(tx: Transaction, issue: Issue, who: dict[str, str]) -> Issue:
    domain.require_approved(issue.state, issue.is_public)
    await require_passed(issue)
    await take(tx, issue.fixed or [], issue.id)
    content = await content_of(issue)
    now = datetime.now(UTC)
    issue.content = msgspec.to_builtins(content)
    issue.state, issue.published_on, issue.send_at = domain.SENDING, now.date().isoformat(), None
    issue.people = {**issue.people, "sent": who}
    await save(tx, issue)
    audience = await freeze_audience(tx, issue, content, now)
    await Dispatch.create(issue_id=issue.id, audience=audience, frozen_at=now, using_db=tx.connection)
    await record(tx, issue_published(issue, content))
    if await finish_if_done(tx, issue.id):
        await issue.refresh_from_db(using_db=tx.connection)
    tx.after_commit(jobs.later(SEND_BATCH, str(issue.id)))
    return issue


async def _turn(tx: Transaction, name: str, version: int | None, allowed: tuple[str, ...], state: str) -> Issue:
    """Bring an issue that is in one of the `allowed` states into another."""
    issue = await locked(tx, name, version)
    if issue.state not in allowed:
        raise Conflict(
            Text("Das geht bei dieser Ausgabe gerade nicht.", "This cannot be done with this issue as it stands.")
        )
    issue.state, issue.send_at = state, None
    return await save(tx, issue)


async def _dispatch_of(tx: Transaction, issue: Issue) -> Dispatch:
    """The dispatch of an issue that was sent; what an older version sent has none yet, but says when."""
    known = await Dispatch.get_or_none(issue_id=issue.id, using_db=tx.connection)
    if known is not None:
        return known
    audience = await Delivery.filter(issue_id=issue.id).using_db(tx.connection).count()
    since = sent_at(issue) or datetime.now(UTC)
    return await Dispatch.create(issue_id=issue.id, audience=audience, frozen_at=since, using_db=tx.connection)


async def _tell(tx: Transaction, issue: Issue, kind: str) -> None:
    await ask_notice(
        tx, kind, issue.id, version=issue.version, role=PUBLISHER, path=desk_path(issue), words=words_of(issue)
    )
