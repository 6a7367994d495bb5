"""Hands the mails about subscriptions to the mail server, and writes into the ledger that it took them."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.db import Transaction, transaction
from infra.mail.posting.commands import post_all_due, release_expired
from infra.mail.posting.domain import OPEN, SENT
from infra.mail.posting.rounds import returning
from services.newsletter.context import current
from services.newsletter.jobs import SERVICE
from services.newsletter.subscribers.domain import ASKED, MAILED, MOVE_ASKED
from services.newsletter.subscribers.mails import service_mail
from services.newsletter.subscribers.models import Consent, ServiceMail

_BATCH = 200


async def send_service_mails() -> None:
    """Send what waits, then note what came of it; what a killed worker has not noted, the next run does."""
    await post_all_due(SERVICE, ServiceMail, current().mailer, returning(current(), service_mail))
    while await _note():
        pass


async def find_due() -> None:
    """Take up again what was left: expired leases, and retries that are due."""
    await release_expired(ServiceMail, datetime.now(UTC))
    await send_service_mails()


async def _note() -> bool:
    """Write the proof for mails that were dealt with, and forget the addresses they went to."""
    async with transaction(SERVICE) as tx:
        settled = ServiceMail.filter(noted=False).exclude(status__in=OPEN).using_db(tx.connection)
        rows = await settled.order_by("id").limit(_BATCH).select_for_update(skip_locked=True)
        for row in rows:
            if row.status == SENT:
                await _prove(tx, row)
        ids = [row.id for row in rows]
        await ServiceMail.filter(id__in=ids).using_db(tx.connection).update(noted=True, address="")
    return len(rows) == _BATCH


async def _prove(tx: Transaction, row: ServiceMail) -> None:
    """The line that says when the server took the mail which asked, and what it answered."""
    lines = Consent.filter(subscriber_id=row.subscriber_id, message_id=row.message_id).using_db(tx.connection)
    asked = await lines.filter(act__in=(ASKED, MOVE_ASKED)).first()
    if asked is None:
        return
    await Consent.create(
        subscriber_id=asked.subscriber_id,
        address_hash=asked.address_hash,
        act=MAILED,
        at=row.changed_at,
        way="mail",
        text_version=asked.text_version,
        language=asked.language,
        message_id=row.message_id,
        note=str(row.reply_code),
        using_db=tx.connection,
    )
