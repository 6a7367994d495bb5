"""The mails about a subscription itself: please confirm, and you are subscribed already. No advertising in them."""

from __future__ import annotations

from infra.mail import Mail
from services.newsletter.context import current
from services.newsletter.directory import queries as directory
from services.newsletter.rendering import render
from services.newsletter.rendering.letters import Notice
from services.newsletter.rendering.wording import EVERYTHING, NAME, NOTICES
from services.newsletter.subscribers.domain import PENDING, Purpose
from services.newsletter.subscribers.models import ServiceMail, Subscriber
from services.newsletter.subscribers.queries import token_for

_PAGES = {
    "confirm": (Purpose.CONFIRM, "subscription_confirm"),
    "already": (Purpose.PREFERENCES, "subscription_preferences"),
}


async def service_mail(row: ServiceMail) -> Mail | None:
    """The mail that a row stands for; None when the person has gone, or has confirmed meanwhile."""
    reader = await Subscriber.get_or_none(id=row.subscriber_id)
    if reader is None or (row.kind == "confirm" and reader.status != PENDING):
        return None
    context, mail = current(), render.notice(await _notice(row.kind, reader))
    return Mail(
        sender=context.settings.mail_from,
        sender_name=NAME.get(reader.language),
        recipient=reader.address,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        message_id=row.message_id,
        language=reader.language,
        headers={"Auto-Submitted": "auto-generated"},
    )


async def _notice(kind: str, reader: Subscriber) -> Notice:
    language, words = reader.language, NOTICES[kind]
    purpose, page = _PAGES[kind]
    names = await directory.region_names(reader.districts)
    labels = await directory.topic_labels(language)
    everything = EVERYTHING.get(language)
    before = (
        words["before"]
        .get(language)
        .format(
            districts=", ".join(names.get(slug, slug) for slug in reader.districts) or everything,
            topics=", ".join(labels.get(slug, slug) for slug in reader.topics) or everything,
        )
    )
    return Notice(
        language=language,
        subject=words["subject"].get(language),
        before=before.split("\n\n"),
        button=words["button"].get(language),
        url=current().url(page, token_for(purpose, reader.id), language),
        after=words["after"].get(language).split("\n\n"),
        imprint=list(current().settings.imprint),
    )
