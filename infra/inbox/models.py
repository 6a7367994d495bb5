"""The tables behind once-only handling. Concrete classes per service, as with the outbox:

class Inbox(InboxEntry):
    class Meta(InboxEntry.Meta):
        table = "inbox"
class DeadLetter(DeadLetterEntry): …  table = "dead_letters"
class Checkpoint(CheckpointEntry): …  table = "checkpoints"
"""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id


class InboxEntry(Model):
    """One event that one handler has finished with."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    event_id = fields.CharField(max_length=64)
    handler = fields.CharField(max_length=120)
    producer = fields.CharField(max_length=40)
    type = fields.CharField(max_length=120)
    position = fields.BigIntField(null=True)
    handled_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        abstract = True
        unique_together = (("event_id", "handler"),)
        indexes = (Index(fields=("producer", "position")),)


class DeadLetterEntry(Model):
    """An event that a handler could not finish; waits for an operator with the reason."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    event_id = fields.CharField(max_length=64)
    handler = fields.CharField(max_length=120)
    producer = fields.CharField(max_length=40)
    type = fields.CharField(max_length=120)
    position = fields.BigIntField(null=True)
    envelope = fields.JSONField[dict[str, Any]]()
    error = fields.TextField()
    attempts = fields.IntField(default=0)
    created_at = fields.DatetimeField(auto_now_add=True)
    resolved_at = fields.DatetimeField(null=True)

    class Meta:
        abstract = True
        unique_together = (("event_id", "handler"),)
        indexes = (Index(fields=("producer", "position")),)


class CheckpointEntry(Model):
    """Everything of `producer` up to `position` has been dealt with by the handlers named in `heard`.

    `heard` holds "{event type} {handler}"; null until it is first noted.
    """

    producer = fields.CharField(max_length=40, primary_key=True)
    position = fields.BigIntField(default=0)
    heard = fields.JSONField[list[str]](null=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        abstract = True
