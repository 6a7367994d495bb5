"""Work that only one process per service database may do at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg
from asyncpg.exceptions import InterfaceError
from asyncpg.pool import PoolConnectionProxy
from tortoise.connection import get_connection

from infra.db.statements import is_sqlite_client

logger = logging.getLogger(__name__)
_RETRY_SECONDS = 1.0
_PROOF_SECONDS = 5.0
# The server ends a session whose client is silent for about a minute, so that another process gets its lock.
_KEEPALIVE = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"


class Held:
    """Called, says whether the lock is held. The session that holds it (None on SQLite) also hears notifications."""

    def __init__(self, stopping: asyncio.Event, session: PoolConnectionProxy | None, *, taken: bool) -> None:
        self._stopping = stopping
        self._session = session
        self._taken = taken

    def __call__(self) -> bool:
        """Whether to go on: the lock is ours and nobody asked us to stop."""
        return self._taken and not self._stopping.is_set() and not self.lost

    @property
    def lost(self) -> bool:
        """Whether the session is over. The pool takes back what the server has ended; asking that is an error."""
        try:
            return self._session is not None and bool(self._session.is_closed())
        except InterfaceError:
            return True

    async def prove(self) -> None:
        """Ask the session whether it lives, since a network that swallows everything does not tell; end it if not."""
        if self._session is None or self.lost:
            return
        try:
            await self._session.execute("SELECT 1", timeout=_PROOF_SECONDS)
        except (OSError, TimeoutError, asyncpg.PostgresError, InterfaceError) as error:
            logger.warning("the session that holds a lock does not answer and is given up: %r", error)
            if not self.lost:
                self._session.terminate()

    @asynccontextmanager
    async def hearing(self, channel: str, listener: Callable[[], None]) -> AsyncIterator[None]:
        """Call `listener` at every NOTIFY on `channel` and at the end of the session."""
        if self._session is None or self.lost:
            yield
            return

        def heard(*_details: object) -> None:
            listener()

        self._session.add_termination_listener(heard)
        await self._session.add_listener(channel, heard)
        try:
            yield
        finally:
            if not self.lost:
                self._session.remove_termination_listener(heard)
                await self._session.remove_listener(channel, heard)


@asynccontextmanager
async def exclusive(service: str, key: int, stopping: asyncio.Event) -> AsyncIterator[Held]:
    """Wait for the database's lock `key`; yields a function that says whether it is still held.

    On PostgreSQL an advisory lock of the session: it ends with the connection, however that ends, and cannot be had
    through a pooler that gives sessions to transactions. SQLite needs none, since only one process may use its file.
    When `stopping` is set meanwhile, nothing is held.
    """
    client = get_connection(service)
    if is_sqlite_client(client):
        yield Held(stopping, None, taken=True)
        return
    async with client.acquire_connection() as connection:
        await connection.execute(_KEEPALIVE)
        taken = False
        while not stopping.is_set():
            taken = await connection.fetchval("SELECT pg_try_advisory_lock($1)", key)
            if taken:
                break
            await _pause(stopping)
        held = Held(stopping, connection, taken=taken)
        try:
            yield held
        finally:
            if not held.lost:
                await connection.reset()  # the lock, the settings, what was listened to: the pool does not


async def _pause(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_RETRY_SECONDS):  # wait_for of 3.11 forgets a cancellation that meets the event
            await stopping.wait()
