"""Shape of the controlled vocabularies."""

from __future__ import annotations

import msgspec


class TermView(msgspec.Struct, frozen=True):
    """One entry of a list with its labels and everyday synonyms."""

    slug: str
    de: str
    en: str
    synonyms: list[str] = []


class VocabularyView(msgspec.Struct, frozen=True):
    """All lists by name (topics, target_groups, offer_kinds, stages, languages …) and the synonyms of search."""

    lists: dict[str, list[TermView]]
    search_synonyms: list[list[str]]
