"""Tables of right: its things, and what every service has."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from infra.inbox.models import CheckpointEntry, DeadLetterEntry, InboxEntry
from infra.outbox.models import OutboxEntry


class Thing(Model):
    """A thing made or heard of, and whether its job was run."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=40)
    done = fields.BooleanField(default=False)

    class Meta:
        table = "things"


class Outbox(OutboxEntry):
    """The log."""

    class Meta(OutboxEntry.Meta):
        abstract = False
        table = "outbox"


class Inbox(InboxEntry):
    """What was handled."""

    class Meta(InboxEntry.Meta):
        abstract = False
        table = "inbox"


class DeadLetter(DeadLetterEntry):
    """What could not be handled."""

    class Meta(DeadLetterEntry.Meta):
        abstract = False
        table = "dead_letters"


class Checkpoint(CheckpointEntry):
    """How far others' logs are dealt with."""

    class Meta(CheckpointEntry.Meta):
        abstract = False
        table = "checkpoints"
