"""Takes in what search found for accounts, and stops alerts."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5

import msgspec

from infra.contracts.contacts import AccountAlertStopped
from infra.contracts.search import AlertDue
from infra.db import Transaction
from infra.ids import as_id
from infra.mail.alerts import addressed
from infra.mail.posting.rounds import new_posting
from infra.outbox import record
from services.contacts.accounts.models import Account
from services.contacts.alerts.models import AccountAlert, AlertMail
from services.contacts.alerts.queries import search_of
from services.contacts.context import current
from services.contacts.jobs import SEND_ALERTS, jobs


async def take_due(tx: Transaction, due: AlertDue, told_at: str) -> None:
    """Queue the mail for what search found, once.

    Ignored is what is older than the last one, what was told before its owner stopped the alerts, and what is for
    nobody who can sign in here.
    """
    now = datetime.now(UTC)
    account_id, saved_search = addressed(due, "account", told_at, now), as_id(due.id)
    if account_id is None or saved_search is None:
        return
    if not await Account.filter(id=account_id, active=True).using_db(tx.connection).exists():
        return
    alert = await _locked(tx, saved_search, account_id)
    if due.version <= alert.version or _stopped_since(alert, datetime.fromisoformat(told_at)):
        return
    await _update(tx, alert, version=due.version)
    mail_id = uuid5(saved_search, str(due.version))
    said = {"saved_search": saved_search, "due": msgspec.to_builtins(due)}
    await new_posting(AlertMail, current(), now, mail_id, **said).save(using_db=tx.connection, force_create=True)
    tx.after_commit(jobs.later(SEND_ALERTS))


async def stop(tx: Transaction, token: str) -> None:
    """Stop the mails about a saved search and tell search, each time somebody asks: it may be on again there.

    Raises Invalid (bad token).
    """
    mailed = AccountAlert.filter(saved_search=search_of(token)).using_db(tx.connection)
    alert = await mailed.select_for_update().first()
    if alert is None:
        return
    await _update(tx, alert, stops=alert.stops + 1, stopped_at=datetime.now(UTC))
    told = AccountAlertStopped(id=str(alert.saved_search), version=alert.stops, account=str(alert.account_id))
    await record(tx, told)


def _stopped_since(alert: AccountAlert, told_at: datetime) -> bool:
    return alert.stopped_at is not None and told_at <= alert.stopped_at


async def _locked(tx: Transaction, saved_search: UUID, account_id: UUID) -> AccountAlert:
    newcomer = AccountAlert(saved_search=saved_search, account_id=account_id)
    await AccountAlert.bulk_create([newcomer], ignore_conflicts=True, using_db=tx.connection)
    return await AccountAlert.filter(saved_search=saved_search).using_db(tx.connection).select_for_update().get()


async def _update(tx: Transaction, alert: AccountAlert, **values: object) -> None:
    alert.update_from_dict(values)
    await alert.save(using_db=tx.connection, update_fields=list(values))
