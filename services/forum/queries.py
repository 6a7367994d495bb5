"""What readers get to see of the forum: the one rule of visibility, and the rows that pass it.

Every look-up goes through `seeing` (may know that a space exists) or `reading` (may read what is in it). Whatever does
not pass is answered as if it had never been there. Networks and roles are those of the signed identity, so a right
that was taken away ends with the next request.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Count, Max, Sum
from tortoise.queryset import QuerySet

from infra.contracts.roles import ADMIN, MODERATOR
from infra.errors import Forbidden, NotFound, Text
from infra.ids import as_id
from infra.markup import to_text
from infra.web.cursors import MomentKey, decode_cursor, encode_cursor, moment_key, moment_of
from infra.web.identity import Identity
from services.forum.domain import OPEN, SLUG_MAX, TRANSPARENT
from services.forum.models import Member, Membership, Post, PostRevision, Space, Topic, TopicRead
from services.forum.schemas import Number

Side = Literal["after", "before"]
T = TypeVar("T")
# What a topic tells search at most: its first post and as many of the newest as fit.
TEXT_POSTS = 300
TEXT_CHARACTERS = 60_000
_MEMBERS_ONLY = Text(
    "Diesen Bereich lesen nur Mitglieder des Netzwerks. Wenden Sie sich an seine Koordination.",
    "Only members of the network read this space. Please ask its coordinator.",
)


@dataclass(frozen=True)
class Reach:
    """The spaces a right extends to: all, those with one of `accesses`, and those of `networks`."""

    everywhere: bool
    accesses: tuple[str, ...]
    networks: frozenset[str]

    def condition(self, prefix: str = "") -> Q:
        """The same as a filter on spaces, or with a prefix (`space__`) on what stands in them."""
        if self.everywhere:
            return Q()
        by_access: dict[str, Any] = {f"{prefix}access__in": self.accesses}
        by_network: dict[str, Any] = {f"{prefix}network__in": sorted(self.networks)}
        return Q(**by_access) | Q(**by_network)

    def covers(self, space: Space) -> bool:
        """Whether `space` is among them."""
        return self.everywhere or space.access in self.accesses or space.network in self.networks


def seeing(identity: Identity) -> Reach:
    """The spaces of whose existence this person may know."""
    return _reach(identity, OPEN, TRANSPARENT)


def reading(identity: Identity) -> Reach:
    """The spaces whose content this person may read; signed in, they may also write there."""
    return _reach(identity, OPEN)


def _reach(identity: Identity, *accesses: str) -> Reach:
    return Reach(bool(identity.roles & {ADMIN, MODERATOR}), accesses, identity.networks)


async def space_to_see(identity: Identity, key: str) -> Space:
    """The space with this id or slug. Raises NotFound also when the person may not know of it."""
    space = await Space.filter(seeing(identity).condition()).filter(by_key(key)).first()
    if space is None:
        raise NotFound
    return space


async def space_to_read(identity: Identity, key: str) -> Space:
    """The same for its content. Raises NotFound, or Forbidden when only its existence is public."""
    space = await space_to_see(identity, key)
    if not reading(identity).covers(space):
        raise Forbidden(_MEMBERS_ONLY)
    return space


def spaces(identity: Identity, *, mine: bool = False, region: str = "") -> QuerySet[Space]:
    """The spaces the person may know of, or only those of their own networks, or of a region (slug)."""
    found = Space.filter(seeing(identity).condition())
    if mine:
        found = found.filter(network__in=sorted(identity.networks))
    return found.filter(region=region) if region else found


def topics(identity: Identity, *, offer: str = "", network: str = "") -> QuerySet[Topic]:
    """The topics the person may read, or only those of an offer or a network (slugs)."""
    found = readable_topics(identity)
    if offer:
        found = found.filter(offer=offer)
    return found.filter(space__network=network) if network else found


def readable_topics(identity: Identity) -> QuerySet[Topic]:
    """All topics the person may read, with their space and people."""
    topics = Topic.filter(reading(identity).condition("space__"), deleted_at=None)
    return topics.select_related("space", "author", "last_author")


async def topic_to_read(identity: Identity, key: str) -> Topic:
    """The topic with this id or slug. Raises NotFound also when the person may not read it."""
    topic = await readable_topics(identity).filter(by_key(key)).first()
    if topic is None:
        raise NotFound
    return topic


async def post_to_read(identity: Identity, key: str) -> Post:
    """The post with this id, with its topic, space and author. Raises NotFound, also for a deleted one."""
    wanted = as_id(key)
    if wanted is None:
        raise NotFound
    visible = Post.filter(reading(identity).condition("topic__space__"), topic__deleted_at=None, deleted_at=None)
    post = await visible.filter(id=wanted).select_related("topic__space", "author").first()
    if post is None:
        raise NotFound
    return post


def by_key(key: str) -> Q:
    """The record with this id or slug. Raises NotFound for what cannot be either."""
    wanted = as_id(key)
    if wanted is None and len(key) > SLUG_MAX:
        raise NotFound
    return Q(slug=key) if wanted is None else Q(id=wanted)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some entries of a list, how many there are in all, and the cursors around them."""

    items: list[T]
    total: int
    next: str | None = None
    previous: str | None = None


async def spaces_page(found: QuerySet[Space], cursor: str, limit: int) -> Page[Space]:
    """Spaces by name."""
    total = await found.count()
    if cursor:
        name, last = decode_cursor(cursor, tuple[str, UUID])
        found = found.filter(Q(name__gt=name) | Q(name=name, id__gt=last))
    rows = await found.order_by("name", "id").limit(limit + 1)
    more = encode_cursor((rows[limit - 1].name, rows[limit - 1].id)) if len(rows) > limit else None
    return Page(rows[:limit], total, more)


async def topics_page(found: QuerySet[Topic], cursor: str, limit: int, *, pinned_first: bool) -> Page[Topic]:
    """Topics by their newest post; in a space the pinned ones come first."""
    total = await found.count()
    if cursor:
        found = found.filter(_topics_after(cursor, pinned_first=pinned_first))
    order = ("-last_post_at", "-id")
    rows = await found.order_by(*(("-pinned", *order) if pinned_first else order)).limit(limit + 1)
    if len(rows) <= limit:
        return Page(rows, total)
    last = rows[limit - 1]
    return Page(rows[:limit], total, encode_cursor((last.pinned, moment_key(last.last_post_at), last.id)))


def _topics_after(cursor: str, *, pinned_first: bool) -> Q:
    pinned, key, last = decode_cursor(cursor, tuple[bool, MomentKey, UUID])
    moment = moment_of(key)
    after = Q(last_post_at__lt=moment) | Q(last_post_at=moment, id__lt=last)
    if not pinned_first:
        return after
    return Q(after, pinned=pinned) | Q(pinned=False) if pinned else Q(after, pinned=False)


async def posts_page(topic: Topic, cursor: str, number: int, limit: int) -> Page[Post]:
    """Posts by number, deleted ones included as places; `number` begins the page with that post or the next."""
    posts = Post.filter(topic_id=topic.id).select_related("author", "reply_to")
    side, edge = "after", max(number - 1, 0)
    if cursor:
        side, edge = decode_cursor(cursor, tuple[Side, Number])
    if side == "before":
        rows = list(reversed(await posts.filter(number__lt=edge).order_by("-number").limit(limit)))
    else:
        rows = await posts.filter(number__gt=edge).order_by("number").limit(limit)
    if not rows:
        return Page([], topic.posts)
    # The first and the newest number always have a row: numbers are given and rows written in one transaction.
    following = encode_cursor(("after", rows[-1].number)) if rows[-1].number < topic.last_number else None
    earlier = encode_cursor(("before", rows[0].number)) if rows[0].number > 1 else None
    return Page(rows, topic.posts, following, earlier)


@dataclass(frozen=True)
class Figures:
    """What a space holds. `last_post_at` is None while it is empty."""

    topics: int = 0
    posts: int = 0
    last_post_at: datetime | None = None


async def figures(spaces: Iterable[Space]) -> dict[UUID, Figures]:
    """The figures of each of `spaces`, counted over the topics that are not deleted."""
    wanted = [space.id for space in spaces]
    rows = await (
        Topic.filter(space_id__in=wanted, deleted_at=None)
        .annotate(n=Count("id"), sum_posts=Sum("posts"), newest=Max("last_post_at"))
        .group_by("space_id")
        .values("space_id", "n", "sum_posts", "newest")
    )
    return {row["space_id"]: Figures(row["n"], row["sum_posts"], row["newest"]) for row in rows}


async def member_counts(spaces: Iterable[Space]) -> dict[str, int]:
    """How many people belong to the network (slug) of each of `spaces`."""
    wanted = [space.network for space in spaces]
    counted = Membership.filter(network__in=wanted).annotate(n=Count("id")).group_by("network")
    return {row["network"]: row["n"] for row in await counted.values("network", "n")}


async def last_reads(identity: Identity, topics: Sequence[Topic]) -> dict[UUID, int]:
    """Up to which number the person has read each of `topics`; unopened ones are missing."""
    mine = TopicRead.filter(member_id=identity.account, topic_id__in=[topic.id for topic in topics])
    return {row["topic_id"]: row["number"] for row in await mine.values("topic_id", "number")}


async def unread_counts(identity: Identity, topics: Sequence[Topic], reads: dict[UUID, int]) -> dict[UUID, int]:
    """How many visible posts of each topic the signed-in person has not read.

    Of topics never opened only posts since the person joined count: nobody has to catch up on years.
    """
    member = await Member.get_or_none(id=identity.account)
    behind = Q(join_type=Q.OR)
    for topic in topics:
        read = reads.get(topic.id)
        if read is not None and read < topic.last_number:
            behind |= Q(topic_id=topic.id, number__gt=read)
        elif read is None and member is not None and topic.last_post_at > member.joined_at:
            behind |= Q(topic_id=topic.id, created_at__gt=member.joined_at)
    if not behind.children:
        return {}
    counted = Post.filter(behind, deleted_at=None).annotate(n=Count("id")).group_by("topic_id")
    return {row["topic_id"]: row["n"] for row in await counted.values("topic_id", "n")}


async def revisions(post: Post) -> list[PostRevision]:
    """The earlier texts of a post, newest first, with who replaced them."""
    return await PostRevision.filter(post_id=post.id).order_by("-version").select_related("editor")


async def topic_text(topic: Topic) -> str:
    """The words of the topic's visible posts for search: the first post, then the newest that fit."""
    visible = Post.filter(topic_id=topic.id, deleted_at=None)
    newest = await visible.order_by("-number").limit(TEXT_POSTS).values_list("number", "html")
    if newest and newest[-1][0] > 1:
        newest += await visible.filter(number=1).values_list("number", "html")
    texts: dict[int, str] = {}
    left = TEXT_CHARACTERS
    for number, html in [*newest[-1:], *newest[:-1]]:
        texts[number] = words(html, left)
        left -= len(texts[number])
    return "\n".join(texts[number] for number in sorted(texts) if texts[number])


def words(html: str, limit: int | None = None) -> str:
    """The words of a post as search hears them, at most `limit` characters (when not said: those of a whole topic)."""
    return to_text(html)[: TEXT_CHARACTERS if limit is None else limit]
