"""The outbox table of one service read as a log: positions, what is still to publish, slices, and what may go.

Positions are given by the relay alone. A reader that tails `id > cursor` lost 258 of 1,600 events under 8 parallel
writers, since transactions commit in another order than they begin; positions given afterwards lost none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from tortoise.connection import get_connection
from tortoise.functions import Count, Max, Min
from tortoise.queryset import QuerySet

from infra.contracts.envelope import Envelope
from infra.outbox.models import OutboxEntry
from infra.outbox.record import outbox_of

_PRUNE_STEP = 1000


class Log:
    """The log of one service."""

    def __init__(self, service: str) -> None:
        self.service = service

    @property
    def _rows(self) -> QuerySet[OutboxEntry]:
        # Not `.all()`: it chooses the connection for reading at once, and an update through it fails on SQLite.
        return outbox_of(self.service).filter()

    async def give_positions(self, limit: int) -> int:
        """Give the next positions to at most `limit` new rows, oldest first; returns how many. One statement."""
        connection = get_connection(self.service)
        table = outbox_of(self.service)._meta.db_table
        statement = f"""
            UPDATE "{table}" SET position = fresh.place FROM (
                SELECT id, (SELECT COALESCE(MAX(position), 0) FROM "{table}") + ROW_NUMBER() OVER (ORDER BY id) AS place
                FROM "{table}" WHERE position IS NULL ORDER BY id LIMIT {int(limit)}
            ) AS fresh WHERE "{table}".id = fresh.id"""  # noqa: S608 - the table's name is ours, the limit a number
        given, _ = await connection.execute_query(statement)
        return given

    async def waiting(self) -> bool:
        """Whether anything is still to publish."""
        return await self._rows.filter(published_at__isnull=True).exists()

    async def backlog(self) -> int:
        """How many events are recorded and not published yet."""
        return await self._rows.filter(published_at__isnull=True).count()

    async def unpublished(self, limit: int) -> list[OutboxEntry]:
        """The next rows to publish, in the order of their positions."""
        rows = self._rows.filter(published_at__isnull=True, position__isnull=False)
        return await rows.order_by("position").limit(limit)

    async def mark_published(self, first: int, last: int) -> None:
        """Remember that positions `first` to `last` are with the broker."""
        rows = self._rows.filter(position__gte=first, position__lte=last, published_at__isnull=True)
        await rows.update(published_at=datetime.now(UTC))

    async def head(self) -> int:
        """The position up to which everything is published; 0 when nothing ever was."""
        return await self._edge(Max("position"))

    async def first(self) -> int:
        """The lowest position that is still kept; 0 when nothing was ever published."""
        return await self._edge(Min("position"))

    async def _edge(self, function: Max | Min) -> int:
        rows = (
            await self._rows.filter(published_at__isnull=False).annotate(edge=function).values_list("edge", flat=True)
        )
        return int(str(rows[0])) if rows and rows[0] is not None else 0

    async def slice(self, after: int, upto: int, types: Collection[str], limit: int) -> list[OutboxEntry]:
        """At most `limit` rows of `types` (all when empty) in (after, upto], in order."""
        return await self._between(after, upto, types).order_by("position").limit(limit)

    async def counts(self, after: int, upto: int, types: Collection[str]) -> dict[str, int]:
        """How many events of each of `types` (all when empty) lie in (after, upto]."""
        rows = self._between(after, upto, types).annotate(number=Count("id")).group_by("type")
        return {str(name): int(str(number)) for name, number in await rows.values_list("type", "number")}

    def _between(self, after: int, upto: int, types: Collection[str]) -> QuerySet[OutboxEntry]:
        rows = self._rows.filter(position__gt=after, position__lte=upto)
        return rows.filter(type__in=sorted(types)) if types else rows

    async def prune(self, before: datetime) -> int:
        """Delete what was published before `before`, but never the last row: it holds the place of the next."""
        head, deleted = await self.head(), 0
        while True:
            old = self._rows.filter(published_at__lt=before, position__lt=head).order_by("position")
            last = await old.limit(_PRUNE_STEP).values_list("position", flat=True)
            if not last:
                return deleted
            deleted += await self._rows.filter(position__lte=last[-1], position__lt=head).delete()


def envelope_of(service: str, row: OutboxEntry) -> Envelope:
    """A row of the log as it goes on the wire."""
    return Envelope(
        id=str(row.id),
        source=f"/services/{service}",
        type=row.type,
        subject=row.subject,
        time=row.created_at.isoformat(),
        data=_as_dict(row.data),
        position=row.position,
        aggregateversion=row.aggregate_version,
        correlationid=row.correlation_id,
        causationid=row.causation_id,
        traceparent=row.traceparent,
    )


def positions(rows: Sequence[OutboxEntry]) -> tuple[int, int]:
    """The first and the last position of rows that have one."""
    first, last = rows[0].position, rows[-1].position
    if first is None or last is None:
        raise ValueError("a row without position cannot be published")
    return first, last


def _as_dict(data: object) -> dict[str, object]:
    if not isinstance(data, dict):
        raise TypeError("the data of an event is an object")
    return data
