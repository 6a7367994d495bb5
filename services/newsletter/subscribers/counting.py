"""How many mails forms may cause to one mailbox, whatever the form: signing up, alerts, the way to one's own data.

Anybody can type anybody's address, so what is counted is the mailbox, in every spelling, and its row is locked first:
orders at the same moment wait for one another.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from infra.db import Transaction
from services.newsletter.subscribers.addresses import inbox_of
from services.newsletter.subscribers.models import AlertAddress
from services.newsletter.subscribers.queries import hash_of

DAY, WEEK = timedelta(days=1), timedelta(days=7)
# So many a day and a week; more once the owner has confirmed anything here, since then they know us.
LIMITS = ((DAY, 3), (WEEK, 5))
LIMITS_KNOWN = ((DAY, 10), (WEEK, 20))


async def locked_inbox(tx: Transaction, address: str, now: datetime) -> AlertAddress:
    """The row of a mailbox, there and locked: inserted or touched in one statement, so that two at once wait."""
    hashed = hash_of(inbox_of(address))
    entry = AlertAddress(address_hash=hashed, mailed=[], changed_at=now)
    await AlertAddress.bulk_create(
        [entry], on_conflict=["address_hash"], update_fields=["changed_at"], using_db=tx.connection
    )
    return await AlertAddress.filter(address_hash=hashed).using_db(tx.connection).get()


def has_room(entry: AlertAddress, *, known: bool, now: datetime) -> bool:
    """Whether another mail may go to this mailbox; `known`: its owner has confirmed something here."""
    mailed, limits = _of_this_week(entry, now), LIMITS_KNOWN if known else LIMITS
    return all(sum(now - at < window for at in mailed) < most for window, most in limits)


async def count(tx: Transaction, entry: AlertAddress, now: datetime) -> None:
    """Write down that a form causes a mail to this mailbox now."""
    entry.mailed = [at.isoformat() for at in (*_of_this_week(entry, now), now)]
    await entry.save(using_db=tx.connection, update_fields=["mailed"])


async def forget_counts(tx: Transaction, now: datetime) -> None:
    """Delete what no window looks at any more."""
    await AlertAddress.filter(changed_at__lt=now - WEEK).using_db(tx.connection).delete()


def _of_this_week(entry: AlertAddress, now: datetime) -> list[datetime]:
    return [at for at in map(datetime.fromisoformat, entry.mailed) if now - at < WEEK]
