"""Tells a database that cannot be reached from work that cannot be done."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from tortoise.exceptions import DBConnectionError

from infra.errors import Unavailable

logger = logging.getLogger(__name__)
_LOST = (
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # the connection broke in the middle of an exchange
)


def database_lost(error: BaseException) -> bool:
    """Whether `error` means that the database went away, so that the same work may succeed later."""
    # asyncpg's InterfaceError means a closed connection or pool, but also a connection used wrongly.
    closed = isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)
    return closed or isinstance(error, _LOST)


@contextmanager
def reached(service: str) -> Iterator[None]:
    """Inside, a database that cannot be reached is Unavailable, not a fault of the program."""
    try:
        yield
    except (OSError, asyncpg.InterfaceError, *_LOST) as error:
        if not (isinstance(error, OSError) or database_lost(error)):
            raise
        logger.warning("%s: the database cannot be reached (%s: %s)", service, type(error).__name__, error)
        raise Unavailable from error
