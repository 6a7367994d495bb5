"""`record`: the only way to say something to other services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import msgspec
from tortoise import Tortoise

from infra import metrics, tracing
from infra.contracts.registry import Event
from infra.db import Transaction
from infra.outbox.doorbell import ring
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
    model = outbox_of(tx.service)
    trace = tracing.current()
    rows = [_row(model, event, trace) for event in events]
    await model.bulk_create(rows, batch_size=200, using_db=tx.connection)
    for row in rows:
        metrics.EVENTS_RECORDED.labels(tx.service, row.type).inc()
    tx.after_commit(ring(tx.service))


def _row(model: type[OutboxEntry], event: Event, trace: tracing.Trace) -> OutboxEntry:
    return model(
        type=event.type,
        subject=event.subject,
        aggregate_version=event.version,
        data=msgspec.to_builtins(event),
        traceparent=trace.traceparent,
        correlation_id=trace.correlation_id,
        causation_id=trace.causation_id,
    )
