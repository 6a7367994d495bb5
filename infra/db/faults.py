"""Tells a database that cannot be reached from work that cannot be done."""

from __future__ import annotations

import asyncpg
from tortoise.exceptions import DBConnectionError

_LOST = (
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)


def database_lost(error: BaseException) -> bool:
    """Whether `error` means that the database went away, so that the same work may succeed later."""
    return isinstance(error, _LOST)
