"""Tables of state profiles and glossary terms."""

from __future__ import annotations

from typing import Any

from tortoise import fields

from services.contacts.entry import Entry


class StateProfile(Entry):
    """How one Land is set up: its strategy, numbered sections with references, and announced changes."""

    region = fields.CharField(max_length=120, db_index=True)
    strategy: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)
    sections: fields.Field[list[dict[str, Any]]] = fields.JSONField(default=list)
    planned_changes: fields.Field[list[str]] = fields.JSONField(default=list)

    class Meta(Entry.Meta):
        abstract = False
        table = "state_profiles"


class GlossaryTerm(Entry):
    """An abbreviation (`name`) and what it stands for (`long`, "" when no source says so).

    `basis` is explicit, inferred or not-in-document; `ref` another entry's slug or "".
    """

    long = fields.CharField(max_length=300, default="")
    basis = fields.CharField(max_length=20, default="")
    note = fields.CharField(max_length=500, default="")
    ref = fields.CharField(max_length=120, default="")

    class Meta(Entry.Meta):
        abstract = False
        table = "glossary_terms"
