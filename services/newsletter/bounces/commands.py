"""What follows from what came in: an address is suppressed, a subscription ends, somebody's letter waits to be read.

Everything is entered once, whatever the way and however often it comes; what is entered and what follows from it are
one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from tortoise.functions import Count

from infra import metrics
from infra.contracts.newsletter import MailBounced
from infra.db import Transaction
from infra.db.retry import transact
from infra.db.statements import insert_rows
from infra.outbox import record
from infra.web.identity import Identity
from services.newsletter.alerts import commands as alerts
from services.newsletter.alerts import queries as alert_queries
from services.newsletter.alerts.domain import STOP_BY_MAIL
from services.newsletter.alerts.domain import Purpose as AlertPurpose
from services.newsletter.bounces import queries
from services.newsletter.bounces.domain import (
    COUNTED,
    DONE,
    KEEP_REPLIES,
    KEEP_RETURNS,
    SOFT_WINDOW,
    Kind,
    is_dead,
)
from services.newsletter.bounces.matching import Match, issues_answered, matched
from services.newsletter.bounces.models import Reply, ReturnedMail
from services.newsletter.bounces.reading import Letter, Reading
from services.newsletter.jobs import SERVICE
from services.newsletter.subscribers import commands as subscribers
from services.newsletter.subscribers import queries as subscriber_queries
from services.newsletter.subscribers.domain import BOUNCED, COMPLAINED, ENDED, LEAVE_BY_MAIL, Purpose
from services.newsletter.subscribers.models import Subscriber

RETURNED = metrics.counter(
    "lotse_returned_mails_total",
    "What came back or was written to us: hard, soft (bounces), complaint, note (of a mail still on its way), leave "
    "(unsubscribed by mail), reply (of a person), auto-reply, loop, unknown (about no mail of ours), unreadable",
    ["kind"],
)
_BY_MAIL = "mail"
_COLUMNS = (
    *("digest", "kind", "way", "at", "day", "service", "posting_id"),
    *("issue_id", "address_hash", "status", "domain", "diagnostic"),
)


async def settle(readings: Sequence[Reading]) -> None:
    """Enter what came in and do what follows; on return all of it is committed."""
    several = list({reading.digest: reading for reading in readings}.values())

    async def enter(tx: Transaction) -> list[ReturnedMail]:
        return await _settle(tx, several, datetime.now(UTC))

    for row in await transact(SERVICE, enter) if several else ():
        RETURNED.labels(row.kind).inc()


async def _settle(tx: Transaction, readings: Sequence[Reading], now: datetime) -> list[ReturnedMail]:
    """Returns the rows of what had not come in before."""
    matches = await matched(tx, readings)
    rows = [_row(reading, matches.get(reading.digest), now) for reading in readings]
    fresh = await _enter(tx, rows)
    new = [(row, reading) for row, reading in zip(rows, readings, strict=True) if row.digest in fresh]
    in_order = sorted(new, key=lambda each: each[0].address_hash)  # in which everybody locks addresses
    for place, (row, reading) in enumerate(in_order):
        if row.kind in COUNTED and row.service != SERVICE:
            await _tell(tx, row, int(now.timestamp() * 1_000_000) + place)
        elif row.kind in COUNTED:
            await _bounced(tx, row, now)
        elif reading.leaving is not None:
            await _leave(tx, *reading.leaving)
    await _keep_letters(tx, [reading for _, reading in new], now)
    return [row for row, _ in new]


def _row(reading: Reading, match: Match | None, now: datetime) -> ReturnedMail:
    """What is stored of it. A bounce or complaint about no mail of ours is unknown: it may be forged."""
    kind = reading.kind if match is not None or reading.kind not in COUNTED else Kind.UNKNOWN
    report = reading.report
    return ReturnedMail(
        digest=reading.digest,
        kind=kind.value,
        way=reading.way,
        at=now,
        day=now.date().isoformat(),
        service=match.service if match else "",
        posting_id=match.posting_id if match else None,
        issue_id=match.issue_id if match else None,
        address_hash=match.address_hash if match else "",
        status=report.status[:20] if report else "",
        domain=((match.domain if match else "") or (report.domain if report else ""))[:255],
        diagnostic=reading.diagnostic,
    )


async def _enter(tx: Transaction, rows: Sequence[ReturnedMail]) -> set[str]:
    """Insert the rows; returns the digests that were not there yet."""
    values = [tuple(_plain(getattr(row, column)) for column in _COLUMNS) for row in rows]
    statement, bound = insert_rows(tx.connection, ReturnedMail._meta.db_table, _COLUMNS, values)
    statement += " ON CONFLICT (digest) DO NOTHING RETURNING digest"
    return {row["digest"] for row in await tx.connection.execute_query_dict(statement, bound)}


def _plain(value: object) -> object:
    """Ids as text, which both databases take."""
    return value if value is None or isinstance(value, datetime) else str(value)


async def _tell(tx: Transaction, row: ReturnedMail, version: int) -> None:
    """Another service hears of its mail; versions rise, since they are microseconds."""
    await record(tx, MailBounced(id=str(row.posting_id), version=version, service=row.service, kind=row.kind))


async def _bounced(tx: Transaction, row: ReturnedMail, now: datetime) -> None:
    """An address that is ours is written to no more where the row, or its history, says so."""
    if not row.address_hash:
        return
    if row.kind == Kind.COMPLAINT:
        await _forbid(tx, row.address_hash, COMPLAINED, "complaint")
    elif row.kind == Kind.HARD:
        await _forbid(tx, row.address_hash, BOUNCED, "bounce", row.status)
    elif await _is_dead(tx, row.address_hash, now):
        await _forbid(tx, row.address_hash, BOUNCED, "soft-bounces", row.status)


async def _is_dead(tx: Transaction, address_hash: str, now: datetime) -> bool:
    soft = ReturnedMail.filter(address_hash=address_hash, kind=Kind.SOFT.value, at__gte=now - SOFT_WINDOW)
    days = soft.using_db(tx.connection).annotate(n=Count("digest")).group_by("day").values("day", "n")
    return is_dead([int(row["n"]) for row in await days])


async def _forbid(tx: Transaction, address_hash: str, reason: str, way: str, note: str = "") -> None:
    """Suppress an address; its subscription and its alerts end, each with a line in the ledger."""
    same = Subscriber.filter(address_hash=address_hash).using_db(tx.connection)
    subscriber = await same.select_for_update().first()
    if subscriber is None:
        await subscribers.suppress(tx, address_hash, reason)
    else:
        await subscribers.end(tx, subscriber, ENDED, way, reason=reason, note=note)
    await alerts.end_all(tx, address_hash, ENDED, way)


async def _leave(tx: Transaction, purpose: str, subject: UUID) -> None:
    """What the mail program of a subscriber asked for, to an address that only their mails have named."""
    if purpose == LEAVE_BY_MAIL:
        token = subscriber_queries.token_for(Purpose.UNSUBSCRIBE, subject)
        await subscribers.unsubscribe(tx, token, _BY_MAIL)
    elif purpose == STOP_BY_MAIL:
        await alerts.stop(tx, alert_queries.token_for(AlertPurpose.STOP, subject), _BY_MAIL)


async def _keep_letters(tx: Transaction, readings: Sequence[Reading], now: datetime) -> None:
    """Put what people wrote where somebody reads it."""
    about = await issues_answered(tx, readings)
    letters = [(reading.letter, about.get(reading.digest, "")) for reading in readings if reading.letter is not None]
    rows = [_reply(letter, issue, now) for letter, issue in letters]
    await Reply.bulk_create(rows, using_db=tx.connection)


async def mark(tx: Transaction, identity: Identity, name: str, state: str) -> Reply:
    """Say that somebody has dealt with a reply, or that it is open again. Raises NotFound."""
    reply = await queries.reply(name)
    done = state == DONE
    values = {"state": state, "done_at": datetime.now(UTC) if done else None, "done_by": identity.name if done else ""}
    await Reply.filter(id=reply.id).using_db(tx.connection).update(**values)
    return reply.update_from_dict(values)


async def delete(tx: Transaction, name: str) -> None:
    """Delete a reply before its time. Raises NotFound."""
    reply = await queries.reply(name)
    await Reply.filter(id=reply.id).using_db(tx.connection).delete()


async def forget(tx: Transaction, now: datetime) -> None:
    """Delete what has been kept for long enough."""
    await Reply.filter(received_at__lt=now - KEEP_REPLIES).using_db(tx.connection).delete()
    await ReturnedMail.filter(at__lt=now - KEEP_RETURNS).using_db(tx.connection).delete()


def _reply(letter: Letter, issue: str, now: datetime) -> Reply:
    return Reply(
        sender=letter.sender,
        sender_name=letter.sender_name,
        subject=letter.subject,
        text=letter.text,
        shortened=letter.shortened,
        attachments=letter.attachments,
        hint=letter.hint,
        about=issue,
        received_at=now,
    )
