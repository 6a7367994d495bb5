"""Changing saved searches: what their owners do, and what is heard about addresses and accounts.

Events may come late, twice and in any order. So a search that was stopped is deleted and does not come back, and of two
decisions about one search the later counts, whichever is heard first.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from msgspec import UNSET

from infra.contracts.contacts import AccountAlertStopped, AccountChanged
from infra.contracts.newsletter import AlertConfirmed, AlertStopped
from infra.db import Transaction
from infra.ids import as_id
from infra.web.identity import Identity
from services.search import running
from services.search.commands import take_number
from services.search.domain import check_languages, check_values, checked_query
from services.search.finding import check_known
from services.search.models import SAVING, SavedSearch
from services.search.nearby import surroundings
from services.search.queries import numbers
from services.search.saved.domain import (
    NONE,
    UNCLAIMED_KEPT,
    account,
    check_frequency,
    check_room,
    named,
    next_run,
    subscription,
    surplus,
)
from services.search.saved.queries import one_owned
from services.search.saved.schemas import NewSavedSearch, SavedSearchChange
from services.search.schemas import Criteria

UNCLAIMED = ""


async def save(tx: Transaction, identity: Identity, wanted: NewSavedSearch, language: str) -> SavedSearch:
    """Keep a search: for the account that asks, else for whoever confirms an address within a week.

    Raises:
        Invalid: it could not be searched for either, or nobody would ever be told.
        Conflict: the account has as many as it may have.
    """
    recipient = UNCLAIMED if identity.anonymous else account(identity.account)
    check_frequency(wanted.frequency, recipient)
    criteria = await _checked(wanted)
    await take_number(tx, SAVING)  # who saves another one waits here, so that none goes uncounted
    held = await SavedSearch.filter(recipient=recipient).using_db(tx.connection).count()
    if recipient:
        check_room(held)
    else:
        await _forget_oldest(tx, surplus(held))
    now, position = datetime.now(UTC), (await numbers()).last_change
    return await SavedSearch.create(
        using_db=tx.connection,
        recipient=recipient,
        name=named(wanted.name, criteria.q, language),
        criteria=msgspec.to_builtins(criteria),
        language=language,
        frequency=wanted.frequency,
        decided_at=now,
        created_at=now,
        looked_at=now,
        looked_up_to=position,
        told_at=now,
        told_up_to=position,
        next_at=next_run(wanted.frequency, now) if recipient else None,
    )


async def change(tx: Transaction, identity: Identity, identifier: str, wanted: SavedSearchChange) -> SavedSearch:
    """Another name or frequency. A frequency takes effect from now on; mails that were off tell of what comes now.

    Raises:
        Unauthenticated, NotFound: not signed in, or not theirs.
    """
    row = await one_owned(identity, identifier)
    values: dict[str, object] = {}
    if wanted.name is not UNSET:
        values["name"] = named(wanted.name, row.criteria["q"], row.language)
    if wanted.frequency is not UNSET and wanted.frequency != row.frequency:
        now = datetime.now(UTC)
        values |= {"frequency": wanted.frequency, "decided_at": now, "next_at": next_run(wanted.frequency, now)}
        if row.frequency == NONE:
            values |= {"told_at": now, "told_up_to": (await numbers()).last_change}
    if values:
        await SavedSearch.filter(id=row.id).using_db(tx.connection).update(**values)
    return row.update_from_dict(values)


async def look(tx: Transaction, identity: Identity, identifier: str, mark: int) -> SavedSearch:
    """The owner has seen what was new up to `mark`; a mark of the future counts as now.

    Raises:
        Unauthenticated, NotFound: not signed in, or not theirs.
    """
    row = await one_owned(identity, identifier)
    values = {"looked_at": datetime.now(UTC), "looked_up_to": min(mark, (await numbers()).last_change)}
    further = SavedSearch.filter(id=row.id, looked_up_to__lte=values["looked_up_to"]).using_db(tx.connection)
    return row.update_from_dict(values) if await further.update(**values) else row


async def delete(tx: Transaction, identity: Identity, identifier: str) -> None:
    """Forget a search. Raises Unauthenticated or NotFound as above."""
    row = await one_owned(identity, identifier)
    await SavedSearch.filter(id=row.id).using_db(tx.connection).delete()


async def claim(tx: Transaction, event: AlertConfirmed) -> None:
    """Somebody has confirmed an address for a search that waited; from now on it is told. Only the first one counts."""
    now = datetime.now(UTC)
    await (
        SavedSearch.filter(id=as_id(event.saved_search), recipient=UNCLAIMED)
        .using_db(tx.connection)
        .update(
            recipient=subscription(event.id),
            frequency=event.frequency,
            language=event.language,
            decided_at=now,
            next_at=next_run(event.frequency, now),
        )
    )


async def end_subscription(tx: Transaction, event: AlertStopped) -> None:
    """Nobody else may see the search, so it goes, also when the stop is heard before the confirmation."""
    recipients = [UNCLAIMED, subscription(event.id)]
    await SavedSearch.filter(id=as_id(event.saved_search), recipient__in=recipients).using_db(tx.connection).delete()


async def silence(tx: Transaction, event: AccountAlertStopped, time: str) -> None:
    """The owner wants no more mails, unless they have chosen a frequency after that `time` (ISO)."""
    decided = datetime.fromisoformat(time)
    searches = SavedSearch.filter(id=as_id(event.id), recipient=account(event.account), decided_at__lt=decided)
    await searches.using_db(tx.connection).update(frequency=NONE, decided_at=decided, next_at=None)


async def follow_account(tx: Transaction, event: AccountChanged, time: str) -> None:
    """What a closed account had saved until that `time` (ISO) goes with it."""
    if event.active:
        return
    searches = SavedSearch.filter(recipient=account(event.id), created_at__lte=datetime.fromisoformat(time))
    await searches.using_db(tx.connection).delete()


async def forget_unclaimed(tx: Transaction, now: datetime) -> None:
    """Delete what nobody confirmed an address for."""
    late = SavedSearch.filter(recipient=UNCLAIMED, created_at__lt=now - UNCLAIMED_KEPT)
    await late.using_db(tx.connection).delete()


async def _forget_oldest(tx: Transaction, number: int) -> None:
    """Delete so many of those that nobody has claimed; their ids are in the order of time."""
    if number:
        waiting = SavedSearch.filter(recipient=UNCLAIMED).using_db(tx.connection)
        ids = await waiting.order_by("id").limit(number).values_list("id", flat=True)
        await SavedSearch.filter(id__in=ids, recipient=UNCLAIMED).using_db(tx.connection).delete()


async def _checked(wanted: Criteria) -> Criteria:
    """The criteria in one form. Raises Invalid as a search for them would."""
    filters = {facet: sorted(values) for facet, values in wanted.filters().items()}
    check_values(filters)
    check_languages(filters.get("language", ()))
    await check_known(wanted.filters())
    surroundings(wanted.near, wanted.radius, running.current().knowledge)
    near = " ".join(wanted.near.split())
    radius = wanted.radius if near else Criteria().radius
    return Criteria(q=checked_query(wanted.q), near=near, radius=radius, **filters)
