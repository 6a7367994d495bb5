"""Hands mails to SMTP servers: to the best one that is well, over connections that are kept open, each in a thread.

`smtplib` with a reused connection measured 1,500 to 2,200 mails/s, ten times what a connection for each mail gives.
As many mails go at once as their senders wait for: a confirmation never queues up behind an alert to a slow server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from infra import metrics
from infra.mail.connection import Answer, Connection, Letter, Verdict
from infra.mail.message import Mail, Outcome, Result, build, domain_of, envelope_address
from infra.mail.servers import Server, ServerPool

if TYPE_CHECKING:  # keys and tables take memory that only who sends needs
    from infra.mail.limits import Gate
    from infra.mail.signing import Signer

MOST_CONNECTIONS = 16


class SmtpMailer:
    """A `Mailer` over one or more servers; connects with the first mail. Belongs to one event loop."""

    def __init__(self, pool: ServerPool, signer: Signer | None = None, gate: Gate | None = None) -> None:
        servers = pool.servers
        self._pool = pool
        self._signer = signer
        self._gate = gate
        self._idle: dict[str, list[Connection]] = {server.name: [] for server in servers}
        self._busy: set[Connection] = set()
        self._free = {server.name: asyncio.Semaphore(server.connections) for server in servers}
        connections = sum(server.connections for server in servers)
        self._threads = ThreadPoolExecutor(min(connections, MOST_CONNECTIONS), thread_name_prefix="smtp")

    async def send(self, mail: Mail) -> Outcome:
        """See Mailer. Goes on to the next server when one fails before it has taken the content."""
        content = build(mail).as_bytes()
        sender = envelope_address(mail.envelope_sender or mail.sender)
        letter = Letter(sender, envelope_address(mail.recipient), content)
        available = self._pool.available()
        outcomes = []
        for server in available:
            held = await self._held(server, letter)
            answer = held or await self._hand_over(server, letter)
            if answer.verdict in (Verdict.WELL, Verdict.DOUBTFUL):
                return answer.outcome
            outcomes.append(answer.outcome)
        return _conclusion(outcomes, some_rest=len(available) < len(self._pool.servers))

    async def close(self) -> None:
        """Say goodbye to the servers, and break off what hangs there: else its threads would outlive us for minutes."""
        for connection in tuple(self._busy):
            connection.abort()
        loop = asyncio.get_running_loop()
        connections = [connection for idle in self._idle.values() for connection in idle]
        await asyncio.gather(*(loop.run_in_executor(self._threads, connection.close) for connection in connections))
        self._threads.shutdown(wait=False)

    async def _held(self, server: Server, letter: Letter) -> Answer | None:
        """The answer to a mail for which the rate of this server or of the recipient's domain leaves no room."""
        seconds = await self._gate.wait_seconds(server, domain_of(letter.recipient)) if self._gate else 0.0
        if not seconds:
            return None
        return Answer(Outcome(Result.TEMPORARY, 0, "the rate is used up", wait_seconds=seconds), Verdict.UNFIT)

    async def _hand_over(self, server: Server, letter: Letter) -> Answer:
        async with self._free[server.name]:
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, self._converse, server, letter)
        learn = {Verdict.AT_FAULT: self._pool.failed, Verdict.DOUBTFUL: self._pool.doubted}
        learn.get(answer.verdict, self._pool.worked)(server)
        result = "unreachable" if answer.verdict is Verdict.AT_FAULT else answer.outcome.result.value
        metrics.MAIL_ANSWERS.labels(server.name, result).inc()
        return answer

    def _converse(self, server: Server, letter: Letter) -> Answer:
        content = self._signer.sign(letter.content) if self._signer else letter.content
        idle = self._idle[server.name]
        connection = idle.pop() if idle else Connection(server)
        self._busy.add(connection)
        try:
            return connection.send(Letter(letter.sender, letter.recipient, content))
        finally:
            self._busy.discard(connection)
            idle.append(connection)


def _conclusion(outcomes: Sequence[Outcome], *, some_rest: bool) -> Outcome:
    """What became of a mail that no server took: best it may go soon, or the servers are at fault, or it is unfit."""
    best = min(outcomes, key=lambda outcome: (not outcome.wait_seconds, not outcome.server_fault))
    return replace(best, result=Result.TEMPORARY) if some_rest else best
