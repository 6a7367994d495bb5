"""Sending: freezes audience and content in one transaction, and closes an issue once everybody is accounted for."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from infra.db import Transaction
from infra.mail.posting.domain import OPEN
from infra.outbox import record
from infra.web.identity import Identity
from services.newsletter.context import current
from services.newsletter.deliveries.models import Delivery, Segment
from services.newsletter.directory import queries as directory
from services.newsletter.directory.commands import take
from services.newsletter.issues import domain
from services.newsletter.issues.commands import locked, save
from services.newsletter.issues.content import chosen_for, content_of, has_news
from services.newsletter.issues.domain import Content
from services.newsletter.issues.events import issue_published
from services.newsletter.issues.models import Issue
from services.newsletter.jobs import SEND_BATCH, jobs
from services.newsletter.signatures import signature
from services.newsletter.subscribers.domain import ACTIVE
from services.newsletter.subscribers.models import Subscriber, Suppression

log = logging.getLogger(__name__)
PAGE = 1000


async def send(tx: Transaction, identity: Identity, name: str, version: int | None) -> Issue:
    """Send an approved issue. Raises NotFound, Stale, Conflict (not approved, or sent already).

    From here on content and audience stand: whoever confirms later, or edits an offer, changes nothing in it.
    """
    issue = await locked(tx, name, version)
    domain.require_approved(issue.state, issue.is_public)
    await take(tx, issue.fixed or [], issue.id)
    content = await content_of(issue)
    now = datetime.now(UTC)
    issue.content = msgspec.to_builtins(content)
    issue.state, issue.published_on = domain.SENDING, now.date().isoformat()
    issue.people = {**issue.people, "sent": signature(identity)}
    await save(tx, issue)
    await _freeze_audience(tx, issue, content, now)
    await record(tx, issue_published(issue, content))
    await finish_if_done(tx, issue)
    tx.after_commit(jobs.later(SEND_BATCH, str(issue.id)))
    return issue


async def finish_if_done(tx: Transaction, issue: Issue) -> bool:
    """Close an issue that is being sent when no recipient is left to write to."""
    open_rows = Delivery.filter(issue_id=issue.id, status__in=OPEN).using_db(tx.connection)
    if await open_rows.exists():
        return False
    closed = Issue.filter(id=issue.id, state=domain.SENDING).using_db(tx.connection)
    if await closed.update(state=domain.SENT, version=issue.version + 1):
        log.info("issue sent to everybody it concerns", extra={"issue": issue.slug})
        issue.state, issue.version = domain.SENT, issue.version + 1
    return True


async def _freeze_audience(tx: Transaction, issue: Issue, content: Content, now: datetime) -> None:
    """Write a row for every confirmed subscriber whom the issue concerns, in groups that get the same mail."""
    territory, everybody = await directory.territory(), current().settings.newsletter_empty
    groups: dict[str, Segment | None] = {}
    last: UUID | None = None
    while readers := await _readers_after(tx, last):
        suppressed = await _suppressed(tx, readers)
        deliveries = []
        for reader in readers:
            key = _key(reader)
            if key not in groups:
                chosen = chosen_for(content, territory, reader.districts, reader.topics)
                concerned = everybody or has_news(content, chosen)
                groups[key] = _segment(issue, key, reader, chosen) if concerned else None
            group = groups[key]
            if group is not None and reader.address_hash not in suppressed:
                deliveries.append(_delivery(issue, group, reader, now))
        await Delivery.bulk_create(deliveries, batch_size=500, using_db=tx.connection)
        last = readers[-1].id
    segments = [segment for segment in groups.values() if segment is not None]
    await Segment.bulk_create(segments, batch_size=100, using_db=tx.connection)


async def _readers_after(tx: Transaction, last: UUID | None) -> list[Subscriber]:
    readers = Subscriber.filter(status=ACTIVE).using_db(tx.connection).order_by("id").limit(PAGE)
    return await (readers.filter(id__gt=last) if last else readers)


async def _suppressed(tx: Transaction, readers: list[Subscriber]) -> set[str]:
    """Those of the readers' addresses (as hashes) that must not be written to."""
    hashes = [reader.address_hash for reader in readers]
    return {row.address_hash for row in await Suppression.filter(address_hash__in=hashes).using_db(tx.connection)}


def _key(reader: Subscriber) -> str:
    """The same for readers with the same choice, in whatever order they made it."""
    choice = [reader.language, sorted(reader.districts), sorted(reader.topics)]
    return hashlib.sha256(json.dumps(choice).encode()).hexdigest()


def _segment(issue: Issue, key: str, reader: Subscriber, chosen: list[str]) -> Segment:
    return Segment(
        issue_id=issue.id,
        key=key,
        language=reader.language,
        districts=sorted(reader.districts),
        topics=sorted(reader.topics),
        entries=chosen,
    )


def _delivery(issue: Issue, segment: Segment, reader: Subscriber, now: datetime) -> Delivery:
    times: dict[str, Any] = {"next_at": now, "created_at": now, "changed_at": now}
    return Delivery(
        issue_id=issue.id,
        subscriber_id=reader.id,
        segment_id=segment.id,
        message_id=f"<{uuid5(issue.id, str(reader.id))}@{current().mail_domain}>",
        **times,
    )
