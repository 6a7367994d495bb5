"""Databases: transactions by service name, what follows a commit, migrations under a lock, reads beside a writer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from infra.db import Transaction, transaction
from infra.db.config import tortoise_config
from infra.db.connect import databases
from infra.db.doorbell import answering
from infra.db.locks import exclusive
from infra.db.makemigrations import changes
from infra.db.migrate import migrate, pending
from tests.kit import Database, Running, counted_queries, running, together
from tests.toy.models import Outbox, Thing
from tests.toy.service import make_thing, service

MIGRATIONS = [f"toy.{path.stem}" for path in sorted((Path(__file__).parents[1] / "toy/migrations").glob("0*.py"))]


@pytest.fixture
async def toy(database: Database) -> AsyncIterator[Running]:
    async with running([service], database) as kit:
        yield kit


async def test_row_and_event_come_together_or_not_at_all(toy: Running) -> None:
    async with transaction("toy") as tx:
        await make_thing(tx, "one")
    with pytest.raises(ZeroDivisionError):
        async with transaction("toy") as tx:
            await make_thing(tx, "two")
            raise ZeroDivisionError
    assert [thing.name for thing in await Thing.all()] == ["one"]
    assert await Outbox.all().count() == 1


async def test_a_transaction_cancelled_at_any_moment_holds_nobody_up(toy: Running) -> None:
    async def make(name: str) -> None:
        async with transaction("toy") as tx:
            await make_thing(tx, name)

    for steps in range(40):
        task = asyncio.create_task(make(f"cancelled-{steps}"))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5):
            await make(f"after-{steps}")
    assert await Thing.filter(name__startswith="after-").count() == 40


async def test_after_commit_runs_once_and_only_after_success(toy: Running) -> None:
    calls: list[str] = []

    def action() -> None:
        calls.append("done")

    async with transaction("toy") as tx:
        tx.after_commit(action)
        tx.after_commit(action)
        assert calls == []
    assert calls == ["done"]
    with pytest.raises(IntegrityError):
        async with transaction("toy") as tx:
            tx.after_commit(action)
            await make_thing(tx, "same")
            await make_thing(tx, "same")
    assert calls == ["done"]


async def test_what_is_gathered_is_written_once_before_the_commit_and_fails_with_it(toy: Running) -> None:
    written: list[list[str]] = []

    async def write(tx: Transaction, names: Sequence[str]) -> None:
        written.append(list(names))
        for name in names:
            await make_thing(tx, name)

    async with transaction("toy") as tx:
        tx.gather("one", write)
        tx.gather("two", write)
        assert written == []
    assert written == [["one", "two"]]
    with pytest.raises(IntegrityError):
        async with transaction("toy") as tx:
            await make_thing(tx, "three")
            tx.gather("one", write)
    with pytest.raises(ZeroDivisionError):
        async with transaction("toy") as tx:
            tx.gather("four", write)
            raise ZeroDivisionError
    assert written == [["one", "two"], ["one"]]
    assert {thing.name for thing in await Thing.all()} == {"one", "two"}


async def test_a_commit_rings_the_relays_bell(toy: Running) -> None:
    rung = asyncio.Event()
    async with exclusive("toy", 1, asyncio.Event()) as held, answering("toy", "outbox", rung.set, held):
        async with transaction("toy") as tx:
            await make_thing(tx, "one")
            assert not rung.is_set()
        assert rung.is_set()


async def test_a_transaction_reads_what_it_wrote_and_others_do_not(toy: Running) -> None:
    written, read = asyncio.Event(), asyncio.Event()
    seen: list[int] = []

    async def write() -> None:
        async with transaction("toy") as tx:
            await Thing.create(name="hidden", using_db=tx.connection)
            seen.append(await Thing.all().count())
            written.set()
            await read.wait()

    async def look() -> None:
        await written.wait()
        seen.append(await Thing.all().count())
        read.set()

    await asyncio.wait_for(asyncio.gather(write(), look()), 10)
    assert seen == [1, 0]


async def test_parallel_writers_all_get_through(toy: Running) -> None:
    async def write(number: int) -> None:
        async with transaction("toy") as tx:
            await make_thing(tx, f"thing {number}")

    results = await together(*[lambda number=number: write(number) for number in range(8)])
    assert results == [None] * 8
    assert await Thing.all().count() == await Outbox.all().count() == 8


async def test_reading_connections_cannot_write(sqlite: Database) -> None:
    async with running([service], sqlite):
        from tortoise.connection import get_connection

        with pytest.raises(OperationalError):
            await get_connection("toy_read").execute_query("INSERT INTO things (name) VALUES ('x')")


async def test_queries_are_counted(toy: Running) -> None:
    with counted_queries("toy") as statements:
        await toy.get("toy", "/things")
    assert len(statements) == 1


async def test_migrations_run_once_even_when_started_twice(database: Database) -> None:
    if database.kind == "sqlite":
        assert await migrate(database.settings(), [service.schema]) == MIGRATIONS
        assert await migrate(database.settings(), [service.schema]) == []
    else:
        await database.prepare([])
        await _empty_database(database)
        done = await asyncio.gather(*(migrate(database.settings(), [service.schema]) for _ in range(3)))
        assert sorted(done) == [[], [], MIGRATIONS]
    assert await pending(database.settings(), service.schema) == []
    async with databases(database.settings(), [service.schema]):
        assert await Thing.all().count() == 0


async def _empty_database(database: Database) -> None:
    from tests.kit import on_server

    name = f"{database.prefix}_toy"
    await on_server(f'CREATE DATABASE "{name}"')
    database.made.append(name)


async def test_models_and_migrations_agree() -> None:
    assert await changes(service.schema) == []


def test_only_sqlite_gets_reading_connections(sqlite: Database) -> None:
    config = tortoise_config(sqlite.settings(), [service.schema])
    assert set(config["connections"]) == {"toy", "toy_read"}
    config = tortoise_config(sqlite.settings(database_url="asyncpg://h/{service}"), [service.schema])
    assert set(config["connections"]) == {"toy"}
    assert config["routers"] == []
