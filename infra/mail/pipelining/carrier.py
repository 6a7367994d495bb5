"""Carries mails over a server, on as many connections as it grants."""

from __future__ import annotations

import asyncio
from typing import Protocol

from infra import metrics
from infra.mail.message import Outcome
from infra.mail.pipelining.errands import Errand
from infra.mail.pipelining.session import Broken, Session
from infra.mail.servers import Server, ServerPool

MAILS_A_CONNECTION = 5  # fewer than these are not worth one more


class Carrier(Protocol):
    """A way for mails to go."""

    async def carry(self, errand: Errand, expected: int) -> Outcome | None:
        """Hand over what the errand gives, about `expected` mails.

        Returns None once it gives nothing more, or what hindered the server, which takes nothing more then.
        """
        ...


class SmtpCarrier:
    """A `Carrier` over one server of a pool, which learns how that server is."""

    def __init__(self, server: Server, pool: ServerPool) -> None:
        self._server = server
        self._pool = pool

    async def carry(self, errand: Errand, expected: int) -> Outcome | None:
        """See Carrier."""
        lines = min(self._server.connections, 1 + expected // MAILS_A_CONNECTION)
        if self._pool.rest_seconds():  # all failed lately: one connection finds out
            lines = 1
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._line(errand)) for _ in range(lines)]
        hindrance = next((outcome for task in tasks if (outcome := task.result()) is not None), None)
        return hindrance if errand.left() else None

    async def _line(self, errand: Errand) -> Outcome | None:
        """One connection after the other until all is handed over (None), or one broke before any mail was answered."""
        while await errand.more():
            session = Session(self._server)
            try:
                await session.open()
                await session.run(errand)
            except Broken as broken:
                metrics.MAIL_ANSWERS.labels(self._server.name, "unreachable").inc()
                (self._pool.doubted if broken.in_content else self._pool.failed)(self._server)
                if not session.answered:
                    return broken.outcome
            finally:
                if session.answered:
                    self._pool.worked(self._server)
                await session.close()
        return None
