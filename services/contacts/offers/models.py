"""The table of offers and its index by facet."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from services.contacts.entry import Described, Entry, FacetRow


class Offer(Described):
    """An offer. `name` is its German title, all references are slugs.

    `state` is its life here (draft, published, withdrawn), `status` that of the offer itself (planned, active,
    ended). `valid_from`/`valid_to` are as exact as known, `starts_on`/`ends_on` the days they reach to, for queries.
    `description_html` is rendered and sanitised when the text is written.
    """

    short = fields.CharField(max_length=60, default="")
    state = fields.CharField(max_length=12, default="draft")
    status = fields.CharField(max_length=40, default="active")
    summary = fields.CharField(max_length=500, default="")
    description_html = fields.TextField(default="")
    title_en = fields.CharField(max_length=200, default="")
    summary_en = fields.CharField(max_length=500, default="")
    description_en = fields.TextField(default="")
    description_en_html = fields.TextField(default="")
    network = fields.CharField(max_length=120, default="")
    provider = fields.CharField(max_length=120, default="", db_index=True)
    contact_point = fields.CharField(max_length=120, default="")
    partners: fields.Field[list[str]] = fields.JSONField(default=list)
    stages: fields.Field[list[str]] = fields.JSONField(default=list)
    target_groups: fields.Field[list[str]] = fields.JSONField(default=list)
    districts: fields.Field[list[str]] = fields.JSONField(default=list)
    region_note = fields.CharField(max_length=200, default="")
    languages: fields.Field[list[str]] = fields.JSONField(default=list)
    language_level_from = fields.CharField(max_length=2, default="")
    language_level_to = fields.CharField(max_length=2, default="")
    format = fields.CharField(max_length=40, default="")
    weekly_hours = fields.FloatField(null=True)
    part_time = fields.BooleanField(null=True)
    childcare = fields.BooleanField(null=True)
    accessibility = fields.CharField(max_length=300, default="")
    costs = fields.CharField(max_length=200, default="")
    funding: fields.Field[list[str]] = fields.JSONField(default=list)
    seats = fields.IntField(null=True)
    open_entry = fields.BooleanField(null=True)
    conditions = fields.TextField(default="")
    how_to_join = fields.TextField(default="")
    access = fields.CharField(max_length=20, default="")
    valid_from = fields.CharField(max_length=10, default="")
    valid_to = fields.CharField(max_length=10, default="")
    starts_on = fields.DateField(null=True)
    ends_on = fields.DateField(null=True)
    published_at = fields.DatetimeField(null=True)
    withdrawn_at = fields.DatetimeField(null=True)
    withdrawal_reason = fields.CharField(max_length=500, default="")

    class Meta(Described.Meta):
        abstract = False
        table = "offers"
        indexes = (
            *Entry.Meta.indexes,
            Index(fields=("state", "sort_key", "id")),
            Index(fields=("state", "updated_at", "id")),
            Index(fields=("network", "updated_at")),
            Index(fields=("state", "ends_on")),
        )


class OfferFacet(FacetRow):
    """The index of offers by district, area, stage, target group, topic and language."""

    class Meta(FacetRow.Meta):
        abstract = False
        table = "offer_facets"
