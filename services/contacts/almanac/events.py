"""State profiles and glossary terms as events."""

from __future__ import annotations

from infra.contracts.contacts import GlossaryTermPublished, StateProfilePublished
from services.contacts.almanac.models import GlossaryTerm, StateProfile


def state_profile_published(row: StateProfile) -> StateProfilePublished:
    """A state profile with all its sections in plain words."""
    words = [row.strategy.get("name", "")]
    for section in row.sections:
        words += [section["title"], *section["bullets"]]
    return StateProfilePublished(
        id=str(row.id),
        version=row.version,
        slug=row.slug,
        name=row.name,
        region=row.region,
        districts=[row.region],
        source=row.source,
        stand=row.stand,
        text="\n".join(word for word in [*words, *row.planned_changes] if word),
    )


def glossary_term_published(row: GlossaryTerm) -> GlossaryTermPublished:
    """An abbreviation; where no source spells it out, it is its own name."""
    return GlossaryTermPublished(
        id=str(row.id),
        version=row.version,
        slug=row.slug,
        name=row.long or row.name,
        short=row.name,
        description=row.note,
        source=row.source,
        stand=row.stand,
        refers_to=row.ref,
    )
