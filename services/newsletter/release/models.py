"""The table of mails with which an issue is tried out."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from infra.mail.posting.models import Posting


class TestMail(Posting):
    """An issue as one kind of reader gets it, on its way to who tries it out. It is forgotten a day after."""

    __test__ = False  # pytest collects whatever begins with "Test"

    issue_id = fields.UUIDField()
    account_id = fields.CharField(max_length=64)
    address = fields.CharField(max_length=254)
    language = fields.CharField(max_length=2)
    districts: fields.JSONField[list[str]] = fields.JSONField()
    topics: fields.JSONField[list[str]] = fields.JSONField()

    class Meta:
        table = "test_mails"
        indexes = (Index(fields=("status", "next_at")), Index(fields=("account_id", "created_at")))
