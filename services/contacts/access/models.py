"""The table of mails that let somebody confirm an address or set a password, and of those that tell of it."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from infra.mail.posting.models import Posting


class AccessMail(Posting):
    """A mail to one address (folded). `account_id` is null where a form was filled in by nobody in particular.

    `used_at`: its link has done what it can do, or another one has.
    """

    form = fields.CharField(max_length=20)
    account_id = fields.UUIDField(null=True)
    address = fields.CharField(max_length=254)
    language = fields.CharField(max_length=2, default="de")
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "access_mails"
        indexes = (
            Index(fields=("status", "next_at")),
            Index(fields=("form", "changed_at")),
            Index(fields=("address", "form", "created_at")),
        )
