"""A transaction that the database gives up is done once more, and nothing else is."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator

import asyncpg
import pytest
from tortoise.exceptions import OperationalError

from infra.db import Transaction, transaction
from infra.db.retry import gave_up, transact
from infra.ids import new_id
from infra.web.api import Api, Call
from infra.web.app import create_app
from infra.web.client import InProcess, ServiceClient
from services.forum.models import Space
from services.forum.service import service
from tests.kit import Database, Running, running


@pytest.fixture
async def kit(database: Database) -> AsyncIterator[Running]:
    """Any service with tables will do."""
    async with running([service], database) as made:
        yield made


async def _space(slug: str) -> Space:
    return await Space.create(id=new_id(), slug=slug, network=slug, name=slug, version=0)


@pytest.mark.usefixtures("kit")
async def test_of_two_that_wait_for_each_other_both_succeed() -> None:
    left, right = await _space("links"), await _space("rechts")
    attempts: list[str] = []
    met = asyncio.Event()

    async def both(tx: Transaction, first: Space, second: Space) -> None:
        attempts.append(first.slug)
        await Space.filter(id=first.id).using_db(tx.connection).update(name=first.slug)
        if len(attempts) >= 2:
            met.set()
        if tx.connection.capabilities.dialect == "postgres":
            await met.wait()
        await Space.filter(id=second.id).using_db(tx.connection).update(version=7)

    await asyncio.gather(
        transact("forum", lambda tx: both(tx, left, right)), transact("forum", lambda tx: both(tx, right, left))
    )
    assert [space.version for space in await Space.all()] == [7, 7]
    deadlocked = (await Space.all())[0]._meta.db.capabilities.dialect == "postgres"
    assert len(attempts) == (3 if deadlocked else 2)


async def test_of_two_requests_that_wait_for_each_other_both_succeed(kit: Running) -> None:
    left, right = await _space("links"), await _space("rechts")
    calls: list[str] = []
    met = asyncio.Event()
    api = Api("two rows")

    @api.post("/{first}/{second}", summary="Change two rows, one after the other")
    async def change(call: Call) -> None:
        async with transaction("forum") as tx:
            await Space.filter(slug=call.path["first"]).using_db(tx.connection).update(version=7)
            calls.append(call.path["first"])
            if len(calls) >= 2:
                met.set()
            if kit.database.kind == "postgres":
                await met.wait()
            await Space.filter(slug=call.path["second"]).using_db(tx.connection).update(network_version=7)

    app = create_app("forum", api, service.handlers, kit.settings)
    client = ServiceClient(InProcess({"forum": app}), kit.settings.secret)
    paths = (f"/{left.slug}/{right.slug}", f"/{right.slug}/{left.slug}")
    answers = await asyncio.gather(*(client.request("forum", "POST", path) for path in paths))
    assert [answer.status for answer in answers] == [204, 204]
    assert [(space.version, space.network_version) for space in await Space.all()] == [(7, 7), (7, 7)]
    assert len(calls) == (3 if kit.database.kind == "postgres" else 2)


@pytest.mark.usefixtures("kit")
async def test_it_is_tried_twice_and_no_more() -> None:
    attempts = 0

    async def hopeless(_tx: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        raise asyncpg.SerializationError("could not serialize access")

    with pytest.raises(asyncpg.SerializationError):
        await transact("forum", hopeless)
    assert attempts == 2


async def test_what_was_committed_is_not_done_again(kit: Running) -> None:
    api = Api("a space")

    @api.post("/", summary="Make a space, and read something afterwards")
    async def make(_call: Call) -> None:
        async with transaction("forum") as tx:
            identifier = new_id()
            slug = str(identifier)
            row = Space(id=identifier, slug=slug, network=slug, name=slug, version=0)
            await row.save(using_db=tx.connection, force_create=True)
        raise asyncpg.DeadlockDetectedError("reading met a migration")

    app = create_app("forum", api, service.handlers, kit.settings)
    client = ServiceClient(InProcess({"forum": app}), kit.settings.secret)
    assert (await client.request("forum", "POST", "/")).status == 500
    assert await Space.all().count() == 1


@pytest.mark.usefixtures("kit")
async def test_a_mistake_is_not_repeated() -> None:
    attempts = 0

    async def wrong(tx: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        await tx.connection.execute_query("SELECT nonsense FROM nowhere")

    with pytest.raises(OperationalError):
        await transact("forum", wrong)
    assert attempts == 1


def test_a_locked_sqlite_file_is_given_up_for_another(sqlite: Database) -> None:
    path = sqlite.folder / "busy.sqlite3"
    with sqlite3.connect(path) as writer, sqlite3.connect(path, timeout=0) as other:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as caught:
            other.execute("BEGIN IMMEDIATE")
    assert gave_up(OperationalError(caught.value))
    assert not gave_up(OperationalError("no such table"))
