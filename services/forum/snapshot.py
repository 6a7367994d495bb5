"""Tells of everything again: for consumers that come after the log was shortened."""

from __future__ import annotations

from uuid import UUID

from infra.db import transaction
from infra.outbox import record_all
from services.forum import queries
from services.forum.events import space_changed, topic_changed
from services.forum.models import Space, Topic

_BATCH = 200


async def snapshot() -> int:
    """Record all spaces and visible topics in their present versions; returns how many."""
    async with transaction("forum") as tx:
        spaces = await Space.all().using_db(tx.connection).order_by("id")
        await record_all(tx, [space_changed(space) for space in spaces])
    recorded = len(spaces)
    after = UUID(int=0)
    while True:
        async with transaction("forum") as tx:
            visible = Topic.filter(deleted_at=None, id__gt=after).using_db(tx.connection)
            topics = await visible.order_by("id").limit(_BATCH).select_related("space")
            await record_all(tx, [topic_changed(topic, await queries.topic_text(topic)) for topic in topics])
        if not topics:
            return recorded
        recorded += len(topics)
        after = topics[-1].id
