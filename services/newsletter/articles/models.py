"""Tables of articles: the article itself, and its topics to find it by."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id
from services.newsletter.articles.domain import DRAFT


class Article(Model):
    """One article. `version` rises with every change and is its ETag.

    `content` is a `domain.Draft`, `day` its date of publication to order by; `published_at` is when it was first
    published here (NULL: never, or imported history). `people` says who did what and when (created, edited, submitted,
    published, withdrawn → {id, name, at}).
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    slug = fields.CharField(max_length=120, unique=True)
    kind = fields.CharField(max_length=20)
    state = fields.CharField(max_length=12, default=DRAFT)
    version = fields.IntField(default=1)
    content: fields.JSONField[dict[str, Any]] = fields.JSONField()
    day = fields.CharField(max_length=10, default="")
    people: fields.JSONField[dict[str, dict[str, str]]] = fields.JSONField()
    published_at = fields.DatetimeField(null=True)
    changed_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "articles"
        indexes = (Index(fields=("state", "day", "id")),)


class ArticleTopic(Model):
    """One topic of one article."""

    id = fields.BigIntField(primary_key=True, generated=True)
    article_id = fields.UUIDField()
    topic = fields.CharField(max_length=120)

    class Meta:
        table = "article_topics"
        unique_together = (("topic", "article_id"),)
        indexes = (Index(fields=("article_id",)),)
