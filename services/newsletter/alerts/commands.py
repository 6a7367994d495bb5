"""Signing up for an alert, confirming and stopping it, and taking in what search found.

Rows are locked in one order: the address first, then the subscription.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from infra.contracts.search import AlertDue
from infra.db import Transaction
from infra.errors import Conflict, FieldError, Invalid, NotFound, Text
from infra.ids import as_id, new_id
from infra.mail.alerts import addressed
from infra.mail.posting.domain import OPEN
from infra.mail.posting.rounds import forget_settled, new_posting
from infra.outbox import record, record_all
from services.newsletter.alerts.domain import (
    ACTIVE,
    BAD_PATH,
    BAD_SEARCH,
    CONSENT_VERSION,
    KEEP_MAILS,
    MOST_ALERTS,
    PENDING,
    SAME_SEARCH,
    UNCONFIRMED,
    Purpose,
    label_of,
    search_path,
)
from services.newsletter.alerts.events import alert_confirmed, alert_stopped
from services.newsletter.alerts.models import AlertMail, AlertSubscription
from services.newsletter.alerts.queries import subscription_of
from services.newsletter.alerts.schemas import AlertRequest
from services.newsletter.context import current
from services.newsletter.jobs import SEND_ALERTS, jobs
from services.newsletter.subscribers.counting import count, has_room, locked_inbox
from services.newsletter.subscribers.domain import ASKED, CONFIRMED, UNSUBSCRIBED
from services.newsletter.subscribers.ledger import write_ledger
from services.newsletter.subscribers.models import Consent
from services.newsletter.subscribers.queries import hash_of, may_be_written_to, read_address

_GONE = Text(
    "Diese Meldung gibt es nicht mehr. Sie können die Suche jederzeit neu speichern.",
    "This alert no longer exists. You can save the search again at any time.",
)
_ENOUGH = Text(
    f"Für diese Adresse gibt es schon {MOST_ALERTS} Meldungen. Beenden Sie zuerst eine davon: "
    "Jede Meldung enthält einen Link dafür.",
    f"This address has {MOST_ALERTS} alerts already. Please stop one of them first: "
    "each alert contains a link for that.",
)


async def sign_up(tx: Transaction, request: AlertRequest) -> None:
    """Take a wish for an alert and queue the mail that asks to confirm it.

    Where no mail may go out, because of the windows or since the address must not be written to, nothing is kept
    either. A confirmed alert is never changed this way. Raises Invalid with every wrong field.
    """
    address, saved_search, path = _checked(request)
    now, hashed = datetime.now(UTC), hash_of(address)
    if not await may_be_written_to(hashed, now):
        return
    entry = await locked_inbox(tx, address, now)
    known = await _of_search(tx, hashed, saved_search)
    lately = known is not None and known.mailed_at is not None and now - known.mailed_at < SAME_SEARCH
    if lately or not has_room(entry, known=await _active(tx, hashed) > 0, now=now):
        return
    wish = {"frequency": request.frequency, "label": label_of(request.label), "path": path}
    row = known or AlertSubscription(address=address, address_hash=hashed, saved_search=saved_search, asked_at=now)
    if row.status == PENDING:
        row.update_from_dict({**wish, "language": request.language})
    row.mailed_at = now
    await row.save(using_db=tx.connection)
    await count(tx, entry, now)
    await _ask(tx, row, now)


async def confirm(tx: Transaction, token: str) -> AlertSubscription:
    """Start an alert by the token of its confirmation mail; confirming twice changes nothing.

    Raises Invalid (bad token), NotFound (deleted meanwhile), Conflict (the address has as many as it may).
    """
    subscription_id = subscription_of(Purpose.CONFIRM, token)
    asked = await AlertSubscription.filter(id=subscription_id).using_db(tx.connection).first()
    if asked is None:
        raise NotFound(_GONE)
    now = datetime.now(UTC)
    await locked_inbox(tx, asked.address, now)
    row = await _find_locked(tx, subscription_id)
    if row is None:
        raise NotFound(_GONE)
    if row.status == PENDING:
        if await _active(tx, row.address_hash) >= MOST_ALERTS:
            raise Conflict(_ENOUGH)
        await _update(tx, row, status=ACTIVE, confirmed_at=now)
        await _write_ledger(tx, row, CONFIRMED, "link-and-button")
        await record(tx, alert_confirmed(row))
    return row


async def stop(tx: Transaction, token: str, way: str) -> None:
    """End an alert: row and address go, and what mail servers said, which may name it.

    Nothing happens when it has ended before. Raises Invalid (bad token).
    """
    row = await _find_locked(tx, subscription_of(Purpose.STOP, token))
    if row is not None:
        await _end(tx, row, UNSUBSCRIBED, way)


async def end_all(tx: Transaction, address_hash: str, act: str, way: str) -> None:
    """End every alert of an address, and forget those that were never confirmed."""
    same = AlertSubscription.filter(address_hash=address_hash).using_db(tx.connection)
    for row in await same.order_by("id").select_for_update():
        await _end(tx, row, act, way)


async def _end(tx: Transaction, row: AlertSubscription, act: str, way: str) -> None:
    await _write_ledger(tx, row, act, way)
    settled = AlertMail.filter(subscription_id=row.id).using_db(tx.connection)
    await settled.exclude(status__in=OPEN).delete()
    await row.delete(using_db=tx.connection)
    if row.status == ACTIVE:
        await record(tx, alert_stopped(row))


async def take_due(tx: Transaction, due: AlertDue, told_at: str) -> None:
    """Queue the mail for what search found, once; what is older than the last one, or for nobody here, is ignored."""
    now = datetime.now(UTC)
    subscription_id = addressed(due, "subscription", told_at, now)
    row = await _find_locked(tx, subscription_id) if subscription_id else None
    if row is None or row.status != ACTIVE or str(row.saved_search) != due.id or due.version <= row.version:
        return
    await _update(tx, row, version=due.version)
    await _queue(tx, row, uuid5(row.id, str(due.version)), now, kind="due", due=msgspec.to_builtins(due))


async def tell_confirmed_again(tx: Transaction) -> int:
    """Record every alert as it stands, for a consumer that comes after the log was shortened; returns how many."""
    rows = await AlertSubscription.filter(status=ACTIVE).using_db(tx.connection).order_by("id")
    await record_all(tx, map(alert_confirmed, rows))
    return len(rows)


async def forget(tx: Transaction, now: datetime) -> int:
    """Delete what nobody confirmed in time with all that was kept about it, and old mails; returns how many."""
    old = AlertSubscription.filter(status=PENDING, asked_at__lt=now - UNCONFIRMED).using_db(tx.connection)
    ids = list(await old.values_list("id", flat=True))
    await Consent.filter(subscriber_id__in=ids).using_db(tx.connection).delete()
    await AlertMail.filter(subscription_id__in=ids).using_db(tx.connection).delete()
    await forget_settled(tx, AlertMail, now - KEEP_MAILS)
    return await AlertSubscription.filter(id__in=ids, status=PENDING).using_db(tx.connection).delete()


def _checked(request: AlertRequest) -> tuple[str, UUID, str]:
    """The address to write to, the search and its path. Raises Invalid with every wrong field."""
    address, problem = read_address(request.email)
    saved_search, path = as_id(request.saved_search), search_path(request.path)
    if not problem and saved_search and path:
        return address, saved_search, path
    checks = ((saved_search, "saved_search", BAD_SEARCH), (path, "path", BAD_PATH))
    raise Invalid(fields=[*problem, *(FieldError(field, text) for well, field, text in checks if not well)])


async def _of_search(tx: Transaction, address_hash: str, saved_search: UUID) -> AlertSubscription | None:
    same = AlertSubscription.filter(address_hash=address_hash, saved_search=saved_search).using_db(tx.connection)
    return await same.select_for_update().first()


async def _active(tx: Transaction, address_hash: str) -> int:
    return await AlertSubscription.filter(address_hash=address_hash, status=ACTIVE).using_db(tx.connection).count()


async def _find_locked(tx: Transaction, subscription_id: UUID) -> AlertSubscription | None:
    return await AlertSubscription.filter(id=subscription_id).using_db(tx.connection).select_for_update().first()


async def _update(tx: Transaction, row: AlertSubscription, **values: object) -> None:
    row.update_from_dict(values)
    await row.save(using_db=tx.connection, update_fields=list(values))


async def _write_ledger(tx: Transaction, row: AlertSubscription, act: str, way: str, message_id: str = "") -> None:
    about = f"{row.frequency} {row.saved_search}"
    await write_ledger(tx, row, act, way, message_id=message_id, text_version=CONSENT_VERSION, about=about)


async def _ask(tx: Transaction, row: AlertSubscription, now: datetime) -> None:
    """Put the mail into the post that asks to confirm or, for who has done so, says that all stays as it is."""
    pending = row.status == PENDING
    mail = await _queue(tx, row, new_id(), now, kind="confirm" if pending else "already")
    if pending:
        await _write_ledger(tx, row, ASKED, "form", mail.message_id)


async def _queue(tx: Transaction, row: AlertSubscription, mail_id: UUID, now: datetime, **values: Any) -> AlertMail:
    mail = new_posting(AlertMail, current(), now, mail_id, subscription_id=row.id, **values)
    await mail.save(using_db=tx.connection, force_create=True)
    tx.after_commit(jobs.later(SEND_ALERTS))
    return mail
