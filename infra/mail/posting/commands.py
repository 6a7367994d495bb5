"""Claims postings, hands them to the mailer and writes down what came of each.

A claim is committed before the first byte goes out, and each outcome right after the server's answer. A worker
that is killed in between leaves at most the one mail in hand in doubt: its lease runs out, and it goes out again
under the same Message-ID. Nobody is left out.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from tortoise.expressions import F

from infra import metrics
from infra.db import transaction
from infra.ids import new_id
from infra.mail import InvalidMail, Mail, Mailer, Outcome, Result
from infra.mail.posting.domain import (
    BATCH,
    BEHIND_OTHERS,
    CLAIMED,
    FAILED,
    LEASE,
    LEASE_MARGIN,
    SENT,
    SERVER_PAUSE,
    SUPPRESSED,
    WAITING,
    gives_up,
    pause,
)
from infra.mail.posting.models import Posting

log = logging.getLogger(__name__)
P = TypeVar("P", bound=Posting)


@dataclass(frozen=True)
class Batch(Generic[P]):
    """Rows of a table of `service` that this worker alone may send until `until`."""

    service: str
    model: type[P]
    lease: UUID
    until: datetime
    rows: Sequence[P]


async def claim(service: str, model: type[P], now: datetime, size: int = BATCH, **which: Any) -> Batch[P]:
    """Take up to `size` due rows (those that match `which`) for this worker; committed on return."""
    lease, until = new_id(), now + LEASE
    async with transaction(service) as tx:
        due = model.filter(status=WAITING, next_at__lte=now, **which).using_db(tx.connection)
        rows = await due.order_by("next_at", "id").limit(size).select_for_update(skip_locked=True)
        await (
            model.filter(id__in=[row.id for row in rows])
            .using_db(tx.connection)
            .update(status=CLAIMED, lease=lease, lease_until=until, attempts=F("attempts") + 1, changed_at=now)
        )
    for row in rows:
        row.attempts += 1
    return Batch(service, model, lease, until, rows)


async def post(batch: Batch[P], mailer: Mailer, compose: Callable[[P], Awaitable[Mail | None]]) -> None:
    """Send the rows of a batch one after the other; None from `compose` means that nobody wants the mail any more.

    Stops where every further mail would meet the same trouble, or where the lease is about to end; the rest
    waits then for the next round.
    """
    rest, later = deque(batch.rows), timedelta(0)
    try:
        while rest and datetime.now(UTC) <= batch.until - LEASE_MARGIN:
            row = rest.popleft()
            outcome = await _send(mailer, await compose(row))
            await _settle(batch, row, outcome)
            if outcome is not None and outcome.server_fault:
                log.warning("the mail server takes nothing, mails wait", extra={"smtp_code": outcome.code})
                later = SERVER_PAUSE
                return
    finally:  # also when this is cut off: only the mail in hand is in doubt and waits for its lease to end
        if rest:
            await _give_back(batch, rest, datetime.now(UTC) + later)


async def post_all_due(
    service: str, model: type[P], mailer: Mailer, compose: Callable[[P], Awaitable[Mail | None]]
) -> None:
    """Send what is due of a table, batch after batch, until nothing is."""
    while True:
        batch = await claim(service, model, datetime.now(UTC))
        if not batch.rows:
            return
        await post(batch, mailer, compose)


async def release_expired(model: type[P], now: datetime) -> int:
    """Let rows wait again whose worker has gone without a word; returns how many."""
    expired = model.filter(status=CLAIMED, lease_until__lt=now)
    return await expired.update(status=WAITING, lease=None, lease_until=None, next_at=now, changed_at=now)


async def _send(mailer: Mailer, mail: Mail | None) -> Outcome | None:
    if mail is None:
        return None
    try:
        return await mailer.send(mail)
    except InvalidMail as error:
        return Outcome(Result.PERMANENT, 0, f"not sent: {error}")


async def _settle(batch: Batch[P], row: P, outcome: Outcome | None) -> None:
    now = datetime.now(UTC)
    values = _result(row, outcome, now)
    await batch.model.filter(id=row.id, lease=batch.lease).update(
        lease=None, lease_until=None, changed_at=now, **values
    )
    metrics.MAILS.labels(batch.service, values["status"]).inc()


def _result(row: Posting, outcome: Outcome | None, now: datetime) -> dict[str, Any]:
    if outcome is None:
        return {"status": SUPPRESSED}
    if outcome.wait_seconds:  # nobody tried it: its rate is used up
        return {
            "status": WAITING,
            "next_at": now + timedelta(seconds=outcome.wait_seconds),
            "attempts": row.attempts - 1,
        }
    answer = {"reply_code": outcome.code, "reply": outcome.reply}
    if outcome.result is Result.ACCEPTED:
        return {"status": SENT, **answer}
    if outcome.result is Result.PERMANENT or gives_up(row.created_at, now):
        return {"status": FAILED, **answer}
    if outcome.server_fault:
        # Not this mail's attempt, it was never looked at. But it goes behind the others: if it is what makes the
        # server hang up, it must not do so to them for ever.
        next_at = now + SERVER_PAUSE + BEHIND_OTHERS
        return {"status": WAITING, "next_at": next_at, "attempts": row.attempts - 1, **answer}
    return {"status": WAITING, "next_at": now + pause(row.attempts), **answer}


async def _give_back(batch: Batch[P], rows: Iterable[P], next_at: datetime) -> None:
    await batch.model.filter(id__in=[row.id for row in rows], lease=batch.lease).update(
        status=WAITING, lease=None, lease_until=None, next_at=next_at, attempts=F("attempts") - 1
    )
