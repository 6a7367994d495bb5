"""Writes into the ledger that the server took a mail which asked for consent: when, and with what answer.

The mail is sent outside a transaction, so this is noted afterwards: what a killed worker has not noted, the next does.
"""

from __future__ import annotations

from typing import Any, TypeVar

from infra.db import transaction
from infra.mail.posting.domain import OPEN, SENT
from infra.mail.posting.models import Posting
from services.newsletter.jobs import SERVICE
from services.newsletter.subscribers.domain import ASKED, MAILED, MOVE_ASKED
from services.newsletter.subscribers.models import Consent

P = TypeVar("P", bound=Posting)
_BATCH = 200


async def note_taken(model: type[P], asker: str, **forgotten: Any) -> None:
    """Note what came of the mails of a table that were dealt with since.

    `asker` names the column with the subscription that asked; `forgotten` are columns to empty now.
    """
    while await _note(model, asker, forgotten) == _BATCH:
        pass


async def _note(model: type[P], asker: str, forgotten: dict[str, Any]) -> int:
    async with transaction(SERVICE) as tx:
        settled = model.filter(noted=False).exclude(status__in=OPEN).using_db(tx.connection)
        rows = await settled.order_by("id").limit(_BATCH).select_for_update(skip_locked=True)
        taken = {row.message_id: row for row in rows if row.status == SENT}
        people = [getattr(row, asker) for row in taken.values()]
        lines = Consent.filter(subscriber_id__in=people, act__in=(ASKED, MOVE_ASKED)).using_db(tx.connection)
        proof = [_proof(line, taken[line.message_id]) for line in await lines if line.message_id in taken]
        await Consent.bulk_create(proof, using_db=tx.connection)
        ids = [row.id for row in rows]
        await model.filter(id__in=ids).using_db(tx.connection).update(noted=True, **forgotten)
    return len(rows)


def _proof(asked: Consent, mail: Posting) -> Consent:
    return Consent(
        subscriber_id=asked.subscriber_id,
        address_hash=asked.address_hash,
        act=MAILED,
        at=mail.changed_at,
        way="mail",
        text_version=asked.text_version,
        language=asked.language,
        message_id=mail.message_id,
        about=asked.about,
        note=str(mail.reply_code),
    )
