"""Hands the mails of an issue to the mail server, batch by batch.

A group's mail is set once and stored; for each reader only the tokens are put in and the headers written.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from infra.db import transaction
from infra.mail import Mail
from infra.mail.posting.commands import claim, post, release_expired
from infra.mail.posting.domain import WAITING
from services.newsletter.context import current
from services.newsletter.deliveries.models import Delivery, Segment
from services.newsletter.dispatch.commands import finish_if_done
from services.newsletter.issues.content import content_of
from services.newsletter.issues.domain import SENDING
from services.newsletter.issues.mails import list_headers
from services.newsletter.issues.models import Issue
from services.newsletter.issues.reading import as_language, rendered
from services.newsletter.jobs import SEND_BATCH, SERVICE, jobs
from services.newsletter.rendering.letters import marks
from services.newsletter.rendering.wording import NAME
from services.newsletter.subscribers.domain import Purpose
from services.newsletter.subscribers.models import Subscriber
from services.newsletter.subscribers.queries import token_for


async def send_batch(issue_id: UUID) -> None:
    """Send one batch of an issue; asks for the next one while there is more, closes the issue when there is not."""
    issue = await Issue.get_or_none(id=issue_id, state=SENDING)
    if issue is None:
        return
    batch = await claim(SERVICE, Delivery, datetime.now(UTC), issue_id=issue_id)
    readers = await Subscriber.in_bulk({row.subscriber_id for row in batch.rows}, "id")
    segments = await _segments(issue, {row.segment_id for row in batch.rows})

    async def compose(row: Delivery) -> Mail | None:
        reader = readers.get(row.subscriber_id)
        return _mail(issue, segments[row.segment_id], reader, row.message_id) if reader else None

    await post(batch, current().mailer, compose)
    async with transaction(SERVICE) as tx:
        done = await finish_if_done(tx, issue)
    if not done and await _due(issue_id):
        jobs.enqueue(SEND_BATCH, str(issue_id))


async def find_due() -> None:
    """Take up again what was left: expired leases, retries that are due, issues that only wait to be closed."""
    now = datetime.now(UTC)
    await release_expired(Delivery, now)
    for issue_id in await Issue.filter(state=SENDING).values_list("id", flat=True):
        jobs.enqueue(SEND_BATCH, str(issue_id))


async def _due(issue_id: UUID) -> bool:
    return await Delivery.filter(issue_id=issue_id, status=WAITING, next_at__lte=datetime.now(UTC)).exists()


async def _segments(issue: Issue, ids: set[UUID]) -> dict[UUID, Segment]:
    """The groups with their mails; one that is not set yet is set now, from the frozen content, and stored."""
    content = await content_of(issue)
    segments = await Segment.in_bulk(ids, "id")
    for segment in segments.values():
        if not segment.html:
            language = as_language(segment.language)
            mail = await rendered(issue.slug, content, segment.entries, language, marks(str(segment.id)))
            segment.subject, segment.html, segment.text = mail.subject, mail.html, mail.text
            await segment.save(update_fields=["subject", "html", "text"])
    return segments


def _mail(issue: Issue, segment: Segment, reader: Subscriber, message_id: str) -> Mail:
    context, shared = current(), marks(str(segment.id))
    unsubscribe = token_for(Purpose.UNSUBSCRIBE, reader.id)
    preferences = token_for(Purpose.PREFERENCES, reader.id)

    def personal(body: str) -> str:
        return body.replace(shared.unsubscribe, unsubscribe).replace(shared.preferences, preferences)

    return Mail(
        sender=context.settings.mail_from,
        sender_name=NAME.get(segment.language),
        recipient=reader.address,
        subject=segment.subject,
        text=personal(segment.text),
        html=personal(segment.html),
        message_id=message_id,
        language=segment.language,
        headers=list_headers(issue.slug, context.url("subscription_unsubscribe", unsubscribe, segment.language)),
    )
