"""Tables of the directory. References between entries are slugs, which are stable and never given twice."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index

from services.contacts.entry import Described, Entry, FacetRow


class Organisation(Described):
    """A body: ministry, chamber, agency, association, company. `parent` is another organisation's slug."""

    short = fields.CharField(max_length=60, default="")
    subkind = fields.CharField(max_length=40, default="")
    languages: fields.Field[list[str]] = fields.JSONField(default=list)
    parent = fields.CharField(max_length=120, default="")
    since = fields.CharField(max_length=10, default="")
    status = fields.CharField(max_length=20, default="active")
    address = fields.CharField(max_length=300, default="")
    phone = fields.CharField(max_length=60, default="")
    email = fields.CharField(max_length=254, default="")
    contact_person = fields.CharField(max_length=100, default="")

    class Meta(Described.Meta):
        abstract = False
        table = "organisations"


class Network(Described):
    """An alliance of organisations. `lead` and `members` are slugs of organisations or networks."""

    short = fields.CharField(max_length=60, default="")
    lead = fields.CharField(max_length=120, default="")
    members: fields.Field[list[str]] = fields.JSONField(default=list)
    members_note = fields.CharField(max_length=500, default="")
    since = fields.CharField(max_length=10, default="")
    until = fields.CharField(max_length=10, default="")
    status = fields.CharField(max_length=20, default="active")

    class Meta(Described.Meta):
        abstract = False
        table = "networks"


class ContactPoint(Described):
    """Somebody to turn to, with or without an address, who serves several districts (slugs).

    `hours` are words ("Di 9–12 Uhr, nach Vereinbarung"); `network` is the network that looks after the entry.
    """

    organisation = fields.CharField(max_length=120, default="")
    network = fields.CharField(max_length=120, default="")
    districts: fields.Field[list[str]] = fields.JSONField(default=list)
    languages: fields.Field[list[str]] = fields.JSONField(default=list)
    address = fields.CharField(max_length=300, default="")
    phone = fields.CharField(max_length=60, default="")
    email = fields.CharField(max_length=254, default="")
    hours = fields.CharField(max_length=300, default="")
    accessibility = fields.CharField(max_length=300, default="")
    lat = fields.FloatField(null=True)
    lon = fields.FloatField(null=True)

    class Meta(Described.Meta):
        abstract = False
        table = "contact_points"


class ContactPointFacet(FacetRow):
    """The index of contact points by district, area, language and topic."""

    class Meta(FacetRow.Meta):
        abstract = False
        table = "contact_point_facets"


class Document(Described):
    """A strategy, law, agreement or study. `issuer` and `partners` are slugs of organisations or networks."""

    issuer = fields.CharField(max_length=120, default="")
    partners: fields.Field[list[str]] = fields.JSONField(default=list)
    date = fields.CharField(max_length=10, default="")

    class Meta(Described.Meta):
        abstract = False
        table = "documents"


class Event(Described):
    """A meeting or milestone. Dates are as exact as known, `recurrence` is in words."""

    place = fields.CharField(max_length=200, default="")
    organiser = fields.CharField(max_length=120, default="")
    participants: fields.Field[list[str]] = fields.JSONField(default=list)
    date_start = fields.CharField(max_length=10, default="")
    date_end = fields.CharField(max_length=10, default="")
    recurrence = fields.CharField(max_length=100, default="")

    class Meta(Described.Meta):
        abstract = False
        table = "events"
        indexes = (*Described.Meta.indexes, Index(fields=("date_start",)))


class Source(Entry):
    """A document that entries were taken from (`name` is its title)."""

    publisher = fields.CharField(max_length=120, default="")
    kind = fields.CharField(max_length=40, default="")
    date = fields.CharField(max_length=10, default="")
    date_note = fields.CharField(max_length=200, default="")

    class Meta(Entry.Meta):
        abstract = False
        table = "sources"
