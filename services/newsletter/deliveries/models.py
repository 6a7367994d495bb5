"""Tables of a dispatch: what it comes to, the groups of readers, and a row for each of them."""

from __future__ import annotations

from typing import Self

from tortoise import fields
from tortoise.expressions import Subquery
from tortoise.indexes import Index
from tortoise.models import Model
from tortoise.queryset import QuerySet

from infra.ids import new_id
from infra.mail.posting.models import Posting


class Dispatch(Model):
    """The dispatch of one issue: how many readers it was frozen for, and since when.

    The issue is done when as many rows are settled. `frozen_at` is also the border for those who subscribed late.
    """

    issue_id = fields.UUIDField(primary_key=True)
    audience = fields.IntField()
    frozen_at = fields.DatetimeField()

    class Meta:
        table = "dispatches"


class Segment(Model):
    """Readers of one issue with the same choice, who get the same mail.

    `entries` are the ids that concern them.

    The mail itself is set with the first reader and kept until all have it, with marks where each reader's tokens go.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    issue_id = fields.UUIDField()
    key = fields.CharField(max_length=64)
    language = fields.CharField(max_length=2)
    districts: fields.JSONField[list[str]] = fields.JSONField()
    topics: fields.JSONField[list[str]] = fields.JSONField()
    entries: fields.JSONField[list[str]] = fields.JSONField()
    subject = fields.CharField(max_length=300, default="")
    html = fields.TextField(default="")
    text = fields.TextField(default="")

    class Meta:
        table = "segments"
        unique_together = (("issue_id", "key"),)


class Delivery(Posting):
    """One issue for one reader, at most once. The address stays with the subscriber and goes with them.

    A claimed row's `lease` is the name of the journal in which its worker writes.
    """

    issue_id = fields.UUIDField()
    subscriber_id = fields.UUIDField()
    segment_id = fields.UUIDField()

    @classmethod
    def waiting(cls) -> QuerySet[Self]:
        """See Posting. By issue, as the index begins with it: without, all that were ever sent would be read."""
        return super().waiting().filter(issue_id__in=Subquery(Dispatch.all().values("issue_id")))

    class Meta:
        table = "deliveries"
        unique_together = (("issue_id", "subscriber_id"),)
        indexes = (Index(fields=("issue_id", "status", "next_at", "segment_id")),)
