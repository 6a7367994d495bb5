"""Whom the forum wants to have told of a reply: those who wrote in the topic and may still read it.

A notice leaves the forum, so it carries words only where everybody may read them. Of any other space it says that
there is something new, by the topic's id: its address holds words of the title.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from infra.contracts.addresses import path
from infra.contracts.notices import TOPIC_REPLY
from infra.db import Transaction
from infra.notices import ask_notice
from services.forum.domain import OPEN
from services.forum.models import Membership, Post, Topic


async def tell_of_reply(tx: Transaction, topic: Topic, post: Post) -> None:
    """Have all who wrote in `topic` (its space is loaded) told of `post`, but its author."""
    readers = await _readers(topic) - {post.author_id}
    if not readers:
        return
    public = topic.space.access == OPEN
    await ask_notice(
        tx,
        TOPIC_REPLY,
        topic.id,
        version=post.number,
        accounts=sorted(readers, key=str),
        path=path("topic", topic.slug if public else str(topic.id)),
        words={"title": topic.title} if public else {},
    )


async def _readers(topic: Topic) -> set[UUID]:
    """Active people with a visible post in the topic; of a space that is not open only members of its network."""
    written = Post.filter(topic_id=topic.id, deleted_at=None, author__active=True)
    authors: list[Any] = await written.distinct().values_list("author_id", flat=True)
    if topic.space.access == OPEN:
        return set(authors)
    members = Membership.filter(network=topic.space.network, member_id__in=authors)
    readers: list[Any] = await members.values_list("member_id", flat=True)
    return set(readers)
