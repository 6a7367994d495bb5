"""Bells: who committed work tells who does it, in this process at once and in other processes over PostgreSQL.

    tx.after_commit(ring("forum", "outbox"))                        # by who has work; costs the command nothing
    async with exclusive("forum", KEY, stopping) as held:           # by who does the work, alone
        async with answering("forum", "outbox", wake.set, held):
            ...

A ring can get lost (a process is killed between its commit and the ring), so whoever answers also looks for work by
itself now and then; it can come for nothing too. `NOTIFY` is sent after the commit and not inside the transaction:
PostgreSQL lets transactions that notify commit only one at a time, over all databases of a server.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import Context
from functools import cache

import asyncpg
from tortoise.connection import get_connection
from tortoise.exceptions import BaseORMException

from infra.db.locks import Held
from infra.db.statements import is_sqlite_client

logger = logging.getLogger(__name__)
Listener = Callable[[], None]


@asynccontextmanager
async def answering(service: str, bell: str, listener: Listener, held: Held) -> AsyncIterator[None]:
    """Call `listener` (must not wait) at every ring of one bell, and when the lock `held` is lost."""
    own = _bell(service, bell)
    own.listeners.append(listener)
    try:
        async with held.hearing(own.channel, listener):
            yield
    finally:
        own.listeners.remove(listener)


def ring(service: str, bell: str) -> Callable[[], None]:
    """The action that rings a bell; the same object each time, so that a transaction rings once."""
    return _bell(service, bell).action


async def all_heard() -> None:
    """Return once what was rung so far is told to the other processes; before the databases are closed."""
    await asyncio.gather(*_announcing)


class _Bell:
    """One bell as this process sees it."""

    def __init__(self, service: str, name: str) -> None:
        self.channel = f"lotse_{name}"
        self.listeners: list[Listener] = []
        self.action = self._ring
        self._service = service
        self._wanted = False
        self._announcing: asyncio.Task[None] | None = None

    def _ring(self) -> None:
        for listener in tuple(self.listeners):
            listener()
        if not self.listeners:  # only the holder of the lock listens: it may be in another process
            self._wanted = True
            if self._announcing is None or self._announcing.done():
                # A context of its own: the caller's knows the transaction that has just ended.
                self._announcing = asyncio.get_running_loop().create_task(self._announce(), context=Context())
                _announcing.add(self._announcing)
                self._announcing.add_done_callback(_announcing.discard)

    async def _announce(self) -> None:
        """Tell the other processes; rings that come meanwhile are told together."""
        connection = get_connection(self._service)
        if is_sqlite_client(connection):
            return
        try:
            while self._wanted:
                self._wanted = False
                await connection.execute_query_dict("SELECT pg_notify($1, '')", [self.channel])
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException) as error:
            logger.info("%s: a bell did not ring, the work is found a little later: %r", self._service, error)


_announcing: set[asyncio.Task[None]] = set()


@cache
def _bell(service: str, name: str) -> _Bell:
    return _Bell(service, name)
