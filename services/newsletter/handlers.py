"""What the newsletter listens to: what contacts publishes that an issue or a reader's choice refers to, and alerts."""

from __future__ import annotations

from infra.contracts.contacts import (
    EventPublished,
    NetworkPublished,
    OfferPublished,
    OfferWithdrawn,
    RegionPublished,
    VocabularyPublished,
)
from infra.contracts.search import AlertDue
from infra.db import Transaction
from infra.inbox import Handlers, Meta
from services.newsletter.alerts.commands import take_due
from services.newsletter.directory import commands

handlers = Handlers("newsletter")


@handlers.on(RegionPublished)
async def keep_region(tx: Transaction, event: RegionPublished, _meta: Meta) -> None:
    """The territory decides whom an offer concerns."""
    await commands.keep_region(tx, event)


@handlers.on(VocabularyPublished)
async def keep_vocabulary(tx: Transaction, event: VocabularyPublished, _meta: Meta) -> None:
    """Topics that readers choose from, with their labels."""
    await commands.keep_vocabulary(tx, event)


@handlers.on(NetworkPublished)
async def keep_network(tx: Transaction, event: NetworkPublished, _meta: Meta) -> None:
    """The name to print beside an offer."""
    await commands.keep_network(tx, event)


@handlers.on(OfferPublished)
async def collect_offer(tx: Transaction, event: OfferPublished, _meta: Meta) -> None:
    """A new or changed offer."""
    await commands.collect_offer(tx, event)


@handlers.on(OfferWithdrawn)
async def withdraw_offer(tx: Transaction, event: OfferWithdrawn, _meta: Meta) -> None:
    """An offer that must not be mailed any more."""
    await commands.withdraw_offer(tx, event)


@handlers.on(EventPublished)
async def collect_event(tx: Transaction, event: EventPublished, _meta: Meta) -> None:
    """A new or changed date."""
    await commands.collect_event(tx, event)


@handlers.on(AlertDue)
async def take_alert(tx: Transaction, event: AlertDue, meta: Meta) -> None:
    """What a saved search found, for people without an account."""
    await take_due(tx, event, meta.time)
