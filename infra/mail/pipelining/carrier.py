"""Carries mails over the best server that is well, on as many connections as it grants; fails over to the next."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Protocol

from infra.mail.message import Outcome
from infra.mail.pipelining.errands import Errand
from infra.mail.pipelining.session import Broken, Session
from infra.mail.servers import Server, ServerPool

MAILS_A_CONNECTION = 5  # fewer than these are not worth one more


class Carrier(Protocol):
    """A way for mails to go."""

    async def carry(self, errand: Errand, expected: int) -> Outcome | None:
        """Hand over what the errand gives, about `expected` mails.

        Returns None once it gives nothing more, or what hindered the last server when none takes anything; some mails
        may wait then.
        """
        ...


class SmtpCarrier:
    """A `Carrier` over the servers of a pool."""

    def __init__(self, pool: ServerPool) -> None:
        self._pool = pool

    async def carry(self, errand: Errand, expected: int) -> Outcome | None:
        """See Carrier. Where all servers rest, the best one is tried all the same: who calls has waited already."""
        hindrance: Outcome | None = None
        for server in self._pool.available() or self._pool.servers[:1]:
            lines = min(server.connections, 1 + expected // MAILS_A_CONNECTION)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._line(server, errand)) for _ in range(lines)]
            hindrance = next((outcome for task in tasks if (outcome := task.result()) is not None), None)
            if not await errand.more():
                return None
        return hindrance

    async def _line(self, server: Server, errand: Errand) -> Outcome | None:
        """One connection after the other until all is handed over (None), or the server is given up."""
        while await errand.more():
            try:
                await self._over_one(server, errand)
            except Broken as broken:
                (self._pool.doubted if broken.in_content else self._pool.failed)(server)
                if server not in self._pool.available():
                    return broken.outcome
        return None

    async def _over_one(self, server: Server, errand: Errand) -> None:
        session = await Session.open(server, partial(self._pool.worked, server))
        try:
            await session.run(errand)
        finally:
            await session.close()
