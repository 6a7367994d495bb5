"""Tables of the toy service: its things, and what every service has."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from infra.inbox.models import CheckpointEntry, DeadLetterEntry, InboxEntry
from infra.outbox.models import OutboxEntry


class Thing(Model):
    """Something with a name."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=40, unique=True)

    class Meta:
        table = "things"


class Outbox(OutboxEntry):
    """The toy's log."""

    class Meta(OutboxEntry.Meta):
        abstract = False
        table = "outbox"


class Inbox(InboxEntry):
    """What the toy has handled."""

    class Meta(InboxEntry.Meta):
        abstract = False
        table = "inbox"


class DeadLetter(DeadLetterEntry):
    """What the toy could not handle."""

    class Meta(DeadLetterEntry.Meta):
        abstract = False
        table = "dead_letters"


class Checkpoint(CheckpointEntry):
    """How far the toy is."""

    class Meta(CheckpointEntry.Meta):
        abstract = False
        table = "checkpoints"
