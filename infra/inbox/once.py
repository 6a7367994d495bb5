"""Runs handlers so that each sees each event once: the inbox row and what the handler writes are one transaction."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from infra import metrics, telemetry, tracing
from infra.contracts.envelope import Envelope
from infra.contracts.registry import Event
from infra.db import Transaction
from infra.db.retry import gave_up, transact
from infra.db.statements import insert_rows
from infra.ids import new_id
from infra.inbox.handlers import Handler, Meta
from infra.inbox.tables import tables
from infra.telemetry import Kind


@dataclass(frozen=True)
class Work:
    """One event for one handler."""

    envelope: Envelope
    event: Event
    handler: Handler

    @property
    def key(self) -> tuple[str, str]:
        """What the inbox knows it by."""
        return self.envelope.id, self.handler.name


class HandlerFailed(Exception):
    """A handler raised `error`; nothing of its transaction is kept."""

    def __init__(self, work: Work, error: Exception) -> None:
        self.work = work
        self.error = error
        super().__init__(f"{work.handler.name}: {error!r}")


async def handle_once(service: str, works: Sequence[Work]) -> None:
    """Handle all of `works`, in order and in one transaction, but those that were handled before.

    One transaction for many events is what makes a busy inbox fast: a commit costs more than most handlers.

    Raises:
        HandlerFailed: a handler failed and nothing of all this is kept. When it is the database that gave up the
            transaction for another one's sake, all is done a second time, and only then its error is raised.
    """

    async def handle(tx: Transaction) -> list[str]:
        outcomes: list[str] = []
        fresh = await _enter(tx, works)
        for work in works:
            outcomes.append("handled" if work.key in fresh else "duplicate")
            if work.key in fresh:
                fresh.discard(work.key)  # the same event may be in `works` twice
                await _call(tx, work)
        return outcomes

    outcomes = await transact(service, handle)
    for work, outcome in zip(works, outcomes, strict=True):
        metrics.EVENTS_HANDLED.labels(service, work.handler.name, outcome).inc()


async def _enter(tx: Transaction, works: Sequence[Work]) -> set[tuple[str, str]]:
    """Insert the inbox rows; returns the keys that were not there yet."""
    now = datetime.now(UTC)
    rows = [
        (
            str(new_id()),
            work.envelope.id,
            work.handler.name,
            work.envelope.producer,
            work.envelope.type,
            work.envelope.position,
            now,
        )
        for work in works
    ]
    statement, values = insert_rows(tx.connection, tables(tx.service).inbox._meta.db_table, _COLUMNS, rows)
    statement += " ON CONFLICT (event_id, handler) DO NOTHING RETURNING event_id, handler"
    entered = await tx.connection.execute_query_dict(statement, values)
    return {(row["event_id"], row["handler"]) for row in entered}


_COLUMNS = ("id", "event_id", "handler", "producer", "type", "position", "handled_at")


async def _call(tx: Transaction, work: Work) -> None:
    envelope = work.envelope
    meta = Meta(envelope.id, envelope.producer, envelope.position, envelope.time)
    started = time.perf_counter()
    trace = tracing.new_trace(envelope.traceparent, envelope.correlationid, envelope.id)
    name, attributes = f"handle {envelope.type}", {"lotse.service": tx.service, "lotse.handler": work.handler.name}
    with telemetry.span(name, Kind.CONSUMER, trace, attributes):
        try:
            await work.handler.function(tx, work.event, meta)
        except Exception as error:
            if gave_up(error):  # not this handler's fault
                raise
            raise HandlerFailed(work, error) from error
    metrics.HANDLER_SECONDS.labels(tx.service, work.handler.name).observe(time.perf_counter() - started)
