"""Controlled vocabularies as events."""

from __future__ import annotations

from infra.contracts.contacts import Term, VocabularyPublished
from services.contacts.vocabulary.models import Vocabulary


def vocabulary_published(row: Vocabulary) -> VocabularyPublished:
    """The whole list as it stands now."""
    return VocabularyPublished(
        id=str(row.id),
        version=row.version,
        slug=row.slug,
        terms=[Term(**term) for term in row.terms],
        synonym_groups=[list(group) for group in row.groups],
    )
