"""Reading the controlled vocabularies: all lists in one statement."""

from __future__ import annotations

from services.contacts.vocabulary.models import Vocabulary
from services.contacts.vocabulary.schemas import TermView, VocabularyView

SYNONYMS = "search_synonyms"


async def vocabulary() -> VocabularyView:
    """All lists with their terms in the order given, and the groups of search synonyms."""
    rows = await Vocabulary.all().order_by("slug")
    lists = {row.slug: [TermView(**term) for term in row.terms] for row in rows if row.slug != SYNONYMS}
    groups = [list(group) for row in rows if row.slug == SYNONYMS for group in row.groups]
    return VocabularyView(lists, groups)


async def known_terms() -> dict[str, frozenset[str]]:
    """The slugs of every list."""
    rows = await Vocabulary.all()
    return {row.slug: frozenset(term["slug"] for term in row.terms) for row in rows}


async def labels(name: str) -> list[TermView]:
    """The terms of one list in the order given; none when there is no such list."""
    row = await Vocabulary.get_or_none(slug=name)
    return [TermView(**term) for term in row.terms] if row else []
