"""Tables of the forum.

Order in which transactions take rows, so that none waits in a circle: offer topic, member, space, topic, post, read
state, log (what the consumer gathers begins anew with offer topics, after members and spaces of its transaction).
Replies never touch a space's row: what a space counts is counted over its topics when it is read.
"""

from __future__ import annotations

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id
from infra.inbox.models import CheckpointEntry, DeadLetterEntry, InboxEntry
from infra.outbox.models import OutboxEntry
from services.forum.domain import NAME_MAX, SLUG_MAX


class Outbox(OutboxEntry):
    """The forum's log of events."""

    class Meta(OutboxEntry.Meta):
        abstract = False
        table = "outbox"


class Inbox(InboxEntry):
    """Events the forum has finished with."""

    class Meta(InboxEntry.Meta):
        abstract = False
        table = "inbox"


class DeadLetter(DeadLetterEntry):
    """Events the forum could not finish."""

    class Meta(DeadLetterEntry.Meta):
        abstract = False
        table = "dead_letters"


class Checkpoint(CheckpointEntry):
    """How far the forum is in each producer's log."""

    class Meta(CheckpointEntry.Meta):
        abstract = False
        table = "checkpoints"


class Member(Model):
    """A person as the forum knows them: the account's id and public name.

    `version` is that of the account's last event, 0 while the person is known only from a request.
    """

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=NAME_MAX)
    active = fields.BooleanField(default=True)
    version = fields.BigIntField(default=0)
    joined_at = fields.DatetimeField()

    class Meta:
        table = "members"


class Membership(Model):
    """A person belongs to a network (slug), whether or not the network's space is known yet."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "forum.Member", related_name="memberships", on_delete=fields.OnDelete.CASCADE
    )
    network = fields.CharField(max_length=SLUG_MAX)
    member_id: UUID

    class Meta:
        table = "memberships"
        unique_together = (("member", "network"),)
        indexes = (Index(fields=("network",)),)


class Space(Model):
    """A network's place in the forum. `access` is open, transparent or closed.

    `version` rises with every change, `network_version` is that of the network's last event.
    """

    id = fields.UUIDField(primary_key=True)
    slug = fields.CharField(max_length=SLUG_MAX, unique=True)
    network = fields.CharField(max_length=SLUG_MAX, unique=True)
    name = fields.CharField(max_length=300)
    description = fields.TextField(default="")
    region = fields.CharField(max_length=SLUG_MAX, default="")
    access = fields.CharField(max_length=20, default="open")
    offer_topics = fields.BooleanField(default=True)
    version = fields.BigIntField(default=1)
    network_version = fields.BigIntField(default=0)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "spaces"
        indexes = (Index(fields=("name", "id")),)


class Topic(Model):
    """A conversation. `last_number` was given to its newest post, `posts` counts those not deleted.

    `author` is null for topics that Lotse keeps in the network's name. `locked_by_offer` says that a withdrawn offer
    locked it and not a person, so that publishing the offer again opens it. `subjects` are slugs of the vocabulary
    of topics, taken over from the offer.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    space: fields.ForeignKeyRelation[Space] = fields.ForeignKeyField(
        "forum.Space", related_name="topics", on_delete=fields.OnDelete.RESTRICT
    )
    slug = fields.CharField(max_length=SLUG_MAX, unique=True)
    title = fields.CharField(max_length=300)
    author: fields.ForeignKeyNullableRelation[Member] = fields.ForeignKeyField(
        "forum.Member", related_name="topics", null=True, on_delete=fields.OnDelete.RESTRICT
    )
    last_author: fields.ForeignKeyNullableRelation[Member] = fields.ForeignKeyField(
        "forum.Member", related_name="last_posted", null=True, on_delete=fields.OnDelete.RESTRICT
    )
    offer = fields.CharField(max_length=SLUG_MAX, default="")
    subjects: fields.Field[list[str]] = fields.JSONField(default=list)
    pinned = fields.BooleanField(default=False)
    locked = fields.BooleanField(default=False)
    locked_by_offer = fields.BooleanField(default=False)
    last_number = fields.IntField(default=0)
    posts = fields.IntField(default=0)
    version = fields.BigIntField(default=1)
    created_at = fields.DatetimeField()
    last_post_at = fields.DatetimeField()
    deleted_at = fields.DatetimeField(null=True)
    space_id: UUID
    author_id: UUID | None
    last_author_id: UUID | None

    class Meta:
        table = "topics"
        indexes = (
            Index(fields=("space_id", "pinned", "last_post_at", "id")),
            Index(fields=("last_post_at", "id")),
            Index(fields=("offer",)),
        )


class Post(Model):
    """One contribution: Markdown as written and HTML as shown. A deleted post keeps its row and number."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    topic: fields.ForeignKeyRelation[Topic] = fields.ForeignKeyField(
        "forum.Topic", related_name="all_posts", on_delete=fields.OnDelete.RESTRICT
    )
    number = fields.IntField()
    author: fields.ForeignKeyNullableRelation[Member] = fields.ForeignKeyField(
        "forum.Member", related_name="posts", null=True, on_delete=fields.OnDelete.RESTRICT
    )
    reply_to: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "forum.Post", related_name="replies", null=True, on_delete=fields.OnDelete.RESTRICT
    )
    body = fields.TextField()
    html = fields.TextField()
    version = fields.BigIntField(default=1)
    created_at = fields.DatetimeField()
    edited_at = fields.DatetimeField(null=True)
    deleted_at = fields.DatetimeField(null=True)
    deleted_by = fields.UUIDField(null=True)
    topic_id: UUID
    author_id: UUID | None
    reply_to_id: UUID | None

    class Meta:
        table = "posts"
        unique_together = (("topic", "number"),)


class PostRevision(Model):
    """The text a post had in `version`, kept when `editor` (null: Lotse) replaced it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField(
        "forum.Post", related_name="revisions", on_delete=fields.OnDelete.CASCADE
    )
    version = fields.BigIntField()
    body = fields.TextField()
    editor: fields.ForeignKeyNullableRelation[Member] = fields.ForeignKeyField(
        "forum.Member", related_name="revisions", null=True, on_delete=fields.OnDelete.RESTRICT
    )
    replaced_at = fields.DatetimeField()
    post_id: UUID
    editor_id: UUID | None

    class Meta:
        table = "post_revisions"
        unique_together = (("post", "version"),)


class TopicRead(Model):
    """How far a member has read a topic. `number` only ever rises."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField(
        "forum.Member", related_name="reads", on_delete=fields.OnDelete.CASCADE
    )
    topic: fields.ForeignKeyRelation[Topic] = fields.ForeignKeyField(
        "forum.Topic", related_name="reads", on_delete=fields.OnDelete.CASCADE
    )
    number = fields.IntField(default=0)
    member_id: UUID
    topic_id: UUID

    class Meta:
        table = "topic_reads"
        unique_together = (("member", "topic"),)


class OfferTopic(Model):
    """What the forum last heard of an offer (`version`, also of one without a network) and the topic it has."""

    id = fields.UUIDField(primary_key=True)
    version = fields.BigIntField(default=0)
    topic: fields.ForeignKeyNullableRelation[Topic] = fields.ForeignKeyField(
        "forum.Topic", related_name="offers", null=True, on_delete=fields.OnDelete.RESTRICT
    )
    topic_id: UUID | None

    class Meta:
        table = "offer_topics"
