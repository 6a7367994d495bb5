"""Work that is done a second time when the database gave its transaction up for another one's sake.

PostgreSQL ends one of two transactions that wait for each other or cannot be serialised; SQLite refuses one that
comes while another process writes. Nothing of it is kept then, so doing it once more is safe and almost always works.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import asyncpg
from tortoise.exceptions import OperationalError

from infra import metrics
from infra.db.transactions import Transaction, commits, transaction

R = TypeVar("R")


async def repeated(service: str, work: Callable[[], Awaitable[R]]) -> R:
    """The result of `work`, which changes things in one transaction at most; one retry after a deadlock or the like.

    What fails after its transaction was committed is not done again: it would happen twice.
    """
    before = commits()
    try:
        return await work()
    except (asyncpg.TransactionRollbackError, OperationalError) as error:
        if not gave_up(error) or commits() != before:
            raise
    metrics.TRANSACTION_RETRIES.labels(service).inc()
    return await work()


async def transact(service: str, work: Callable[[Transaction], Awaitable[R]]) -> R:
    """The result of `work` in a transaction of `service`, `repeated`. What a request does is repeated as a whole."""
    return await repeated(service, partial(_once, service, work))


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
