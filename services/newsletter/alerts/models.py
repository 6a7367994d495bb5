"""Tables of alerts: who gets which, and the mails."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id
from infra.mail.posting.models import Posting
from services.newsletter.alerts.domain import PENDING


class AlertSubscription(Model):
    """An address that wants mails about a saved search, which search owns.

    The row goes when they are stopped. `label` and `path` are what the mails show of the search; `version` is that of
    the newest alert that was taken.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    address = fields.CharField(max_length=320)
    address_hash = fields.CharField(max_length=64)
    saved_search = fields.UUIDField()
    frequency = fields.CharField(max_length=20)
    label = fields.CharField(max_length=120, default="")
    path = fields.TextField()
    language = fields.CharField(max_length=2, default="de")
    status = fields.CharField(max_length=20, default=PENDING)
    asked_at = fields.DatetimeField()
    mailed_at = fields.DatetimeField(null=True)
    confirmed_at = fields.DatetimeField(null=True)
    version = fields.BigIntField(default=0)

    class Meta:
        table = "alert_subscriptions"
        unique_together = (("address_hash", "saved_search"),)
        indexes = (Index(fields=("status", "asked_at")),)


class AlertMail(Posting):
    """A mail about an alert.

    `kind` is confirm, already (asked for once more) or due. For the last, `due` is what search told. `noted` says that
    the ledger has what came of the mail.
    """

    kind = fields.CharField(max_length=20)
    subscription_id = fields.UUIDField()
    due: fields.JSONField[dict[str, Any] | None] = fields.JSONField(null=True)
    noted = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "alert_mails"
        indexes = (
            Index(fields=("status", "next_at")),
            Index(fields=("status", "changed_at")),
            Index(fields=("noted", "status")),
            Index(fields=("subscription_id",)),
        )
