"""Claims and settles deliveries, hundreds in a statement: by the ORM's way each cost more than sending a mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from tortoise.backends.base.client import BaseDBAsyncClient

from infra import metrics
from infra.db import Transaction, transaction
from infra.db.statements import all_bound, is_sqlite_client, placed
from services.newsletter.deliveries.domain import CLAIMED, WAITING
from services.newsletter.dispatch.domain import LEASE, Claim, Settlement
from services.newsletter.issues.domain import SENDING
from services.newsletter.jobs import SERVICE

_DUE = """
    UPDATE deliveries SET status = ?, lease = ?, lease_until = ?, attempts = attempts + 1, changed_at = ?
    WHERE id IN (
        SELECT id FROM deliveries WHERE issue_id = ? AND status = ? AND next_at <= ?
        AND EXISTS (SELECT 1 FROM issues WHERE id = ? AND state = ?)
        ORDER BY next_at, segment_id LIMIT ? {locking}
    ) RETURNING id, subscriber_id, segment_id, message_id, attempts, created_at
"""
_READERS = """
    SELECT s.id, s.address, p.address_hash IS NOT NULL AS barred FROM subscribers s
    LEFT JOIN suppressions p ON p.address_hash = s.address_hash WHERE s.id {among}
"""
_SETTLE_ONE = """
    UPDATE deliveries SET status = ?, reply_code = ?, reply = ?, next_at = COALESCE(?, next_at),
    attempts = attempts - ?, changed_at = ?, lease = NULL, lease_until = NULL WHERE id = ? AND lease = ?
"""
_SETTLE_MANY = """
    UPDATE deliveries SET status = v.status, reply_code = v.code, reply = v.reply,
    next_at = COALESCE(v.next_at, deliveries.next_at), attempts = attempts - v.back, changed_at = v.at,
    lease = NULL, lease_until = NULL
    FROM unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[], $5::int[], $6::timestamptz[], $7::uuid[],
        $8::uuid[]) AS v(status, code, reply, next_at, back, at, id, lease)
    WHERE deliveries.id = v.id AND deliveries.lease = v.lease
"""


async def claim(issue_id: UUID, lease: UUID, size: int, now: datetime) -> list[Claim]:
    """Take up to `size` due deliveries of an issue that is being sent; committed on return."""
    async with transaction(SERVICE) as tx:
        connection = tx.connection
        sqlite = is_sqlite_client(connection)
        statement = placed(connection, _DUE.format(locking="" if sqlite else "FOR UPDATE SKIP LOCKED"))
        values = (CLAIMED, lease, now + LEASE, now, issue_id, WAITING, now, issue_id, SENDING, size)
        rows = await connection.execute_query_dict(statement, all_bound(connection, *values))
        readers = await _readers(connection, [row["subscriber_id"] for row in rows])
    return [_claim(row, readers.get(_id(row["subscriber_id"]))) for row in rows]


async def claimed(issue_id: UUID, lease: UUID) -> list[Claim]:
    """The deliveries that are still claimed under a lease."""
    async with transaction(SERVICE) as tx:
        statement = """
            SELECT id, subscriber_id, segment_id, message_id, attempts, created_at FROM deliveries
            WHERE issue_id = ? AND status = ? AND lease = ?
        """
        values = all_bound(tx.connection, issue_id, CLAIMED, lease)
        rows = await tx.connection.execute_query_dict(placed(tx.connection, statement), values)
    return [_claim(row, None) for row in rows]


async def settle(settlements: Sequence[tuple[UUID, Settlement]]) -> None:
    """Write down what became of claimed deliveries, each with its lease; those that lost it are left as they are."""
    if settlements:
        async with transaction(SERVICE) as tx:
            await settle_in(tx, settlements)
    for status in {each.status for _, each in settlements}:
        metrics.MAILS.labels(SERVICE, status).inc(sum(each.status == status for _, each in settlements))


async def settle_in(tx: Transaction, settlements: Sequence[tuple[UUID, Settlement]]) -> None:
    """The same within a transaction. Rows go in the order of their ids, as everywhere."""
    now = datetime.now(UTC)
    rows = [
        (each.status, each.code, each.reply, each.next_at, 0 if each.counted else 1, now, each.id, lease)
        for lease, each in sorted(settlements, key=lambda pair: pair[1].id)
    ]
    connection = tx.connection
    if is_sqlite_client(connection):
        await connection.execute_many(_SETTLE_ONE, [all_bound(connection, *row) for row in rows])
    else:
        await connection.execute_query(_SETTLE_MANY, [list(column) for column in zip(*rows, strict=True)])


async def _readers(connection: BaseDBAsyncClient, ids: list[Any]) -> dict[UUID, Mapping[str, Any]]:
    if not ids:
        return {}
    values: list[Any]
    if is_sqlite_client(connection):
        among, values = f"IN ({', '.join('?' * len(ids))})", [str(each) for each in ids]
    else:
        among, values = "= ANY($1::uuid[])", [ids]
    rows = await connection.execute_query_dict(_READERS.format(among=among), values)
    return {_id(row["id"]): row for row in rows}


def _claim(row: Mapping[str, Any], reader: Mapping[str, Any] | None) -> Claim:
    barred = bool(reader and reader["barred"])
    created = row["created_at"]
    return Claim(
        id=_id(row["id"]),
        subscriber_id=_id(row["subscriber_id"]),
        segment_id=_shared_id(row["segment_id"]),
        message_id=row["message_id"],
        attempts=row["attempts"],
        created_at=created if isinstance(created, datetime) else datetime.fromisoformat(created),
        address=reader["address"] if reader and not barred else "",
        barred=barred,
    )


@lru_cache(maxsize=1000)
def _shared_id(value: Any) -> UUID:
    """The same for ids that many rows share; making one takes longer than finding it."""
    return _id(value)


def _id(value: Any) -> UUID:
    return UUID(value) if isinstance(value, str) else value
