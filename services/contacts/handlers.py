"""What contacts listens to: what the saved searches of its accounts have found."""

from __future__ import annotations

from infra.contracts.search import AlertDue
from infra.db import Transaction
from infra.inbox import Handlers, Meta
from services.contacts.alerts.commands import take_due

handlers = Handlers("contacts")


@handlers.on(AlertDue)
async def take_alert(tx: Transaction, event: AlertDue, meta: Meta) -> None:
    """What a saved search found, for who has an account."""
    await take_due(tx, event, meta.time)
