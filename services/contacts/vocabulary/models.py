"""The table of controlled vocabularies."""

from __future__ import annotations

from typing import Any

from tortoise import fields

from services.contacts.entry import Versioned


class Vocabulary(Versioned):
    """One list (`slug`: topics, stages …).

    `terms` are objects {slug, de, en, synonyms}; the list `search_synonyms` has `groups` of terms instead.
    """

    terms: fields.Field[list[dict[str, Any]]] = fields.JSONField(default=list)
    groups: fields.Field[list[list[str]]] = fields.JSONField(default=list)

    class Meta:
        table = "vocabularies"
