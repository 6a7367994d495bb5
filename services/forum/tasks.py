"""Work of the forum that nobody asks for: once a day the counters are compared with what they count."""

from __future__ import annotations

import logging
from functools import partial
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Count

from infra.db import Transaction
from infra.db.retry import transact
from infra.jobs import Jobs
from services.forum.commands import announce, touch_topic
from services.forum.models import Post, Topic

log = logging.getLogger(__name__)
jobs = Jobs("forum")
DAY = 24 * 60 * 60


@jobs.every(seconds=DAY, name="repair_counters")
async def repair_counters() -> None:
    """Mend topics whose counter does not match their posts; each mend is logged, since there should be none."""
    counted = Topic.filter(deleted_at=None).annotate(visible=Count("all_posts", _filter=Q(all_posts__deleted_at=None)))
    for row in await counted.values("id", "posts", "visible"):
        if row["posts"] != row["visible"]:
            await transact("forum", partial(_recount, topic_id=row["id"]))
            log.warning("topic counter mended", extra={"topic": str(row["id"])})


async def _recount(tx: Transaction, topic_id: UUID) -> None:
    topic = await touch_topic(tx, topic_id)
    visible = await Post.filter(topic_id=topic.id, deleted_at=None).using_db(tx.connection).count()
    await Topic.filter(id=topic.id).using_db(tx.connection).update(posts=visible)
    await announce(tx, topic.id)
