"""The tables of issues, and of how often each was read on the web."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id
from services.newsletter.issues.domain import DRAFT


class IssueVisits(Model):
    """How often an issue was read on the web on one day by people not signed in. Nothing says by whom.

    `id` is the issue's and the day.
    """

    id = fields.CharField(max_length=60, primary_key=True)
    issue_id = fields.UUIDField(db_index=True)
    visits = fields.IntField(default=1)

    class Meta:
        table = "issue_visits"


class Issue(Model):
    """One issue. `version` rises with every change and is its ETag.

    `title` and `focus` are {de, en}; `sections` a list of `domain.Section`; `people` says who did what and when
    (created, edited, submitted, approved, sent → {id, name, at}). `fixed` lists the ids of the entries that go
    along, from submission on; `content` is the frozen `domain.Content`, from sending on. `published_on` is empty
    until it goes out. `send_at` is when an approved one is to go out by itself,
    `reminders` how often its editors were reminded of it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    slug = fields.CharField(max_length=40, unique=True)
    quarter = fields.CharField(max_length=10, unique=True)
    state = fields.CharField(max_length=20, default=DRAFT)
    version = fields.IntField(default=1)
    title: fields.JSONField[dict[str, str]] = fields.JSONField()
    focus: fields.JSONField[dict[str, str]] = fields.JSONField()
    sections: fields.JSONField[list[dict[str, Any]]] = fields.JSONField()
    people: fields.JSONField[dict[str, dict[str, str]]] = fields.JSONField()
    fixed: fields.JSONField[list[str] | None] = fields.JSONField(null=True)
    content: fields.JSONField[dict[str, Any] | None] = fields.JSONField(null=True)
    published_on = fields.CharField(max_length=20, default="")
    send_at = fields.DatetimeField(null=True)
    reminders = fields.IntField(default=0, db_default=0)
    source = fields.CharField(max_length=120, default="")
    stand = fields.CharField(max_length=20, default="")

    class Meta:
        table = "issues"
        indexes = (Index(fields=("state",)),)

    @property
    def is_public(self) -> bool:
        """Whether the issue went out, be it in part, and stands in the archive."""
        return bool(self.published_on)
