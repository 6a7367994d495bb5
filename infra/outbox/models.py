"""The outbox table. Every service derives its own concrete class, since every service has its own database.

    class Outbox(OutboxEntry):
        class Meta(OutboxEntry.Meta):
            table = "outbox"

Leave out the inheritance of `Meta` and the indexes vanish.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id


class WithoutValue(Index):
    """An index of those rows only in which the field `empty` has no value."""

    def __init__(self, *, fields: Sequence[str], empty: str, name: str | None = None) -> None:
        super().__init__(fields=tuple(fields), name=name)
        self.empty = empty
        self.extra = f" WHERE {empty} IS NULL"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """What a migration writes to make this anew."""
        path, arguments, options = super().deconstruct()
        return path, arguments, options | {"empty": self.empty}


class OutboxEntry(Model):
    """One recorded event. `position` is null until the relay has given it its place in the log."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    position = fields.BigIntField(null=True, unique=True)
    type = fields.CharField(max_length=120)
    subject = fields.CharField(max_length=200)
    aggregate_version = fields.BigIntField(default=0)
    data = fields.JSONField[dict[str, Any]]()
    traceparent = fields.CharField(max_length=64, default="")
    correlation_id = fields.CharField(max_length=64, default="")
    causation_id = fields.CharField(max_length=64, default="")
    created_at = fields.DatetimeField(auto_now_add=True)
    published_at = fields.DatetimeField(null=True)

    class Meta:
        abstract = True
        indexes = (
            # The relay looks for new rows all day, in a log of which the planner's statistics may say anything.
            WithoutValue(fields=("id",), empty="position"),
            Index(fields=("type", "position")),
            Index(fields=("correlation_id",)),
        )
