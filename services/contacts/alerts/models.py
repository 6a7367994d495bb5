"""Tables of alerts: which of an account's saved searches were heard of, and the mails about them."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.mail.posting.models import Posting


class AccountAlert(Model):
    """A saved search that an account gets mails about. The search itself is known to search only.

    `version` is that of the newest alert that was taken. `stops` counts how often its owner has stopped the mails,
    `stopped_at` is the last time: what was told before is not sent any more.
    """

    saved_search = fields.UUIDField(primary_key=True)
    account_id = fields.UUIDField()
    version = fields.BigIntField(default=0)
    stops = fields.IntField(default=0)
    stopped_at = fields.DatetimeField(null=True)

    class Meta:
        table = "account_alerts"


class AlertMail(Posting):
    """A mail about what a saved search found. `due` is what search told."""

    saved_search = fields.UUIDField()
    due: fields.JSONField[dict[str, Any]] = fields.JSONField()

    class Meta:
        table = "alert_mails"
        indexes = (Index(fields=("status", "next_at")), Index(fields=("status", "changed_at")))
