"""The tables of the toy service `taker`."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from infra.inbox.models import CheckpointEntry, DeadLetterEntry, InboxEntry
from infra.outbox.models import OutboxEntry


class Outbox(OutboxEntry):
    class Meta(OutboxEntry.Meta):
        abstract = False
        table = "outbox"


class Inbox(InboxEntry):
    class Meta(InboxEntry.Meta):
        abstract = False
        table = "inbox"


class DeadLetter(DeadLetterEntry):
    class Meta(DeadLetterEntry.Meta):
        abstract = False
        table = "dead_letters"


class Checkpoint(CheckpointEntry):
    class Meta(CheckpointEntry.Meta):
        abstract = False
        table = "checkpoints"


class Seen(Model):
    """One row per handled event; no uniqueness, so that a second handling would show."""

    id = fields.IntField(primary_key=True)
    number = fields.IntField()
    kind = fields.CharField(max_length=20, default="made")

    class Meta:
        table = "seen"
