"""What the forum does when other services tell of something."""

from __future__ import annotations

from datetime import datetime

from infra.contracts.contacts import AccountChanged, NetworkPublished, OfferPublished, OfferWithdrawn
from infra.db import Transaction
from infra.inbox import Handlers, Meta
from services.forum import offers, spaces

handlers = Handlers("forum")


@handlers.on(NetworkPublished)
async def keep_space(tx: Transaction, event: NetworkPublished, _meta: Meta) -> None:
    """Each network has a space."""
    await spaces.follow_network(tx, event)


@handlers.on(AccountChanged)
async def keep_member(tx: Transaction, event: AccountChanged, _meta: Meta) -> None:
    """People appear under the name they have now and belong to their networks."""
    await spaces.follow_account(tx, event)


@handlers.on(OfferPublished)
async def keep_offer_topic(tx: Transaction, event: OfferPublished, meta: Meta) -> None:
    """An offer of a network has a topic in its space."""
    offers.follow_publication(tx, event, datetime.fromisoformat(meta.time))


@handlers.on(OfferWithdrawn)
async def lock_offer_topic(tx: Transaction, event: OfferWithdrawn, _meta: Meta) -> None:
    """The topic of a withdrawn offer is locked."""
    offers.follow_withdrawal(tx, event)
