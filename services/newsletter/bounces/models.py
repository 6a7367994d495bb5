"""Tables of what came in: every return once, without an address, and what people wrote until somebody dealt with it."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id
from services.newsletter.bounces.domain import OPEN


class ReturnedMail(Model):
    """Something that came in, taken once: `digest` tells it from all others, however often it is delivered.

    `kind` is a `domain.Kind`, `day` that of `at` in UTC (2026-11-22), `way` how it came: lmtp, http, mailbox, or smtp
    for a server's own refusal. For what is about a mail of ours: `service` and `posting_id` name it, `issue_id` the
    issue it belonged to, `address_hash` its recipient if that is known here. `status` is that of RFC 3463, `domain` the
    recipient's, `diagnostic` the server's words without addresses.
    """

    digest = fields.CharField(max_length=64, primary_key=True)
    kind = fields.CharField(max_length=20)
    way = fields.CharField(max_length=10)
    at = fields.DatetimeField()
    day = fields.CharField(max_length=10)
    service = fields.CharField(max_length=40, default="")
    posting_id = fields.UUIDField(null=True)
    issue_id = fields.UUIDField(null=True)
    address_hash = fields.CharField(max_length=64, default="")
    status = fields.CharField(max_length=20, default="")
    domain = fields.CharField(max_length=255, default="")
    diagnostic = fields.CharField(max_length=300, default="")

    class Meta:
        table = "returned_mails"
        indexes = (
            Index(fields=("at",)),
            Index(fields=("kind", "at")),
            Index(fields=("address_hash", "at")),
            Index(fields=("issue_id", "kind")),
            Index(fields=("posting_id",)),
        )


class Reply(Model):
    """What a person wrote to an address of ours, for somebody at the desk to read and answer.

    Only text is kept, `attachments` counts the rest. `hint` is leave where it seems to ask for that; `about` is the
    slug of the issue it answers, if it says so.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    sender = fields.CharField(max_length=320)
    sender_name = fields.CharField(max_length=200, default="")
    subject = fields.CharField(max_length=300, default="")
    text = fields.TextField(default="")
    shortened = fields.BooleanField(default=False)
    attachments = fields.IntField(default=0)
    hint = fields.CharField(max_length=20, default="")
    about = fields.CharField(max_length=40, default="")
    state = fields.CharField(max_length=20, default=OPEN)
    received_at = fields.DatetimeField(db_index=True)
    done_at = fields.DatetimeField(null=True)
    done_by = fields.CharField(max_length=200, default="")

    class Meta:
        table = "replies"
        indexes = (Index(fields=("state", "received_at")),)
