"""Transactions, always by service name.

`in_transaction` without a name picks the wrong database as soon as two services share a process, so this is
the only door to it. Never start a task inside: it would inherit the transaction's connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.transactions import in_transaction

T = TypeVar("T")
_commits: ContextVar[int] = ContextVar("commits", default=0)


@dataclass
class Transaction:
    """An open transaction of one service. Pass `connection` as `using_db` where Tortoise cannot infer it."""

    service: str
    connection: BaseDBAsyncClient
    _after_commit: list[Callable[[], None]] = field(default_factory=list)
    _gathered: dict[Callable[[Transaction, Sequence[Any]], Awaitable[None]], list[Any]] = field(default_factory=dict)

    def gather(self, item: T, write: Callable[[Transaction, Sequence[T]], Awaitable[None]]) -> None:
        """Have `write` called once, just before the commit, with all items that were gathered for it.

        So that many handlers in one transaction write their rows together. What `write` raises fails the transaction.
        """
        self._gathered.setdefault(write, []).append(item)

    async def write_gathered(self) -> None:
        """Write what was gathered; `transaction` calls it."""
        for write, items in self._gathered.items():
            await write(self, items)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Call `action` once the rows are safe; never if the transaction fails. It must not raise or wait."""
        self._after_commit.append(action)

    def committed(self) -> list[Callable[[], None]]:
        """The actions to run now that the rows are safe, each once."""
        actions, self._after_commit = self._after_commit, []
        return list(dict.fromkeys(actions))


@asynccontextmanager
async def transaction(service: str) -> AsyncIterator[Transaction]:
    """Open a transaction on the database of `service`; commit at the end, roll back on any exception."""
    async with AsyncExitStack() as stack:
        tx = Transaction(service, await _begun(service, stack))
        yield tx
        await tx.write_gathered()
    _commits.set(_commits.get() + 1)
    for action in tx.committed():
        action()


async def _begun(service: str, stack: AsyncExitStack) -> BaseDBAsyncClient:
    """The connection of a transaction that ends with `stack`.

    Tortoise keeps its lock (SQLite) or connection (PostgreSQL) for good when BEGIN fails or is cancelled: everybody
    after it would wait for ever. It has set `token` once there is something to let go of.
    """
    context = in_transaction(service)
    try:
        connection = await context.__aenter__()
    except BaseException as error:
        if hasattr(context, "token"):
            with suppress(Exception):  # the first error is the one to tell
                await context.__aexit__(type(error), error, error.__traceback__)
        raise
    stack.push_async_exit(context)
    return connection


def commits() -> int:
    """How many transactions were committed so far in this context."""
    return _commits.get()
