"""`record`: the only way to say something to other services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import cast

import msgspec
from tortoise import Tortoise

from infra import metrics, tracing
from infra.contracts.registry import Event
from infra.db import Transaction
from infra.db.doorbell import ring
from infra.db.statements import insert_rows
from infra.ids import new_id
from infra.outbox.models import OutboxEntry


def outbox_of(service: str) -> type[OutboxEntry]:
    """The concrete outbox class of a service."""
    apps = Tortoise.apps
    if apps is None:
        raise RuntimeError("Tortoise is not initialised")
    return cast(type[OutboxEntry], apps[service]["Outbox"])


class EventTooLarge(ValueError):
    """An event holds more than EVENT_BYTES: it would be in everybody's way. Say what changed and where to read it."""


async def record(tx: Transaction, event: Event) -> None:
    """Write `event` to the log of the transaction's service; it leaves once the transaction is committed.

    Raises:
        EventTooLarge: nothing is written.
    """
    await record_all(tx, [event])


async def record_all(tx: Transaction, events: Iterable[Event]) -> None:
    """Write many events at once, in order. Raises EventTooLarge as `record` does."""
    table = outbox_of(tx.service)._meta.db_table
    trace = tracing.current()
    rows = [(event.type, _row(event, trace)) for event in events]
    for start in range(0, len(rows), _TOGETHER):
        together = [row for _, row in rows[start : start + _TOGETHER]]
        await tx.connection.execute_query(*insert_rows(tx.connection, table, _COLUMNS, together))
    tx.after_commit(partial(_count, tx.service, [name for name, _ in rows]))
    tx.after_commit(ring(tx.service, BELL))


def _count(service: str, names: Sequence[str]) -> None:
    for name in names:
        metrics.EVENTS_RECORDED.labels(service, name).inc()


BELL = "outbox"
EVENT_BYTES = 8_000_000  # RabbitMQ takes up to 16 MB (128 MB before 4.0); a consumer holds a prefetched window of them
_TOGETHER = 200
_COLUMNS = (
    "id",
    "type",
    "subject",
    "aggregate_version",
    "data",
    "traceparent",
    "correlation_id",
    "causation_id",
    "created_at",
)


def _row(event: Event, trace: tracing.Trace) -> tuple[object, ...]:
    data = msgspec.json.encode(event)
    if len(data) > EVENT_BYTES:
        raise EventTooLarge(f"{event.type} of {event.subject} holds {len(data)} bytes; at most {EVENT_BYTES} may leave")
    return (
        str(new_id()),
        event.type,
        event.subject,
        event.version,
        data.decode(),
        trace.traceparent,
        trace.correlation_id,
        trace.causation_id,
        datetime.now(UTC),
    )
