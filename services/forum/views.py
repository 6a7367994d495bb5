"""The answers of the forum's routes, put together from rows for one reader. How many queries a page takes is fixed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from infra.web.identity import Identity
from services.forum import queries
from services.forum.domain import manages, quote
from services.forum.models import Member, Post, Space, Topic
from services.forum.queries import Figures, Page
from services.forum.schemas import (
    Author,
    History,
    PostDetail,
    PostPage,
    PostPlace,
    PostView,
    Quote,
    ReadState,
    Revision,
    SpaceList,
    SpaceRef,
    SpaceView,
    TopicList,
    TopicRef,
    TopicState,
    TopicSummary,
    TopicView,
)


async def space_list(identity: Identity, page: Page[Space]) -> SpaceList:
    """Spaces as this person sees them, in two queries however many they are."""
    return SpaceList(items=await _spaces(identity, page.items), total=page.total, next=page.next)


async def space_view(identity: Identity, space: Space) -> SpaceView:
    """One space as this person sees it."""
    return (await _spaces(identity, [space]))[0]


async def _spaces(identity: Identity, spaces: Sequence[Space]) -> list[SpaceView]:
    readable = queries.reading(identity)
    figures = await queries.figures(space for space in spaces if readable.covers(space))
    members = await queries.member_counts(spaces)
    return [
        _space(identity, space, figures.get(space.id, Figures()) if readable.covers(space) else None, members)
        for space in spaces
    ]


def _space(identity: Identity, space: Space, figures: Figures | None, members: dict[str, int]) -> SpaceView:
    return SpaceView(
        id=space.id,
        slug=space.slug,
        name=space.name,
        network=space.network,
        region=space.region,
        description=space.description,
        access=space.access,
        offer_topics=space.offer_topics,
        version=space.version,
        members=members.get(space.network, 0),
        topics=figures.topics if figures else None,
        posts=figures.posts if figures else None,
        last_post_at=figures.last_post_at if figures else None,
        member=space.network in identity.networks,
        can_read=figures is not None,
        can_write=figures is not None and not identity.anonymous,
        can_manage=manages(identity.roles, identity.networks, space.network),
    )


async def topic_list(identity: Identity, page: Page[Topic]) -> TopicList:
    """Topics of a list with what is unread, in three queries more for those signed in."""
    unread: dict[UUID, int] = {}
    if not identity.anonymous:
        reads = await queries.last_reads(identity, page.items)
        unread = await queries.unread_counts(identity, page.items, reads)
    items = [_summary(topic, None if identity.anonymous else unread.get(topic.id, 0)) for topic in page.items]
    return TopicList(items=items, total=page.total, next=page.next)


def _summary(topic: Topic, unread: int | None) -> TopicSummary:
    return TopicSummary(
        id=topic.id,
        slug=topic.slug,
        title=topic.title,
        space=_space_ref(topic.space),
        offer=topic.offer,
        author=_author(topic.author, topic.space),
        last_author=_author(topic.last_author, topic.space),
        pinned=topic.pinned,
        locked=topic.locked,
        posts=topic.posts,
        unread=unread,
        created_at=topic.created_at,
        last_post_at=topic.last_post_at,
    )


async def topic_view(identity: Identity, topic: Topic, page: Page[Post]) -> TopicView:
    """A topic with a page of its posts."""
    state = None if identity.anonymous else await read_state(identity, topic)
    managing = manages(identity.roles, identity.networks, topic.space.network)
    return TopicView(
        id=topic.id,
        slug=topic.slug,
        title=topic.title,
        space=_space_ref(topic.space),
        offer=topic.offer,
        author=_author(topic.author, topic.space),
        pinned=topic.pinned,
        locked=topic.locked,
        version=topic.version,
        created_at=topic.created_at,
        last_post_at=topic.last_post_at,
        last_number=topic.last_number,
        last_read=state.last_read if state else None,
        unread=state.unread if state else None,
        can_reply=not identity.anonymous and not topic.locked,
        can_moderate=managing,
        posts=PostPage(
            items=[_post(identity, topic, post) for post in page.items],
            total=page.total,
            next=page.next,
            previous=page.previous,
        ),
    )


async def read_state(identity: Identity, topic: Topic) -> ReadState:
    """How far the signed-in person has come in a topic."""
    reads = await queries.last_reads(identity, [topic])
    unread = await queries.unread_counts(identity, [topic], reads)
    return ReadState(last_read=reads.get(topic.id, 0), unread=unread.get(topic.id, 0))


def topic_state(topic: Topic) -> TopicState:
    """A topic after a change; `topic.space` is loaded."""
    return TopicState(
        id=topic.id,
        slug=topic.slug,
        title=topic.title,
        space=topic.space.slug,
        locked=topic.locked,
        pinned=topic.pinned,
        version=topic.version,
    )


def _post(identity: Identity, topic: Topic, post: Post) -> PostView:
    deleted = post.deleted_at is not None
    answered = post.reply_to
    return PostView(
        id=post.id,
        number=post.number,
        author=_author(post.author, topic.space),
        html="" if deleted else post.html,
        created_at=post.created_at,
        edited_at=None if deleted else post.edited_at,
        version=post.version,
        deleted=deleted,
        reply_to=PostPlace(id=answered.id, number=answered.number) if answered else None,
        can_edit=may_edit(identity, topic, post),
        can_delete=may_delete(identity, topic, post),
    )


def post_detail(identity: Identity, post: Post) -> PostDetail:
    """One post by its permalink; `post.topic.space` and `post.author` are loaded."""
    topic = post.topic
    return PostDetail(
        id=post.id,
        number=post.number,
        topic=TopicRef(id=topic.id, slug=topic.slug, title=topic.title, space=_space_ref(topic.space)),
        author=_author(post.author, topic.space),
        body=post.body,
        html=post.html,
        created_at=post.created_at,
        edited_at=post.edited_at,
        version=post.version,
        can_edit=may_edit(identity, topic, post),
        can_delete=may_delete(identity, topic, post),
    )


def quotation(post: Post) -> Quote:
    """A post as the beginning of a reply to it; `post.topic` is loaded."""
    return Quote(body=quote(post.body, post.number, post.topic.slug), reply_to=post.id, number=post.number)


async def history(post: Post) -> History:
    """The earlier texts of a post; `post.topic.space` is loaded."""
    items = [
        Revision(
            version=earlier.version,
            body=earlier.body,
            replaced_by=_author(earlier.editor, post.topic.space),
            replaced_at=earlier.replaced_at,
        )
        for earlier in await queries.revisions(post)
    ]
    return History(items=items, total=len(items))


def may_edit(identity: Identity, topic: Topic, post: Post) -> bool:
    """Whether this person may change the words of a post: its author, while the topic is open."""
    return _mine(identity, post) and not topic.locked and post.deleted_at is None


def may_delete(identity: Identity, topic: Topic, post: Post) -> bool:
    """Whether this person may delete a post: its author while the topic is open, and who manages the space."""
    if post.deleted_at is not None:
        return False
    managing = manages(identity.roles, identity.networks, topic.space.network)
    return managing or (_mine(identity, post) and not topic.locked)


def _mine(identity: Identity, post: Post) -> bool:
    return not identity.anonymous and str(post.author_id) == identity.account


def _author(member: Member | None, space: Space) -> Author:
    if member is None:
        return Author(id=None, name=space.name, system=True)
    return Author(id=member.id, name=member.name)


def _space_ref(space: Space) -> SpaceRef:
    return SpaceRef(slug=space.slug, name=space.name, network=space.network, access=space.access)
