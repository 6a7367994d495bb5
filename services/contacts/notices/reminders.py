"""Tells a network's coordinators which of its offers end soon and which have ended.

Contacts asks itself, so no event is needed. What was told is known by the notices, which are kept for longer than the
days in which an offer is looked at: looking again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from infra.contracts.addresses import path
from infra.contracts.notices import OFFER_EXPIRED, OFFER_EXPIRING, NoticeWanted
from infra.db import Transaction
from services.contacts.entry import PLATFORM
from services.contacts.notices.commands import take
from services.contacts.offers.domain import PUBLISHED
from services.contacts.offers.models import Offer

SOON = timedelta(days=14)
LATELY = timedelta(days=7)


async def remind(tx: Transaction, now: datetime) -> None:
    """Note what there is to tell of offers that end within 14 days or ended in the last 7; each end is told once."""
    today = now.date()
    ours = Offer.filter(state=PUBLISHED, origin=PLATFORM).using_db(tx.connection)
    soon = await ours.filter(ends_on__gte=today, ends_on__lte=today + SOON).order_by("id")
    over = await ours.filter(ends_on__lt=today, ends_on__gte=today - LATELY).order_by("id")
    await _tell(tx, OFFER_EXPIRING, soon)
    await _tell(tx, OFFER_EXPIRED, over)


async def _tell(tx: Transaction, kind: str, offers: Sequence[Offer]) -> None:
    for offer in offers:
        if offer.ends_on is None or not offer.network:
            continue
        wanted = NoticeWanted(
            id=str(offer.id),
            version=offer.ends_on.toordinal(),  # an end that is put off is another one
            kind=kind,
            network=offer.network,
            path=path("offer", offer.slug),
            words={"title": offer.name, "title_en": offer.title_en, "day": offer.ends_on.isoformat()},
        )
        await take(tx, wanted, datetime.now(UTC).isoformat())
