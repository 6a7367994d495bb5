"""Topics of offers: opened when a network publishes an offer, kept in step with it, locked when it is withdrawn.

Only offers of a network get a topic, in that network's space. Events may arrive late or twice: the row in
`offer_topics` holds the offer's version and lets nothing older through. Those of one transaction are looked at before
its commit, with one statement for all versions: most offers of an import have no network, and that is all they need.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import attrgetter
from uuid import UUID

from infra import tracing
from infra.contracts.contacts import OfferPublished, OfferWithdrawn
from infra.db import Transaction
from infra.db.newer import runs
from infra.db.statements import insert_rows
from infra.errors import Retryable
from infra.ids import as_id
from infra.markup import to_html
from services.forum.commands import add_topic, announce, revise
from services.forum.domain import TITLE_MAX, offer_body, offer_topic_slug, withdrawn_body
from services.forum.models import OfferTopic, Post, Space, Topic

_IF_NEWER = """
    ON CONFLICT (id) DO UPDATE SET version = excluded.version WHERE offer_topics.version < excluded.version
    RETURNING id, topic_id
"""


def follow_publication(tx: Transaction, event: OfferPublished, at: datetime) -> None:
    """Open the offer's topic or bring it up to date before the commit. `at` is when the event was recorded.

    The transaction fails with Retryable when the network's space is not there yet.
    """
    follow = partial(_publish, event=event, at=at)
    tx.gather(_Told(UUID(event.id), event.version, follow, tracing.current()), _follow)


def follow_withdrawal(tx: Transaction, event: OfferWithdrawn) -> None:
    """Lock the offer's topic before the commit, if it has one, and say why."""
    tx.gather(_Told(UUID(event.id), event.version, _withdraw, tracing.current()), _follow)


@dataclass(frozen=True)
class _Told:
    """What to do if this version of an offer is news, and the trace that anything said because of it belongs to."""

    offer: UUID
    version: int
    follow: Callable[[Transaction, _Known], Awaitable[None]]
    trace: tracing.Trace


@dataclass(frozen=True)
class _Known:
    """The topic (id) an offer has; None when it has none (yet)."""

    topic: UUID | None


async def _follow(tx: Transaction, told: Sequence[_Told]) -> None:
    """Follow what is newer than what the forum holds, in order where an offer comes twice."""
    for run in runs(told, attrgetter("offer")):
        newer = await _newer(tx, run)
        for each in run:
            known = newer.get(each.offer)
            if known is None:
                continue
            with tracing.bound(each.trace):
                await each.follow(tx, known)


async def _newer(tx: Transaction, told: Sequence[_Told]) -> dict[UUID, _Known]:
    """What is known of those offers of which this is news; they are locked and now at these versions.

    One statement by hand: through the ORM three were needed for each, a fifth of what opening a topic took.
    """
    rows = [(each.offer, each.version) for each in told]
    statement, values = insert_rows(tx.connection, "offer_topics", ("id", "version"), rows)
    found = await tx.connection.execute_query_dict(statement + _IF_NEWER, values)
    return {UUID(str(row["id"])): _Known(as_id(str(row["topic_id"]))) for row in found}


async def _publish(tx: Transaction, known: _Known, event: OfferPublished, at: datetime) -> None:
    """Raises Retryable: the network's space is not there yet."""
    topic = await _topic_of(tx, known)
    if not event.network:
        await _close(tx, topic)
        return
    space = await Space.filter(network=event.network).using_db(tx.connection).select_for_update(no_key=True).first()
    if space is None:
        raise Retryable(f"no space of the network {event.network} yet")
    if topic is not None:
        await _update(tx, topic, event, space)
    elif known.topic is None and space.offer_topics:
        await _open(tx, event, space, at)


async def _withdraw(tx: Transaction, known: _Known) -> None:
    await _close(tx, await _topic_of(tx, known))


async def _topic_of(tx: Transaction, known: _Known) -> Topic | None:
    """The offer's topic, unless there is none or a person has removed it."""
    if known.topic is None:
        return None
    return await Topic.filter(id=known.topic, deleted_at=None).using_db(tx.connection).first()


async def _open(tx: Transaction, event: OfferPublished, space: Space, at: datetime) -> None:
    body = offer_body(event)
    topic = Topic(
        slug=offer_topic_slug(event.slug),
        title=_title(event),
        offer=event.slug,
        subjects=list(event.topics),
        created_at=at,
        last_post_at=at,
    )
    await add_topic(tx, topic, space, body, to_html(body))
    await OfferTopic.filter(id=event.id).using_db(tx.connection).update(topic_id=topic.id)


async def _update(tx: Transaction, topic: Topic, event: OfferPublished, space: Space) -> None:
    current = await _locked_row(tx, topic.id)
    changes = {"title": _title(event), "subjects": list(event.topics), "space_id": space.id}
    if current.locked_by_offer:
        changes |= {"locked": False, "locked_by_offer": False}
    current.update_from_dict({**changes, "version": current.version + 1})
    await current.save(using_db=tx.connection, update_fields=[*changes, "version"])
    await _rewrite(tx, current, offer_body(event))
    await announce(tx, current.id)


async def _close(tx: Transaction, topic: Topic | None) -> None:
    if topic is None:
        return
    current = await _locked_row(tx, topic.id)
    by_offer = current.locked_by_offer or not current.locked
    current.update_from_dict({"locked": True, "locked_by_offer": by_offer, "version": current.version + 1})
    await current.save(using_db=tx.connection, update_fields=["locked", "locked_by_offer", "version"])
    first = await _first_post(tx, current)
    await _rewrite(tx, current, withdrawn_body(first.body))
    await announce(tx, current.id)


async def _locked_row(tx: Transaction, topic_id: UUID) -> Topic:
    return await Topic.filter(id=topic_id).using_db(tx.connection).select_for_update(no_key=True).get()


async def _first_post(tx: Transaction, topic: Topic) -> Post:
    return await Post.get(topic_id=topic.id, number=1, using_db=tx.connection)


async def _rewrite(tx: Transaction, topic: Topic, body: str) -> None:
    """New words for the first post, where they changed and a person has not deleted it."""
    first = await _first_post(tx, topic)
    if first.body != body and first.deleted_at is None:
        await revise(tx, first, first.version, body, to_html(body), editor=None)


def _title(event: OfferPublished) -> str:
    return " ".join((event.title or event.name).split())[:TITLE_MAX]
