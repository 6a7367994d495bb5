"""Tables of notices: what is to be told to whom, the mails that tell it, and how often each person wants to be told."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.mail.posting.models import Posting


class Notice(Model):
    """What there is to tell one account about one thing. `id` follows from account, kind and thing.

    `version` is that of the newest occasion, `times` how many have come together since the last mail. It waits while
    `due_at` is set, then belongs to the mail `mail_id`; `daily` ones go into the digest. `words` are public.
    """

    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    kind = fields.CharField(max_length=40)
    about = fields.CharField(max_length=120)
    version = fields.BigIntField(default=-1)
    times = fields.IntField(default=0)
    path = fields.CharField(max_length=500, default="")
    words: fields.Field[dict[str, str]] = fields.JSONField(default=dict)
    daily = fields.BooleanField(default=False)
    due_at = fields.DatetimeField(null=True)
    mail_id = fields.UUIDField(null=True)
    mailed_at = fields.DatetimeField(null=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "notices"
        indexes = (
            Index(fields=("due_at", "account_id")),
            Index(fields=("mail_id",)),
            Index(fields=("kind", "about")),
            Index(fields=("changed_at",)),
        )


class NoticeMail(Posting):
    """A mail with the notices that name it: those of one `kind`, or all that were due for the digest ("")."""

    account_id = fields.UUIDField()
    kind = fields.CharField(max_length=40, default="")

    class Meta:
        table = "notice_mails"
        indexes = (Index(fields=("status", "next_at")), Index(fields=("status", "changed_at")))


class NoticeChoice(Model):
    """How often an account wants to be told of a kind: now, daily or off. Without a row the kind's own rhythm holds."""

    id = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    kind = fields.CharField(max_length=40)
    rhythm = fields.CharField(max_length=8)

    class Meta:
        table = "notice_choices"
        unique_together = (("account_id", "kind"),)
