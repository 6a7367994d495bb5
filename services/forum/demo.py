"""Fills the forum of a demo with conversations, through the same commands that people use. Idempotent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from infra.db import Transaction
from infra.db.retry import transact
from infra.ids import content_id
from infra.settings import Settings
from infra.web.identity import Identity
from services.forum import commands
from services.forum.demo_threads import NOTE, THREADS, DemoPost, DemoThread
from services.forum.models import Member, Membership, Post, Space, Topic


async def seed(settings: Settings) -> None:
    """Write the demo's threads that are not there yet, dated around now; nothing outside demo mode.

    A thread waits for a later start while its network or one of its people is not known yet.
    """
    if not settings.demo:
        return
    now = datetime.now(UTC)
    for thread in THREADS:
        if await Topic.exists(slug=thread.slug) or not await Space.exists(network=thread.network):
            continue
        people = {post.author: await _person(post.author) for post in thread.posts}
        known = {email: person for email, person in people.items() if person is not None}
        if len(known) == len(people):
            await transact("forum", partial(_write, thread=thread, people=known, now=now))


async def _person(email: str) -> Identity | None:
    """A demo account as the forum heard of it; the address itself never gets here."""
    member = await Member.get_or_none(id=content_id("account", email))
    if member is None:
        return None
    networks = await Membership.filter(member_id=member.id).values_list("network", flat=True)
    return Identity(account=str(member.id), name=member.name, networks=frozenset(map(str, networks)))


async def _write(tx: Transaction, thread: DemoThread, people: dict[str, Identity], now: datetime) -> None:
    first, *replies = thread.posts
    topic = await commands.open_topic(
        tx,
        people[first.author],
        thread.network,
        thread.title,
        first.body + NOTE,
        slug=thread.slug,
        at=_moment(first, now),
    )
    numbers: dict[int, UUID] = {1: (await Post.get(topic_id=topic.id, number=1)).id}
    for post in replies:
        written = await commands.reply(
            tx,
            people[post.author],
            topic.slug,
            post.body,
            numbers.get(post.answers),
            at=_moment(post, now),
        )
        numbers[written.number] = written.id
    if thread.pinned:
        await Topic.filter(id=topic.id).using_db(tx.connection).update(pinned=True)


def _moment(post: DemoPost, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=post.days_ago) + timedelta(hours=post.hour)
