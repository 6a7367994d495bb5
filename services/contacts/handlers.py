"""What contacts listens to: what its account holders are to be told of by mail."""

from __future__ import annotations

from infra.contracts.forum import ForumNoticeWanted, TopicChanged, TopicRemoved
from infra.contracts.newsletter import MailBounced, NewsletterNoticeWanted
from infra.contracts.notices import TOPIC_REPLY
from infra.contracts.search import AlertDue
from infra.db import Transaction
from infra.inbox import Handlers, Meta
from services.contacts.alerts.commands import take_due
from services.contacts.notices import commands as notices
from services.contacts.returns.commands import take_bounce

handlers = Handlers("contacts")


@handlers.on(AlertDue)
async def take_alert(tx: Transaction, event: AlertDue, meta: Meta) -> None:
    """What a saved search found, for who has an account."""
    await take_due(tx, event, meta.time)


@handlers.on(NewsletterNoticeWanted)
async def take_notice_of_newsletter(tx: Transaction, event: NewsletterNoticeWanted, meta: Meta) -> None:
    """Issues and articles that wait for somebody, or have gone out."""
    await notices.take(tx, event, meta.time)


@handlers.on(ForumNoticeWanted)
async def take_notice_of_forum(tx: Transaction, event: ForumNoticeWanted, meta: Meta) -> None:
    """Replies in topics."""
    await notices.take(tx, event, meta.time)


@handlers.on(TopicChanged)
async def follow_topic(tx: Transaction, event: TopicChanged, _meta: Meta) -> None:
    """A topic may have become one that only some may read."""
    await notices.follow_topic(tx, event)


@handlers.on(TopicRemoved)
async def forget_topic(tx: Transaction, event: TopicRemoved, _meta: Meta) -> None:
    """Nothing is told of a topic that is gone."""
    await notices.drop(tx, TOPIC_REPLY, event.id)


@handlers.on(MailBounced)
async def take_returned_mail(tx: Transaction, event: MailBounced, _meta: Meta) -> None:
    """A mail to an account holder came back."""
    await take_bounce(tx, event)
