"""`record`: the only way to say something to other services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
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


async def record(tx: Transaction, event: Event) -> None:
    """Write `event` to the log of the transaction's service; it leaves once the transaction is committed."""
    await record_all(tx, [event])


async def record_all(tx: Transaction, events: Iterable[Event]) -> None:
    """Write many events at once, in order."""
    table = outbox_of(tx.service)._meta.db_table
    trace = tracing.current()
    rows = [(event.type, _row(event, trace)) for event in events]
    for start in range(0, len(rows), _TOGETHER):
        together = [row for _, row in rows[start : start + _TOGETHER]]
        await tx.connection.execute_query(*insert_rows(tx.connection, table, _COLUMNS, together))
    for name, _ in rows:
        metrics.EVENTS_RECORDED.labels(tx.service, name).inc()
    tx.after_commit(ring(tx.service, BELL))


BELL = "outbox"
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
    return (
        str(new_id()),
        event.type,
        event.subject,
        event.version,
        msgspec.json.encode(event).decode(),
        trace.traceparent,
        trace.correlation_id,
        trace.causation_id,
        datetime.now(UTC),
    )
