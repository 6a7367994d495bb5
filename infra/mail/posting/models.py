"""The columns that every posting has. Concrete tables stand with what they post."""

from __future__ import annotations

from typing import Self

from tortoise import fields
from tortoise.models import Model
from tortoise.queryset import QuerySet

from infra.ids import new_id
from infra.mail.posting.domain import WAITING


class Posting(Model):
    """One mail to one person. `lease` names the worker that holds a claimed row until `lease_until`.

    Concrete tables add an index over (status, next_at), by which workers find what is due.
    `message_id` is set with the row and never changes, so that a mail sent twice is recognised as one.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    status = fields.CharField(max_length=20, default=WAITING)
    attempts = fields.IntField(default=0)
    next_at = fields.DatetimeField()
    lease = fields.UUIDField(null=True)
    lease_until = fields.DatetimeField(null=True)
    reply_code = fields.IntField(default=0)
    reply = fields.CharField(max_length=500, default="")
    message_id = fields.CharField(max_length=250)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    @classmethod
    def waiting(cls) -> QuerySet[Self]:
        """The mails that are still to be sent, found by an index."""
        return cls.filter(status=WAITING)

    class Meta:
        abstract = True


def postings() -> list[type[Posting]]:
    """Every queue of mails: the tables that services have made from `Posting` and opened."""
    return [queue for queue in Posting.__subclasses__() if queue._meta.app]
