"""The operator's commands on the databases: what is unwell is said, and dead letters are handled again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.contracts.envelope import Envelope
from infra.db import transaction
from infra.inbox import dead_letters
from infra.outbox.record import outbox_of
from infra.runtime.control import ControlSocket, ask, socket_path
from infra.runtime.imports import import_bundle
from infra.runtime.operator import Operator
from infra.runtime.service import ImportReport, RowError
from tests.house.left.service import make_thing
from tests.house.left.service import service as left
from tests.house.right.models import Thing
from tests.house.right.service import service as right
from tests.kit import Database, Running, running


class Console:
    """Runs commands and keeps what they say."""

    def __init__(self, kit: Running) -> None:
        self.operator = Operator(kit.settings, [left, right], patience=0.1)
        self.said: list[str] = []

    async def __call__(self, command: str, **options: object) -> int:
        self.said.clear()
        return await self.operator.run(command, options, self.said.append)

    @property
    def text(self) -> str:
        """What the last command said."""
        return "\n".join(self.said)


@pytest.fixture
async def console(database: Database) -> AsyncIterator[Console]:
    async with running([left, right], database) as kit:
        yield Console(kit)


async def _poison() -> None:
    envelope = Envelope(
        id="01a2016b-a4ad-76a0-8019-56a3b38141d5",
        source="/services/left",
        type="lotse.left.thing.made.v1",
        subject="thing/1",
        time="2026-01-01T00:00:00Z",
        data={"id": "1", "version": 1, "name": "poison"},
        position=1,
    )
    async with transaction("right") as tx:
        await dead_letters.store(tx, envelope, "remember", ValueError("there is no cure"), 5)


async def test_a_dead_letter_is_shown_and_handled_again(console: Console) -> None:
    await _poison()
    assert await console("status") == 1
    assert "right: UNWELL" in console.text
    assert "dead letters: 1" in console.text

    assert await console("dead-letters", verb="list") == 0
    identifier = console.said[0].split()[0]
    assert "right.remember  lotse.left.thing.made.v1" in console.text
    assert "5 attempts: ValueError: there is no cure" in console.text

    assert await console("dead-letters", verb="retry", id="01a2016b-a4ad-76a0-8019-000000000000") == 1
    assert await console("dead-letters", verb="retry", id=identifier) == 1
    assert console.text == "0 handled, 1 failed again"
    async with transaction("right") as tx:
        await Thing.create(name="cure", using_db=tx.connection)
    assert await console("dead-letters", verb="retry", id="all") == 0
    assert console.text == "1 handled, 0 failed again"
    assert await Thing.filter(name="poison").count() == 1
    assert await console("status") == 0


async def test_what_does_not_leave_or_does_not_arrive_is_unwell(console: Console) -> None:
    async with transaction("left") as tx:
        await make_thing(tx, "thing")
    assert await console("status") == 0
    assert "0 published, 1 waiting" in console.text

    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    async with transaction("left") as tx:
        await outbox_of("left").all().using_db(tx.connection).update(created_at=long_ago)
    assert await console("status") == 1
    assert "is the relay running" in console.text

    async with transaction("left") as tx:
        await outbox_of("left").all().using_db(tx.connection).update(position=1, published_at=long_ago)
    assert await console("status") == 1
    assert "hears left: 0 of 1, 1 behind" in console.text


async def test_a_running_installation_has_migrated_itself(console: Console) -> None:
    assert await console("migrate") == 0
    assert "nothing to do" in console.text


async def test_seeds_wait_for_what_they_build_on(console: Console) -> None:
    assert await console("seed") == 1
    assert console.said == [
        "left: filled.",
        "left: events to publish: 1 left, and nothing has moved for 0 s.",
        "Does it run? python -m infra.runtime background left",
    ]


async def test_what_nobody_carries_out_is_told_with_the_processes_that_should(console: Console) -> None:
    async with transaction("left") as tx:
        await make_thing(tx, "thing")
        await outbox_of("left").all().using_db(tx.connection).update(position=1, published_at=datetime.now(UTC))
    apart = replace(console.operator._settings, database_url="asyncpg://host/{service}", broker_url="amqp://host/")
    console.operator = Operator(apart, [left, right], patience=0.1)
    for command, options in (("replay", {"service": "right", "position": 0}), ("reindex", {})):
        assert await console(command, **options) == 1
        assert "right: events to hear: 1 left, and nothing has moved for 0 s." in console.said
        assert "It goes on when they run: background right, background left." in console.text


async def test_a_service_tells_its_state_anew_where_it_can(console: Console) -> None:
    async def snapshot() -> int:
        async with transaction("left") as tx:
            await make_thing(tx, "told anew")
        return 1

    console.operator = Operator(console.operator._settings, [replace(left, snapshot=snapshot), right])
    assert await console("snapshot", service="left") == 0
    assert console.said == ["left: 1 events tell the present state anew."]
    assert await outbox_of("left").all().count() == 1
    for other in ("right", "nobody"):
        assert await console("snapshot", service=other) == 1
        assert console.said == [f"{other} can tell nothing anew. Known are: left."]


async def test_nothing_to_reindex_is_said(console: Console) -> None:
    console.operator = Operator(console.operator._settings, [left])
    assert await console("reindex") == 1


async def test_a_bundle_that_changes_while_it_is_read_is_not_half_taken(tmp_path: Path) -> None:
    async def changes(_directory: Path, dry_run: bool) -> ImportReport:
        return ImportReport(errors=[] if dry_run else [RowError("things.txt", 1, "the name is missing")])

    said: list[str] = []
    assert await import_bundle([replace(left, importer=changes)], tmp_path, False, said.append) == 1
    assert "Import it again" in said[-1]


async def test_the_control_socket_is_the_owners_and_breaks_off_what_waits(sqlite: Database) -> None:
    async with running([left, right], sqlite) as kit:
        operator = Operator(kit.settings, [left, right])
        control = ControlSocket(kit.settings.data_dir, operator)
        assert ask(kit.settings.data_dir, "status", {}, print) is None
        await control.start()
        assert socket_path(kit.settings.data_dir).stat().st_mode & 0o777 == 0o600
        said: list[str] = []
        assert await asyncio.to_thread(ask, kit.settings.data_dir, "status", {}, said.append) == 0
        assert said[0] == "left: well"

        # Nobody publishes here what the first seed records, so the second one waits.
        waiting = asyncio.create_task(asyncio.to_thread(ask, kit.settings.data_dir, "seed", {}, said.append))
        async with asyncio.timeout(10):
            while "left: filled." not in said:
                await asyncio.sleep(0.01)
        await control.stop(1.0)
        assert await waiting == 1
        assert "broke the command off" in said[-1]
        assert not socket_path(kit.settings.data_dir).exists()
