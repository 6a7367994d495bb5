"""A transaction that is tried a second time when the database gave it up for another one's sake.

PostgreSQL ends one of two transactions that wait for each other or cannot be serialised; SQLite refuses one that
comes while another process writes. Nothing of it is kept then, so doing it once more is safe and almost always works.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
from tortoise.exceptions import OperationalError

from infra import metrics
from infra.db.transactions import Transaction, transaction

R = TypeVar("R")


async def transact(service: str, work: Callable[[Transaction], Awaitable[R]]) -> R:
    """The result of `work` in a transaction of `service`; one retry after a deadlock or the like."""
    try:
        return await _once(service, work)
    except (asyncpg.TransactionRollbackError, OperationalError) as error:
        if not gave_up(error):
            raise
    metrics.TRANSACTION_RETRIES.labels(service).inc()
    return await _once(service, work)


async def _once(service: str, work: Callable[[Transaction], Awaitable[R]]) -> R:
    async with transaction(service) as tx:
        return await work(tx)


def gave_up(error: Exception) -> bool:
    """Whether the database sacrificed the transaction (and not: the statement is wrong)."""
    if isinstance(error, asyncpg.TransactionRollbackError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, sqlite3.OperationalError) and getattr(cause, "sqlite_errorname", "").startswith(
        ("SQLITE_BUSY", "SQLITE_LOCKED")
    )
