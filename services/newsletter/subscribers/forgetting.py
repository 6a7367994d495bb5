"""What is deleted by itself: sign-ups and moves nobody confirmed, mails dealt with, counts, and proof that grew old."""

from __future__ import annotations

from datetime import datetime, timedelta

from infra.db import Transaction
from infra.mail.posting.rounds import forget_settled
from services.newsletter.context import current
from services.newsletter.subscribers.counting import forget_counts
from services.newsletter.subscribers.domain import (
    BLOCKED,
    ENDED,
    ERASED,
    KEEP_MAILS,
    LIFETIMES,
    PENDING,
    UNCONFIRMED_DAYS,
    UNSUBSCRIBED,
    Purpose,
)
from services.newsletter.subscribers.models import AddressMove, Consent, ServiceMail, Subscriber

# One transaction stays short; the next hour takes the rest.
_MOST = 1000


async def forget(tx: Transaction, now: datetime) -> None:
    """Delete all that has had its time."""
    await _unconfirmed(tx, now)
    await AddressMove.filter(asked_at__lt=now - LIFETIMES[Purpose.MOVE]).using_db(tx.connection).delete()
    await forget_settled(tx, ServiceMail, now - KEEP_MAILS)
    await forget_counts(tx, now)
    await _old_proof(tx, now)


async def _unconfirmed(tx: Transaction, now: datetime) -> None:
    """Sign-ups that nobody confirmed in time, with all that was kept about them."""
    limit = now - timedelta(days=UNCONFIRMED_DAYS)
    old = Subscriber.filter(status=PENDING, asked_at__lt=limit).using_db(tx.connection)
    ids = list(await old.limit(_MOST).values_list("id", flat=True))
    await Consent.filter(subscriber_id__in=ids).using_db(tx.connection).delete()
    await ServiceMail.filter(subscriber_id__in=ids).using_db(tx.connection).delete()
    await Subscriber.filter(id__in=ids, status=PENDING).using_db(tx.connection).delete()


async def _old_proof(tx: Transaction, now: datetime) -> None:
    """The proof of consents that ended so long ago that nobody asks for it (LOTSE_NEWSLETTER_PROOF_YEARS).

    Its default is the time after which claims lapse, three years (§ 195 BGB).
    """
    limit = now - timedelta(days=366 * current().settings.newsletter_proof_years)
    ended = Consent.filter(act__in=(UNSUBSCRIBED, ERASED, ENDED, BLOCKED), at__lt=limit).using_db(tx.connection)
    ids = list(await ended.limit(_MOST).values_list("subscriber_id", flat=True))
    await Consent.filter(subscriber_id__in=ids).using_db(tx.connection).delete()
