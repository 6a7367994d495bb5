"""What all named, sourced entries of contacts share as columns, whichever table they live in."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from infra.ids import new_id

BUNDLE = "bundle"
PLATFORM = ""


class Versioned(Model):
    """A published thing: opaque id, stable slug, and a version that rises by one with every change.

    `origin` is "bundle" as long as only imports have written the row. Once a person edits it, it is "" and no
    import touches it any more.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    slug = fields.CharField(max_length=120, unique=True)
    version = fields.BigIntField(default=1)
    origin = fields.CharField(max_length=20, default=PLATFORM)
    created_at = fields.DatetimeField(auto_now_add=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        abstract = True


class Entry(Versioned):
    """A named entry with its source and the date it stands for.

    `sort_key` is the name folded to ASCII, so that both databases sort alike and umlauts stand where people look.
    `stand` is a date as exact as known: "2020", "2020-02", "2020-02-28" or "".
    """

    name = fields.CharField(max_length=300)
    sort_key = fields.CharField(max_length=120)
    source = fields.CharField(max_length=200, default="")
    also_in: fields.Field[list[str]] = fields.JSONField(default=list)
    stand = fields.CharField(max_length=10, default="")

    class Meta:
        abstract = True
        indexes: tuple[Index, ...] = (Index(fields=("sort_key", "id")), Index(fields=("updated_at",)))


class Described(Entry):
    """An entry that says what it is: kind, place, topics, a few words, a web address."""

    kind = fields.CharField(max_length=40, default="")
    region = fields.CharField(max_length=120, default="")
    topics: fields.Field[list[str]] = fields.JSONField(default=list)
    aliases: fields.Field[list[str]] = fields.JSONField(default=list)
    description = fields.TextField(default="")
    website = fields.CharField(max_length=500, default="")

    class Meta(Entry.Meta):
        abstract = True
        indexes = (*Entry.Meta.indexes, Index(fields=("region",)))


class FacetRow(Model):
    """One value of one facet of one entry: the index by which lists are filtered. The entry's own row is the truth.

    Besides the facets people choose there is `area`: the entry's districts and every region above them, each
    once. So "inside region X" is one equality, and counting by region one grouping.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id = fields.UUIDField(db_index=True)
    facet = fields.CharField(max_length=20)
    value = fields.CharField(max_length=120)

    class Meta:
        abstract = True
        unique_together = (("facet", "value", "entry_id"),)
