"""The outbox table of one service read as a log: positions, what is still to publish, slices, and what may go.

Positions are given by the relay alone. A reader that tails `id > cursor` lost 258 of 1,600 events under 8 parallel
writers, since transactions commit in another order than they begin; positions given afterwards lost none.

What is sent is read by statements of its own: turning rows into objects of the ORM and their JSON into dictionaries
and back took more than half of the relay's time (`docs/decisions/0014`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, cast

import msgspec
from tortoise.connection import get_connection
from tortoise.functions import Count, Max, Min
from tortoise.queryset import QuerySet

from infra.bus.codec import encode
from infra.contracts.envelope import Envelope
from infra.db.statements import bound, placed
from infra.outbox.models import OutboxEntry
from infra.outbox.record import outbox_of

_PRUNE_STEP = 1000


@dataclass(frozen=True)
class Entry:
    """One event with its place in the log; `body` is what goes on the wire."""

    position: int
    type: str
    traceparent: str
    body: bytes


class Log:
    """The log of one service."""

    def __init__(self, service: str) -> None:
        self.service = service

    @property
    def _rows(self) -> QuerySet[OutboxEntry]:
        # Not `.all()`: it chooses the connection for reading at once, and an update through it fails on SQLite.
        return outbox_of(self.service).filter()

    @property
    def _table(self) -> str:
        return outbox_of(self.service)._meta.db_table

    async def take(self, limit: int) -> list[Entry]:
        """Give the next positions to at most `limit` new rows, oldest first, and return them. One statement."""
        # COALESCE(…) < 1: a row that another relay was quicker with is left alone. Positions begin at 1, so IS NULL or
        # = 0 would say the same, but PostgreSQL then expects one such row. A plan made while the table was small and
        # kept with the prepared statement went through all new rows for each: 1.8 s for 500 of 5,000, now 3 ms.
        return await self._fetch(
            f"""
            UPDATE "{self._table}" SET position = fresh.place FROM (
                SELECT id AS fresh_id,
                    (SELECT COALESCE(MAX(position), 0) FROM "{self._table}") + ROW_NUMBER() OVER (ORDER BY id) AS place
                FROM (SELECT id FROM "{self._table}" WHERE position IS NULL ORDER BY id LIMIT ?) AS oldest
            ) AS fresh WHERE id = fresh.fresh_id AND COALESCE(position, 0) < 1 RETURNING {_COLUMNS}""",  # noqa: S608 - names are ours
            limit,
        )

    async def left_over(self, limit: int) -> list[Entry]:
        """The next rows that have their positions but are not known to be published: a relay ended in between."""
        return await self._fetch(
            f"""
            SELECT {_COLUMNS} FROM "{self._table}" WHERE position > ? AND published_at IS NULL
            ORDER BY position LIMIT ?""",  # noqa: S608 - names are ours
            await self.head(),
            limit,
        )

    async def mark_published(self, first: int, last: int) -> None:
        """Remember that positions `first` to `last` are with the broker."""
        connection = get_connection(self.service)
        statement = f"""
            UPDATE "{self._table}" SET published_at = ?
            WHERE position >= ? AND position <= ? AND published_at IS NULL"""  # noqa: S608 - the name is ours
        values = [bound(connection, datetime.now(UTC)), first, last]
        await connection.execute_query_dict(placed(connection, statement), values)

    async def backlog(self) -> int:
        """How many events are recorded and not published yet."""
        without_position = self._rows.filter(position__isnull=True).count()
        return await without_position + await self._given(await self.head()).count()

    async def waiting_since(self) -> datetime | None:
        """When the oldest event that is not published yet was recorded; None when all are."""
        row = await self._given(await self.head()).order_by("position").first()
        row = row or await self._rows.filter(position__isnull=True).order_by("id").first()
        return None if row is None else row.created_at

    async def head(self) -> int:
        """The position up to which everything is published; 0 when nothing ever was."""
        return await self._edge(Max("position"))

    async def first(self) -> int:
        """The lowest position that is still kept; 0 when nothing was ever published."""
        return await self._edge(Min("position"))

    async def slice(self, after: int, upto: int, types: Collection[str], limit: int) -> list[Entry]:
        """At most `limit` rows of `types` (all when empty) in (after, upto], in order."""
        among = f" AND type IN ({', '.join('?' * len(types))})" if types else ""
        return await self._fetch(
            f"""
            SELECT {_COLUMNS} FROM "{self._table}" WHERE position > ? AND position <= ?{among}
            ORDER BY position LIMIT ?""",  # noqa: S608 - names are ours, types are bound
            after,
            upto,
            *types,
            limit,
        )

    async def counts(self, after: int, upto: int, types: Collection[str]) -> dict[str, int]:
        """How many events of each of `types` (all when empty) lie in (after, upto]."""
        rows = self._rows.filter(position__gt=after, position__lte=upto)
        rows = rows.filter(type__in=sorted(types)) if types else rows
        grouped = rows.annotate(number=Count("id")).group_by("type")
        return {str(name): int(str(number)) for name, number in await grouped.values_list("type", "number")}

    async def prune(self, before: datetime) -> int:
        """Delete what was published before `before`, but never the last row: it holds the place of the next."""
        head, deleted = await self.head(), 0
        while True:
            oldest = self._rows.filter(position__lt=head).order_by("position").limit(_PRUNE_STEP)
            rows = await oldest.values_list("position", "published_at")
            old = [position for position, _ in takewhile(lambda row: row[1] < before, rows)]
            if not old:
                return deleted
            deleted += await self._rows.filter(position__lte=old[-1]).delete()

    def _given(self, head: int) -> QuerySet[OutboxEntry]:
        return self._rows.filter(position__gt=head, published_at__isnull=True)

    async def _edge(self, function: Max | Min) -> int:
        rows = (
            await self._rows.filter(published_at__isnull=False).annotate(edge=function).values_list("edge", flat=True)
        )
        return int(str(rows[0])) if rows and rows[0] is not None else 0

    async def _fetch(self, statement: str, *values: object) -> list[Entry]:
        connection = get_connection(self.service)
        rows = await connection.execute_query_dict(placed(connection, statement), list(values))
        return sorted((self._entry(row) for row in rows), key=lambda entry: entry.position)

    def _entry(self, row: Mapping[str, Any]) -> Entry:
        envelope = Envelope(
            id=str(row["id"]),
            source=f"/services/{self.service}",
            type=row["type"],
            subject=row["subject"],
            time=_moment(row["created_at"]).isoformat(),
            data=cast(dict[str, Any], msgspec.Raw(row["data"])),  # JSON already, as the database keeps it
            position=row["position"],
            aggregateversion=row["aggregate_version"],
            correlationid=row["correlation_id"],
            causationid=row["causation_id"],
            traceparent=row["traceparent"],
        )
        return Entry(row["position"], row["type"], row["traceparent"], encode(envelope))


_COLUMNS = "id, position, type, subject, aggregate_version, data, traceparent, correlation_id, causation_id, created_at"


def positions(entries: Sequence[Entry]) -> tuple[int, int]:
    """The first and the last position of entries in order."""
    return entries[0].position, entries[-1].position


def _moment(value: datetime | str) -> datetime:
    """SQLite keeps times as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
