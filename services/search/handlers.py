"""What search does with each event: keep the document, leave a tombstone, or learn a region or words."""

from __future__ import annotations

from infra.contracts.contacts import (
    ContactPointPublished,
    DocumentPublished,
    EventPublished,
    GlossaryTermPublished,
    NetworkPublished,
    OfferPublished,
    OfferWithdrawn,
    OrganisationPublished,
    RegionPublished,
    StateProfilePublished,
    VocabularyPublished,
)
from infra.contracts.forum import TopicChanged, TopicRemoved
from infra.contracts.newsletter import IssuePublished
from infra.contracts.registry import Event
from infra.db import Transaction
from infra.inbox import Handlers, Meta
from services.search import commands
from services.search.documents import document_of

DESCRIBING: tuple[type[Event], ...] = (
    ContactPointPublished,
    DocumentPublished,
    EventPublished,
    GlossaryTermPublished,
    IssuePublished,
    NetworkPublished,
    OfferPublished,
    OrganisationPublished,
    StateProfilePublished,
    TopicChanged,
)
REMOVING: tuple[type[Event], ...] = (OfferWithdrawn, TopicRemoved)

handlers = Handlers("search")


async def store_document(tx: Transaction, event: Event, _meta: Meta) -> None:
    """Make what the event describes findable."""
    await commands.store(tx, document_of(event))


async def remove_document(tx: Transaction, event: Event, _meta: Meta) -> None:
    """Make a thing impossible to find."""
    await commands.remove(tx, event.id, event.subject_kind, event.version)


for described in DESCRIBING:
    handlers.on(described)(store_document)
for removed in REMOVING:
    handlers.on(removed)(remove_document)


@handlers.on(RegionPublished)
async def keep_region(tx: Transaction, event: RegionPublished, _meta: Meta) -> None:
    """Know a region."""
    await commands.keep_region(tx, event)


@handlers.on(VocabularyPublished)
async def keep_vocabulary(tx: Transaction, event: VocabularyPublished, _meta: Meta) -> None:
    """Know words and what they mean."""
    await commands.keep_vocabulary(tx, event)
