"""What search does with each event: keep a document, leave a tombstone, learn regions and words, know whom to tell."""

from __future__ import annotations

from infra.contracts.contacts import (
    AccountAlertStopped,
    AccountChanged,
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
from infra.contracts.newsletter import (
    AlertConfirmed,
    AlertStopped,
    ArticlePublished,
    ArticleWithdrawn,
    IssuePublished,
)
from infra.contracts.registry import Event
from infra.db import Transaction
from infra.inbox import Handlers, Meta
from services.search import commands
from services.search.documents import document_of
from services.search.saved import commands as saved

DESCRIBING: tuple[type[Event], ...] = (
    ArticlePublished,
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
REMOVING: tuple[type[Event], ...] = (ArticleWithdrawn, OfferWithdrawn, TopicRemoved)

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


@handlers.on(AlertConfirmed)
async def claim_search(tx: Transaction, event: AlertConfirmed, _meta: Meta) -> None:
    """Tell somebody without an account from now on."""
    await saved.claim(tx, event)


@handlers.on(AlertStopped)
async def forget_search(tx: Transaction, event: AlertStopped, _meta: Meta) -> None:
    """Tell them no more."""
    await saved.end_subscription(tx, event)


@handlers.on(AccountAlertStopped)
async def silence_search(tx: Transaction, event: AccountAlertStopped, meta: Meta) -> None:
    """Tell the holder of an account no more; the search stays theirs."""
    await saved.silence(tx, event, meta.time)


@handlers.on(AccountChanged)
async def follow_account(tx: Transaction, event: AccountChanged, meta: Meta) -> None:
    """Let go of what a closed account had saved."""
    await saved.follow_account(tx, event, meta.time)
