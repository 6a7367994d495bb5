"""Bells over PostgreSQL: a relay that looks for work once an hour hears other processes and the end of its session."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import infra.db.locks
from infra.db.connect import databases
from infra.db.locks import exclusive
from infra.outbox.relay import Rhythm
from tests.conftest import needs_postgres
from tests.infra.toys.brokers import wipe
from tests.infra.toys.house import SECONDS, House, house, toy_schemas
from tests.infra.toys.wire import wire_to
from tests.kit import POSTGRES_URL, Database, on_server

HOUR = 3600.0
PORT = 8111
ROOT = Path(__file__).resolve().parents[2]
SLOW = Rhythm(poll=HOUR, mark=HOUR, idle_mark=HOUR)
pytestmark = pytest.mark.parametrize("database", [needs_postgres], indirect=True)


@pytest.fixture
async def toys(database: Database) -> AsyncIterator[House]:
    wipe("memory://")
    async with house(database, "memory://") as made:
        yield made
    wipe("memory://")


async def test_what_another_process_commits_is_published_at_once(toys: House, database: Database) -> None:
    relay, _ = toys.relay(rhythm=SLOW), await toys.consumer()
    await asyncio.wait_for(relay.flush(), SECONDS)
    await _tell(database, 1, 2, 3)
    await _until_seen(toys, [1, 2, 3])


async def test_a_session_that_the_server_ends_is_replaced_at_once(toys: House, database: Database) -> None:
    relay, _ = toys.relay(rhythm=SLOW), await toys.consumer()
    await asyncio.wait_for(relay.flush(), SECONDS)
    (first,) = await _listeners(database)
    await on_server(f"SELECT pg_terminate_backend({first})")
    async with asyncio.timeout(SECONDS):
        while await _listeners(database) in ([], [first]):
            await asyncio.sleep(0.01)
    await _tell(database, 1)
    await _until_seen(toys, [1])


async def test_the_relay_that_waits_hears_once_the_other_has_stopped(toys: House, database: Database) -> None:
    first, _ = toys.relay(rhythm=SLOW), await toys.consumer()
    await asyncio.wait_for(first.flush(), SECONDS)
    second = toys.relay(rhythm=SLOW)
    await _tell(database, 1)
    await _until_seen(toys, [1])
    await toys.stop(first)
    await asyncio.wait_for(second.flush(), SECONDS)
    await _tell(database, 2)
    await _until_seen(toys, [1, 2])


async def test_a_session_that_answers_no_more_is_given_up(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infra.db.locks, "_PROOF_SECONDS", 0.2)
    async with wire_to(POSTGRES_URL, PORT) as (wire, url):
        settings = replace(database.settings(), database_url=url.replace("postgresql://", "asyncpg://"))
        async with databases(settings, toy_schemas()[:1]), exclusive("maker", 1, asyncio.Event()) as held:
            await held.prove()
            assert held()
            wire.hold()
            await held.prove()
            assert not held()
            wire.mend()


async def _tell(database: Database, *numbers: int) -> None:
    arguments = ("-m", "tests.infra.toys.teller", database.prefix, *map(str, numbers))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT)
    assert await asyncio.wait_for(process.wait(), SECONDS) == 0


async def _until_seen(toys: House, numbers: list[int]) -> None:
    async with asyncio.timeout(SECONDS):
        while await toys.seen() != numbers:
            await asyncio.sleep(0.01)


async def _listeners(database: Database) -> list[Any]:
    """The server processes that hold maker's lock."""
    connection = await asyncpg.connect(POSTGRES_URL)
    try:
        rows = await connection.fetch(
            "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database "
            "WHERE locktype = 'advisory' AND datname = $1",
            f"{database.prefix}_maker",
        )
    finally:
        await connection.close()
    return [row["pid"] for row in rows]
