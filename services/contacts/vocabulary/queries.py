"""Reading the controlled vocabularies: all lists in one statement.

What every change of an offer is held against is kept in memory between requests. Each time the database is asked which
state every list is in, so a list that another process has changed counts from its commit on.
"""

from __future__ import annotations

from infra.db.routing import reading
from services.contacts.vocabulary.models import Vocabulary
from services.contacts.vocabulary.schemas import TermView, VocabularyView

SYNONYMS = "search_synonyms"
_kept: dict[str, tuple[object, frozenset[str]]] = {}  # by list: its state and its slugs


async def vocabulary() -> VocabularyView:
    """All lists with their terms in the order given, and the groups of search synonyms."""
    rows = await Vocabulary.all().order_by("slug")
    lists = {row.slug: [TermView(**term) for term in row.terms] for row in rows if row.slug != SYNONYMS}
    groups = [list(group) for row in rows if row.slug == SYNONYMS for group in row.groups]
    return VocabularyView(lists, groups)


async def known_terms() -> dict[str, frozenset[str]]:
    """The slugs of every list."""
    statement = f"SELECT slug, version, updated_at FROM {Vocabulary._meta.db_table}"  # noqa: S608 - ours
    rows = await reading("contacts").execute_query_dict(statement)
    # The time beside the version: after a restored backup the same version may say something else.
    states = {row["slug"]: (row["version"], row["updated_at"]) for row in rows}
    outdated = [slug for slug, state in states.items() if slug not in _kept or _kept[slug][0] != state]
    if outdated:
        for row in await Vocabulary.filter(slug__in=outdated):
            _kept[row.slug] = states[row.slug], frozenset(term["slug"] for term in row.terms)
    return {slug: _kept[slug][1] for slug in states}


async def labels(name: str) -> list[TermView]:
    """The terms of one list in the order given; none when there is no such list."""
    row = await Vocabulary.get_or_none(slug=name)
    return [TermView(**term) for term in row.terms] if row else []
