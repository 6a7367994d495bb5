"""What the forum's routes read and answer.

Times are ISO 8601 in UTC. Names of people are display names. Figures that would tell of hidden content are null.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

Limit = Annotated[int, Meta(ge=1, le=100)]
Number = Annotated[int, Meta(ge=0, le=2_000_000_000)]
Slug = Annotated[str, Meta(max_length=200)]
Access = Literal["open", "transparent", "closed"]


class PageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list: `cursor` is the `next` of the page before."""

    cursor: str = ""
    limit: Limit = 20


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote something. `system` is true for what Lotse writes in a network's name; then `id` is null."""

    id: UUID | None
    name: str
    system: bool = False


class SpaceRef(msgspec.Struct, frozen=True, kw_only=True):
    """The space a topic stands in."""

    slug: str
    name: str
    network: str
    access: str


class SpaceView(msgspec.Struct, frozen=True, kw_only=True):
    """A space as one reader sees it.

    `topics`, `posts` and `last_post_at` are null for those who may know of the space but not read it.
    `version` is also the ETag; send it back as If-Match to change settings.
    """

    id: UUID
    slug: str
    name: str
    network: str
    region: str
    description: str
    access: str
    offer_topics: bool
    version: int
    members: int
    topics: int | None
    posts: int | None
    last_post_at: datetime | None
    member: bool
    can_read: bool
    can_write: bool
    can_manage: bool


class SpaceList(msgspec.Struct, frozen=True, kw_only=True):
    """Spaces by name. `next` is the cursor of the next page or null."""

    items: list[SpaceView]
    total: int
    next: str | None


class SpaceQuery(PageQuery, frozen=True, kw_only=True):
    """Which spaces to list; `mine` leaves only those of the reader's own networks."""

    mine: bool = False
    region: Slug = ""


class SpaceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the coordinator of a network chooses for its space; what is left out stays as it is.

    `offer_topics`: whether a published offer of the network gets a topic.
    """

    access: Access | UnsetType = UNSET
    offer_topics: bool | UnsetType = UNSET


class AllTopicsQuery(PageQuery, frozen=True, kw_only=True):
    """A page of topics of all spaces the reader may read; `offer` and `network` are slugs."""

    offer: Slug = ""
    network: Slug = ""


class NewTopic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A topic to open: its title in one line and its first post in Markdown."""

    title: str
    body: str


class TopicSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A topic in a list. `unread` counts visible posts not yet read, null when nobody is signed in.

    `offer` is the slug of the offer the topic belongs to, or "".
    """

    id: UUID
    slug: str
    title: str
    space: SpaceRef
    offer: str
    author: Author
    last_author: Author
    pinned: bool
    locked: bool
    posts: int
    unread: int | None
    created_at: datetime
    last_post_at: datetime


class TopicList(msgspec.Struct, frozen=True, kw_only=True):
    """Topics, pinned ones first, then by newest post."""

    items: list[TopicSummary]
    total: int
    next: str | None


class PostPlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where a post stands, for links to it: `#beitrag-{number}` on its topic's page."""

    id: UUID
    number: int


class PostView(msgspec.Struct, frozen=True, kw_only=True):
    """A post as one reader sees it. A deleted post keeps its place, but `html` is empty.

    `html` is sanitised. `version` rises by one with every edit (ETag of the post).
    """

    id: UUID
    number: int
    author: Author
    html: str
    created_at: datetime
    edited_at: datetime | None
    version: int
    deleted: bool
    reply_to: PostPlace | None
    can_edit: bool
    can_delete: bool


class PostPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of posts by number. `total` counts those not deleted; `next`/`previous` are cursors or null."""

    items: list[PostView]
    total: int
    next: str | None
    previous: str | None


class TopicPageQuery(PageQuery, frozen=True, kw_only=True):
    """Which posts of a topic: by cursor, or with `number` the page that begins with this post."""

    number: Number = 0


class TopicView(msgspec.Struct, frozen=True, kw_only=True):
    """A topic with a page of its posts. `last_read` is the number up to which the reader has read, else null."""

    id: UUID
    slug: str
    title: str
    space: SpaceRef
    offer: str
    author: Author
    pinned: bool
    locked: bool
    version: int
    created_at: datetime
    last_post_at: datetime
    last_number: int
    last_read: int | None
    unread: int | None
    can_reply: bool
    can_moderate: bool
    posts: PostPage


class TopicState(msgspec.Struct, frozen=True, kw_only=True):
    """A topic after it was opened, locked, pinned or the like."""

    id: UUID
    slug: str
    title: str
    space: str
    locked: bool
    pinned: bool
    version: int


class NewPost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reply in Markdown. `reply_to` is a visible post of the same topic."""

    body: str
    reply_to: UUID | None = None


class EditedPost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The new text of a post in Markdown."""

    body: str


class TopicRef(msgspec.Struct, frozen=True, kw_only=True):
    """The topic a post stands in."""

    id: UUID
    slug: str
    title: str
    space: SpaceRef


class PostDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One post by its permalink, with its Markdown and its topic. `version` is also the ETag."""

    id: UUID
    number: int
    topic: TopicRef
    author: Author
    body: str
    html: str
    created_at: datetime
    edited_at: datetime | None
    version: int
    can_edit: bool
    can_delete: bool


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A post quoted as Markdown, to begin a reply with. It names no person, so that erasing a name stays possible."""

    body: str
    reply_to: UUID
    number: int


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier text of a post and who replaced it when."""

    version: int
    body: str
    replaced_by: Author
    replaced_at: datetime


class History(msgspec.Struct, frozen=True, kw_only=True):
    """The earlier texts of a post, newest first."""

    items: list[Revision]
    total: int


class PreviewBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Markdown to look at before it is sent."""

    body: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """How a text will look: sanitised HTML."""

    html: str


class ReadMark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reader has read up to this post number. A lower number than before changes nothing."""

    number: Number


class ReadState(msgspec.Struct, frozen=True, kw_only=True):
    """How far the reader has come in a topic."""

    last_read: int
    unread: int
