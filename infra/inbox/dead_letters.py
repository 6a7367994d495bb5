"""Events that a handler could not finish: kept with the reason until an operator has them tried again."""

from __future__ import annotations

import traceback
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from tortoise.connection import get_connection

from infra import metrics
from infra.bus.codec import Undecodable, event_of
from infra.contracts.envelope import Envelope
from infra.db import Transaction, transaction
from infra.db.faults import database_lost
from infra.inbox.handlers import Handler, Handlers
from infra.inbox.models import DeadLetterEntry
from infra.inbox.once import HandlerFailed, Work, handle_once
from infra.inbox.tables import tables

_ERROR_CHARACTERS = 8000


@dataclass(frozen=True)
class RetryReport:
    """How many dead letters a retry resolved and how many failed again."""

    resolved: int
    failed: int


async def store(tx: Transaction, envelope: Envelope, handler: str, error: BaseException, attempts: int) -> None:
    """Keep an event that `handler` could not finish; once per event and handler, with the last reason."""
    await tables(tx.service).dead_letters.update_or_create(
        defaults={
            "producer": envelope.producer,
            "type": envelope.type,
            "position": envelope.position,
            "envelope": msgspec.to_builtins(envelope),
            "error": "".join(traceback.format_exception(error))[-_ERROR_CHARACTERS:],
            "attempts": attempts,
            "resolved_at": None,
        },
        event_id=envelope.id,
        handler=handler,
        using_db=tx.connection,
    )


async def listing(service: str, *, resolved: bool = False, limit: int = 100) -> list[DeadLetterEntry]:
    """The waiting (or else the resolved) dead letters of a service, oldest first."""
    rows = tables(service).dead_letters.filter(resolved_at__isnull=not resolved)
    return await rows.order_by("created_at").limit(limit)


async def retry(service: str, handlers: Handlers, ids: Collection[UUID] | None = None) -> RetryReport:
    """Have the waiting dead letters (all, or those of `ids`) handled again; what fails stays, with the new reason.

    Raises:
        HandlerFailed, or what a lost database raises: it went away, and the letters that are left were not tried.
    """
    rows = tables(service).dead_letters.filter(resolved_at__isnull=True)
    if ids is not None:
        rows = rows.filter(id__in=list(ids))
    report = RetryReport(0, 0)
    for row in await rows.order_by("created_at"):
        if await _retry_one(service, handlers, row):
            report = RetryReport(report.resolved + 1, report.failed)
        else:
            report = RetryReport(report.resolved, report.failed + 1)
    await show(service)
    return report


async def resolve(service: str, keys: Collection[tuple[str, str]]) -> None:
    """The events of `keys` (event id, handler) are handled by now."""
    for event_id, handler in keys:
        rows = tables(service).dead_letters.filter(event_id=event_id, handler=handler, resolved_at__isnull=True)
        await rows.using_db(get_connection(service)).update(resolved_at=datetime.now(UTC))


async def show(service: str) -> int:
    """Set the metric of waiting dead letters; returns their number."""
    number = await tables(service).dead_letters.filter(resolved_at__isnull=True).count()
    metrics.DEAD_LETTERS.labels(service).set(number)
    return number


async def _retry_one(service: str, handlers: Handlers, row: DeadLetterEntry) -> bool:
    envelope = msgspec.convert(row.envelope, Envelope)
    try:
        await handle_once(service, [_work(handlers, envelope, row.handler)])
    except Exception as failure:  # of the handler, or when what it gathered was written, or at the commit
        error = failure.error if isinstance(failure, HandlerFailed) else failure
        if database_lost(error) or isinstance(failure, OSError):
            raise
        async with transaction(service) as tx:
            await store(tx, envelope, row.handler, error, row.attempts + 1)
        return False
    await resolve(service, [(envelope.id, row.handler)])
    return True


def _work(handlers: Handlers, envelope: Envelope, name: str) -> Work:
    """Raises Undecodable when this version of the program cannot handle it."""
    handler: Handler | None = next((each for each in handlers.of(envelope.type) if each.name == name), None)
    event = event_of(envelope)
    if handler is None or event is None:
        raise Undecodable(f"no handler {name} of {envelope.type} in this version")
    return Work(envelope, event, handler)
