"""Tables of what contacts told us: regions, vocabularies, networks, and the offers and dates to collect."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Region(Model):
    """A region with its place in the territory.

    `parent` is a slug, "" at the top.
    """

    slug = fields.CharField(max_length=120, primary_key=True)
    name = fields.TextField()
    kind = fields.CharField(max_length=40)
    parent = fields.CharField(max_length=120, default="")
    version = fields.BigIntField(default=0)

    class Meta:
        table = "regions"


class Vocabulary(Model):
    """A controlled vocabulary.

    `labels` maps slugs to {de, en}.
    """

    slug = fields.CharField(max_length=80, primary_key=True)
    labels: fields.JSONField[dict[str, dict[str, str]]] = fields.JSONField()
    version = fields.BigIntField(default=0)

    class Meta:
        table = "vocabularies"


class Network(Model):
    """A network's present name, which may be newer than the one an offer was published under."""

    slug = fields.CharField(max_length=120, primary_key=True)
    name = fields.TextField()
    version = fields.BigIntField(default=0)

    class Meta:
        table = "networks"


class Collected(Model):
    """An offer or date in its newest version. `id` is that of contacts.

    `news` is false for imported history, `withdrawn` for what is no longer public (kept, so that an older message
    that arrives late cannot bring it back). `issue_id` names the issue it went into or was dropped from: since
    there is one row for each, nothing can be collected for two issues.
    """

    id = fields.CharField(max_length=64, primary_key=True)
    kind = fields.CharField(max_length=20)
    slug = fields.CharField(max_length=200)
    version = fields.BigIntField()
    title = fields.TextField(default="")
    title_en = fields.TextField(default="")
    summary = fields.TextField(default="")
    summary_en = fields.TextField(default="")
    network = fields.CharField(max_length=200, default="")
    network_name = fields.TextField(default="")
    regions: fields.JSONField[list[str]] = fields.JSONField(default=list)
    topics: fields.JSONField[list[str]] = fields.JSONField(default=list)
    date_start = fields.CharField(max_length=40, default="")
    date_end = fields.CharField(max_length=40, default="")
    place = fields.TextField(default="")
    news = fields.BooleanField(default=False)
    withdrawn = fields.BooleanField(default=False)
    issue_id = fields.UUIDField(null=True)
    first_seen_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "collected"
        indexes = (Index(fields=("news", "issue_id")),)
