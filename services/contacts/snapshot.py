"""Tells the current state once more, for consumers that come after the log was shortened."""

from __future__ import annotations

from infra.contracts.registry import Event
from infra.db import transaction
from infra.outbox import record_all
from services.contacts.accounts.events import account_changed
from services.contacts.accounts.models import Account
from services.contacts.accounts.queries import all_with_networks
from services.contacts.published import TABLES, events_of


async def snapshot() -> int:
    """Record every public thing and every account as it stands, in one transaction; returns how many events.

    Versions stay as they are, so a consumer that knows a thing already ignores it.
    """
    async with transaction("contacts") as tx:
        events: list[Event] = []
        for table in TABLES:
            rows = await table.model.filter(**dict(table.where)).order_by("id")
            events += await events_of(table, rows)
        accounts = await all_with_networks(await Account.all().order_by("id"))
        events += [account_changed(account, networks) for account, networks in accounts]
        await record_all(tx, events)
    return len(events)
