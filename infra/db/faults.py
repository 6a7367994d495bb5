"""Tells a database that cannot be reached from work that cannot be done."""

from __future__ import annotations

import asyncpg
from tortoise.exceptions import DBConnectionError

_LOST = (
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)


def database_lost(error: BaseException) -> bool:
    """Whether `error` means that the database went away, so that the same work may succeed later."""
    # asyncpg's InterfaceError means a closed connection or pool, but also a connection used wrongly.
    closed = isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)
    return closed or isinstance(error, _LOST)
