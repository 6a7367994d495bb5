"""What people do in the forum: open topics, reply, edit, delete, moderate, read.

Each command works inside the caller's transaction, checks the right by the person's identity, and records what other
services need to hear. Rows are taken in the order that `models` states. A topic's event is built only after its row
is locked by the change itself, so a later version never carries an earlier text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from pypika_tortoise.terms import Parameter
from tortoise.expressions import F

from infra.db import Transaction
from infra.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Stale, Text
from infra.ids import new_id
from infra.markup import to_html, to_text
from infra.outbox import record
from infra.web.identity import Identity
from services.forum import queries
from services.forum.domain import NAME_MAX, clean_body, clean_topic, empty_body, manages, topic_slug
from services.forum.events import topic_changed, topic_removed
from services.forum.models import Member, Post, PostRevision, Space, Topic, TopicRead
from services.forum.notices import tell_of_reply

LOCKED = Text("Dieses Thema ist geschlossen.", "This topic is locked.")
_ONLY_AUTHOR = Text("Nur wer den Beitrag geschrieben hat, kann ihn ändern.", "Only its author can change a post.")
# Tortoise has no UPDATE … RETURNING; SQLite (from 3.35) and PostgreSQL take this alike. All in one statement: a second
# UPDATE of a row makes PostgreSQL check its foreign keys again, and so wait for whoever holds the space.
_TAKE_NUMBER = """
    UPDATE topics SET last_number = last_number + 1, posts = posts + 1, version = version + 1,
        last_author_id = {}, last_post_at = {}
    WHERE id = {} AND NOT locked AND deleted_at IS NULL RETURNING last_number
"""
_NO_SUCH_POST = Text("Diesen Beitrag gibt es in diesem Thema nicht.", "There is no such post in this topic.")


def rendered(body: str) -> str:
    """The HTML of a post. Raises Invalid when nothing of it could be seen."""
    html = to_html(body)
    if not to_text(html):
        raise empty_body()
    return html


async def ensure_member(tx: Transaction, identity: Identity, at: datetime) -> UUID:
    """The id of the person, known to the forum from now on; their own event corrects the name later."""
    account = UUID(identity.account)
    name = identity.name[:NAME_MAX]
    member = Member(id=account, name=name, joined_at=at)
    await Member.bulk_create([member], ignore_conflicts=True, using_db=tx.connection)
    unconfirmed = Member.filter(id=account, version=0).exclude(name=name)
    await unconfirmed.using_db(tx.connection).update(name=name)
    return account


async def open_topic(
    tx: Transaction,
    identity: Identity,
    space_key: str,
    title: str,
    body: str,
    *,
    slug: str = "",
    at: datetime | None = None,
) -> Topic:
    """A new topic with its first post; `slug` and `at` are given by content that is not written just now.

    Raises:
        NotFound, Forbidden: the person may not write there.
        Invalid: with the fields `title` and `body`.
    """
    moment = at or datetime.now(UTC)
    space = await queries.space_to_read(identity, space_key)
    line, text = clean_topic(title, body)
    html = rendered(text)
    author = await ensure_member(tx, identity, moment)
    topic_id = new_id()
    topic = Topic(
        id=topic_id,
        slug=slug or topic_slug(line, topic_id),
        title=line,
        author_id=author,
        last_author_id=author,
        created_at=moment,
        last_post_at=moment,
    )
    locked = await Space.filter(id=space.id).using_db(tx.connection).select_for_update(no_key=True).get()
    return await add_topic(tx, topic, locked, text, html)


async def add_topic(tx: Transaction, topic: Topic, space: Space, body: str, html: str) -> Topic:
    """Store `topic` with its first post in `space` and tell of it, which nobody can have changed meanwhile.

    The space's row is locked, so that its access cannot change between what the event says and the commit.
    """
    topic.space = space
    topic.last_number = topic.posts = 1
    await topic.save(using_db=tx.connection, force_create=True)
    first = Post(
        topic_id=topic.id,
        number=1,
        author_id=topic.author_id,
        body=body,
        html=html,
        created_at=topic.created_at,
    )
    await first.save(using_db=tx.connection, force_create=True)
    if first.author_id is not None:
        await raise_read(tx, first.author_id, topic.id, 1)
    await record(tx, topic_changed(topic, queries.words(html)))
    return topic


async def reply(
    tx: Transaction,
    identity: Identity,
    topic_key: str,
    body: str,
    reply_to: UUID | None = None,
    *,
    at: datetime | None = None,
) -> Post:
    """A new post at the end of a topic.

    Raises:
        NotFound: the person may not read the topic.
        Conflict: it is locked.
        Invalid: with the field `body` or `reply_to`.
    """
    moment = at or datetime.now(UTC)
    topic = await queries.topic_to_read(identity, topic_key)
    text = clean_body(body)
    html = rendered(text)
    if reply_to is not None and not await Post.exists(id=reply_to, topic_id=topic.id, deleted_at=None):
        raise Invalid(fields=[FieldError("reply_to", _NO_SUCH_POST)])
    author = await ensure_member(tx, identity, moment)
    number = await _next_number(tx, topic.id, author, moment)
    post = Post(
        topic_id=topic.id,
        number=number,
        author_id=author,
        reply_to_id=reply_to,
        body=text,
        html=html,
        created_at=moment,
    )
    await post.save(using_db=tx.connection, force_create=True)
    await raise_read(tx, author, topic.id, number)
    announced = await announce(tx, topic.id)
    if at is None:  # what was not written just now is no news
        await tell_of_reply(tx, announced, post)
    return post


async def _next_number(tx: Transaction, topic_id: UUID, author: UUID, at: datetime) -> int:
    """Count a new post into the topic and return its number: one statement, so no two posts get the same.

    Raises:
        Conflict: the topic was locked or removed, perhaps a moment ago.
    """
    dialect = tx.connection.query_class.SQL_CONTEXT
    statement = _TAKE_NUMBER.format(*(Parameter(idx=position).get_sql(dialect) for position in (1, 2, 3)))
    rows = await tx.connection.execute_query_dict(statement, [str(author), at, str(topic_id)])
    if not rows:
        raise Conflict(LOCKED)
    return int(rows[0]["last_number"])


async def edit_post(tx: Transaction, identity: Identity, post_key: str, body: str, version: int) -> Post:
    """New words for a post; the old ones go into its history.

    Raises:
        NotFound, Forbidden: not readable, or somebody else's.
        Conflict: the topic is locked.
        Stale: the post is no longer in `version`.
        Invalid: with the field `body`.
    """
    post = await queries.post_to_read(identity, post_key)
    if str(post.author_id) != identity.account:
        raise Forbidden(_ONLY_AUTHOR)
    text = clean_body(body)
    html = rendered(text)
    topic = await touch_topic(tx, post.topic_id)
    if topic.locked:
        raise Conflict(LOCKED)
    await revise(tx, post, version, text, html, editor=UUID(identity.account))
    await announce(tx, topic.id)
    return post


async def revise(tx: Transaction, post: Post, version: int, body: str, html: str, *, editor: UUID | None) -> None:
    """Replace the words of a post that is still in `version`; `editor` is None when Lotse does it. Raises Stale."""
    now = datetime.now(UTC)
    current = Post.filter(id=post.id, version=version, deleted_at=None).using_db(tx.connection)
    if not await current.update(body=body, html=html, version=F("version") + 1, edited_at=now):
        raise Stale
    await PostRevision.create(
        using_db=tx.connection, post_id=post.id, version=version, body=post.body, editor_id=editor, replaced_at=now
    )


async def delete_post(tx: Transaction, identity: Identity, post_key: str) -> None:
    """Take a post out of sight; its place and number stay. With the last visible post the topic goes.

    Raises:
        NotFound, Forbidden: not readable, or somebody else's.
        Conflict: the topic is locked and the person does not manage the space.
    """
    post = await queries.post_to_read(identity, post_key)
    managing = manages(identity.roles, identity.networks, post.topic.space.network)
    if not managing and str(post.author_id) != identity.account:
        raise Forbidden
    topic = await touch_topic(tx, post.topic_id)
    if topic.locked and not managing:
        raise Conflict(LOCKED)
    now = datetime.now(UTC)
    visible = Post.filter(id=post.id, deleted_at=None).using_db(tx.connection)
    if not await visible.update(deleted_at=now, deleted_by=UUID(identity.account)):
        raise NotFound
    await Topic.filter(id=topic.id).using_db(tx.connection).update(posts=F("posts") - 1)
    if topic.posts == 1:
        await _remove(tx, topic.id, now)
    else:
        await announce(tx, topic.id)


async def delete_topic(tx: Transaction, identity: Identity, topic_key: str) -> None:
    """Take a whole topic out of sight. Raises NotFound, or Forbidden for those who do not manage its space."""
    topic = await _managed_topic(identity, topic_key)
    await touch_topic(tx, topic.id)
    await _remove(tx, topic.id, datetime.now(UTC))


async def _remove(tx: Transaction, topic_id: UUID, now: datetime) -> None:
    await Topic.filter(id=topic_id).using_db(tx.connection).update(deleted_at=now)
    await record(tx, topic_removed(await Topic.get(id=topic_id, using_db=tx.connection)))


async def moderate_topic(
    tx: Transaction, identity: Identity, topic_key: str, *, locked: bool | None = None, pinned: bool | None = None
) -> Topic:
    """Lock, unlock, pin or unpin (None leaves it). Raises NotFound, or Forbidden without the right."""
    topic = await _managed_topic(identity, topic_key)
    row = Topic.filter(id=topic.id).using_db(tx.connection)
    if locked is not None:
        await row.update(locked=locked, locked_by_offer=False)
        topic.locked = locked
    if pinned is not None:
        await row.update(pinned=pinned)
        topic.pinned = pinned
    return topic


async def _managed_topic(identity: Identity, topic_key: str) -> Topic:
    topic = await queries.topic_to_read(identity, topic_key)
    if not manages(identity.roles, identity.networks, topic.space.network):
        raise Forbidden
    return topic


async def mark_read(tx: Transaction, identity: Identity, topic_key: str, number: int) -> Topic:
    """The person has read the topic up to `number` (at most what there is). Raises NotFound."""
    topic = await queries.topic_to_read(identity, topic_key)
    member = await ensure_member(tx, identity, datetime.now(UTC))
    await raise_read(tx, member, topic.id, min(number, topic.last_number))
    return topic


async def raise_read(tx: Transaction, member: UUID, topic: UUID, number: int) -> None:
    """Lift the mark to `number`, or leave it where it is higher: two tabs never undo one another."""
    mark = TopicRead(member_id=member, topic_id=topic, number=number)
    await TopicRead.bulk_create([mark], ignore_conflicts=True, using_db=tx.connection)
    lower = TopicRead.filter(member_id=member, topic_id=topic, number__lt=number)
    await lower.using_db(tx.connection).update(number=number)


async def touch_topic(tx: Transaction, topic_id: UUID) -> Topic:
    """Lock a visible topic by raising its version, and return it as it stands now. Raises NotFound."""
    row = Topic.filter(id=topic_id, deleted_at=None).using_db(tx.connection)
    if not await row.update(version=F("version") + 1):
        raise NotFound
    return await Topic.get(id=topic_id, using_db=tx.connection)


async def announce(tx: Transaction, topic_id: UUID) -> Topic:
    """Tell other services how a topic stands now; the caller has changed, and so locked, its row."""
    topic = await Topic.get(id=topic_id, using_db=tx.connection).select_related("space")
    await record(tx, topic_changed(topic, await queries.topic_text(topic)))
    return topic
