"""Work that only one process per service database may do at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from asyncpg.exceptions import InterfaceError
from asyncpg.pool import PoolConnectionProxy
from tortoise.connection import get_connection

from infra.db.statements import is_sqlite_client

_RETRY_SECONDS = 1.0


@asynccontextmanager
async def exclusive(service: str, key: int, stopping: asyncio.Event) -> AsyncIterator[Callable[[], bool]]:
    """Wait for the database's lock `key`; yields a function that says whether it is still held.

    On PostgreSQL an advisory lock of the session: it ends with the connection, however that ends. SQLite needs none,
    since only one process may use its file. When `stopping` is set meanwhile, nothing is held.
    """
    client = get_connection(service)
    if is_sqlite_client(client):
        yield lambda: not stopping.is_set()
        return
    async with client.acquire_connection() as connection:
        held = False
        while not stopping.is_set():
            held = await connection.fetchval("SELECT pg_try_advisory_lock($1)", key)
            if held:
                break
            await _pause(stopping)
        try:
            yield lambda: held and not stopping.is_set() and not _lost(connection)
        finally:
            if held and not _lost(connection):
                await connection.fetchval("SELECT pg_advisory_unlock($1)", key)


def _lost(connection: PoolConnectionProxy) -> bool:
    """Whether the session is over. The pool takes back what the server has ended; asking that is an error."""
    try:
        return bool(connection.is_closed())
    except InterfaceError:
        return True


async def _pause(stopping: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), _RETRY_SECONDS)
    except TimeoutError:
        return
