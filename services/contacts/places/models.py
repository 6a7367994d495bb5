"""The table of regions."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from services.contacts.entry import Entry


class Region(Entry):
    """The federation, a Land or a district. `parent` is a slug ("" at the top), `ags` the official key.

    `lat`/`lon` is the centroid, `label_lat`/`label_lon` a point certain to lie inside, in degrees (WGS84).
    """

    name_full = fields.CharField(max_length=300)
    kind = fields.CharField(max_length=40)
    type_label = fields.CharField(max_length=60, default="")
    parent = fields.CharField(max_length=120, default="")
    ags = fields.CharField(max_length=5, default="")
    iso_3166_2 = fields.CharField(max_length=6, default="")
    nuts = fields.CharField(max_length=5, default="")
    lat = fields.FloatField()
    lon = fields.FloatField()
    label_lat = fields.FloatField()
    label_lon = fields.FloatField()

    class Meta(Entry.Meta):
        abstract = False
        table = "regions"
        indexes = (*Entry.Meta.indexes, Index(fields=("parent",)), Index(fields=("ags",)))
