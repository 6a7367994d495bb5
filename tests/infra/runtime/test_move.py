"""`move`: an all-in-one's files go over to PostgreSQL, each service as a whole, or the reason is told."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncpg
import pytest

from infra.db import copying, transaction
from infra.db.config import postgresql_url
from infra.outbox.log import Log
from infra.outbox.relay import LOCK_KEY
from infra.runtime.__main__ import main
from infra.runtime.datalock import data_lock
from infra.runtime.move import move
from infra.runtime.problems import CannotStart
from infra.runtime.status import read_status
from infra.settings import Settings
from tests.house.left import models as of_left
from tests.house.left.service import make_thing
from tests.house.left.service import service as left
from tests.house.right.models import Thing
from tests.house.right.service import service as right
from tests.infra.runtime.conftest import HOUSE, until
from tests.instance import ROOT
from tests.kit import POSTGRES_URL, Database, hosting, running

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not POSTGRES_URL, reason="LOTSE_TEST_POSTGRES_URL names no PostgreSQL server"),
]
GATE = 4711
# A fault that lasts as long as the test wants: rows wait for a lock of the test's.
HALF_WAY = f"""
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_advisory_xact_lock({GATE}); RETURN NEW; END';
    CREATE TRIGGER wait BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION wait()"""
SWALLOW = """
    CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER swallow BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION swallow()"""


@dataclass
class Removal:
    """The small house in files, with three things and a log of three events, and databases for it on a server."""

    source: Database
    target: Database
    said: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """Of the new installation."""
        settings = self.target.settings(broker_url="amqp://127.0.0.1:1")
        return replace(settings, services=tuple(HOUSE["LOTSE_SERVICES"].split(",")))

    async def __call__(self, folder: Path | None = None) -> int:
        self.said.clear()
        return await move(self.settings, folder or self.source.folder, False, self.said.append)

    async def refusal(self, folder: Path | None = None) -> str:
        """Why it does not move."""
        with pytest.raises(CannotStart) as told:
            await self(folder)
        return told.value.text.en

    def change(self, service: str, statement: str) -> None:
        """Change a file of the old installation."""
        with closing(sqlite3.connect(self.source.folder / f"{service}.sqlite3")) as connection:
            connection.execute(statement)
            connection.commit()

    @asynccontextmanager
    async def session(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        """A session on a new database."""
        connection = await asyncpg.connect(postgresql_url(self.settings.database(service)))
        try:
            yield connection
        finally:
            await connection.close()

    async def on_new(self, service: str, statement: str) -> None:
        """Run statements on a new database."""
        async with self.session(service) as connection:
            await connection.execute(statement)

    async def rows(self, service: str) -> int:
        """How many rows the new database of a service holds."""
        async with self.session(service) as connection:
            return int(
                await connection.fetchval("SELECT (SELECT COUNT(*) FROM things) + (SELECT COUNT(*) FROM outbox)")
            )

    async def waits(self) -> bool:
        """Whether a row waits in front of the gate."""
        async with self.session("right") as connection:
            query = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted"
            return bool(await connection.fetchval(query, GATE))


@pytest.fixture
async def removal(tmp_path: Path) -> AsyncIterator[Removal]:
    source = Database("sqlite", tmp_path / "old")
    for folder in (tmp_path / "old", tmp_path / "new"):
        folder.mkdir()
    target = Database("postgres", tmp_path / "new", f"lotse_test_{uuid.uuid4().hex[:10]}")
    async with running([left, right], source):
        async with transaction("left") as tx:
            for name in ("Äpfel", "birnen 🍐", "it's"):
                await make_thing(tx, name)
        first, *_ = await Log("left").take(2)
        await Log("left").mark_published(first.position, first.position)
        async with transaction("right") as tx:
            await Thing.create(name="heard", done=True, using_db=tx.connection)
    await target.prepare([left, right])
    yield Removal(source, target)
    await target.remove()


async def test_the_new_installation_goes_on_where_the_old_one_stopped(removal: Removal) -> None:
    # What a process leaves that was started too early.
    await removal.on_new("left", "INSERT INTO checkpoints (producer, position, updated_at) VALUES ('right', 0, now())")
    assert await removal() == 0
    assert [line.split(" moved in ")[0] for line in removal.said[:2]] == ["left: 6 rows", "right: 1 rows"]
    assert "the search index" in removal.said[2]

    async with hosting([left, right], removal.target):
        things = await of_left.Thing.all().order_by("id")
        assert [(thing.id, thing.name) for thing in things] == [(1, "Äpfel"), (2, "birnen 🍐"), (3, "it's")]
        assert await of_left.Checkpoint.all().count() == 0
        assert (await Log("left").head(), await Log("left").backlog()) == (1, 2)
        assert [entry.position for entry in await Log("left").left_over(10)] == [2]
        assert [entry.position for entry in await Log("left").take(10)] == [3]
        async with transaction("left") as tx:
            await make_thing(tx, "new")  # the keys go on as well
        assert [state.pending for state in await read_status(removal.settings, [left, right])] == [[], []]


async def test_it_can_be_called_again_and_never_overwrites(removal: Removal) -> None:
    await removal.on_new("right", "INSERT INTO things (name, done) VALUES ('mine', false), ('yours', false)")
    assert "The database of right in PostgreSQL holds something else already (things 2)" in await removal.refusal()
    assert removal.said[0].startswith("left: 6 rows moved")

    await removal.on_new("right", "DELETE FROM things")
    assert await removal() == 0
    assert removal.said[0] == "left: was moved before, 6 rows"
    assert removal.said[1].startswith("right: 1 rows moved")

    removal.change("left", "DELETE FROM things WHERE id = 1")  # the old one went on meanwhile
    assert "make it anew" in await removal.refusal()


async def test_what_is_not_an_installation_or_one_that_runs_is_refused(removal: Removal) -> None:
    nowhere = removal.source.folder / "nowhere"
    assert "left.sqlite3, right.sqlite3 are missing" in await removal.refusal(nowhere)
    assert not nowhere.exists()
    (removal.target.folder / "left.sqlite3").write_text("a text")
    assert "left.sqlite3, right.sqlite3 are missing" in await removal.refusal(removal.target.folder)
    with data_lock(removal.source.folder):
        assert f"in use by another Lotse (process {os.getpid()})" in await removal.refusal()


async def test_a_new_installation_at_work_is_refused(removal: Removal, monkeypatch: pytest.MonkeyPatch) -> None:
    async with removal.session("left") as background:
        await background.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        assert "Stop all processes of the new Lotse" in await removal.refusal()
    monkeypatch.setattr(copying, "_LOCK_MILLISECONDS", 50)
    async with removal.session("left") as web, web.transaction():
        await web.execute("INSERT INTO things (name, done) VALUES ('being written', false)")
        assert "Stop all processes of the new Lotse" in await removal.refusal()
    assert await removal.rows("left") == 1


async def test_both_must_be_of_this_version(removal: Removal) -> None:
    last = "0003_outbox_index_of_new_rows"
    await removal.on_new("right", f"DELETE FROM tortoise_migrations WHERE name = '{last}'")
    told = await removal.refusal()
    assert f"right (PostgreSQL) lacks migrations: right.{last}. Run: python -m infra.runtime migrate" in told
    removal.change("left", f"UPDATE tortoise_migrations SET name = '0009_x' WHERE name = '{last}'")
    folder = removal.source.folder
    assert f"LOTSE_DATABASE_URL= LOTSE_DATA_DIR={folder} python -m infra.runtime migrate" in await removal.refusal()
    removal.change("left", f"INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('left', '{last}', '')")
    assert f"({folder / 'left.sqlite3'}) is newer than this program (left.0009_x)" in await removal.refusal()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("UPDATE things SET name = 'a' || char(0)", "invalid byte sequence"),
        (f"UPDATE things SET name = '{'long' * 20}'", "40"),
        ("UPDATE things SET id = 9999999999", "things"),
    ],
)
async def test_a_row_that_does_not_fit_is_named_and_its_service_stays(
    removal: Removal, fault: str, reason: str
) -> None:
    removal.change("right", fault)
    told = await removal.refusal()
    assert "a row of the table things of right" in told
    assert reason in told
    assert (await removal.rows("left"), await removal.rows("right")) == (6, 0)


async def test_a_damaged_file_is_told(removal: Removal) -> None:
    for damaged, said in ((slice(100, 4096), "malformed"), (slice(16, 100), "not a database")):
        path = removal.source.folder / "right.sqlite3"
        content = bytearray(path.read_bytes())
        content[damaged] = b"\xff" * (damaged.stop - damaged.start)
        path.write_bytes(content)
        assert said in await removal.refusal()


async def test_rows_that_do_not_arrive_are_noticed(removal: Removal) -> None:
    await removal.on_new("right", SWALLOW)
    assert "1 rows were read and 0 arrived" in await removal.refusal()


async def test_a_kill_half_way_leaves_nothing_of_that_service(removal: Removal, tmp_path: Path) -> None:
    await removal.on_new("right", HALF_WAY)
    settings = removal.settings
    environ = {**os.environ, **HOUSE, "LOTSE_DEMO": "1", "LOTSE_DATABASE_URL": settings.database_url}
    environ |= {"LOTSE_DATA_DIR": str(tmp_path / "new"), "LOTSE_BROKER_URL": settings.broker_url}
    async with removal.session("right") as gate:
        await gate.execute("SELECT pg_advisory_lock($1)", GATE)
        command = (sys.executable, "-m", "infra.runtime", "move", str(removal.source.folder))
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environ)
        await until(removal.waits)
        process.kill()
        await process.wait()
        await gate.execute("SELECT pg_advisory_unlock_all()")
    assert (await removal.rows("left"), await removal.rows("right")) == (6, 0)
    assert await removal() == 0
    assert removal.said[0] == "left: was moved before, 6 rows"
    assert await removal.rows("right") == 1


async def test_a_server_that_goes_away_half_way_is_told(removal: Removal) -> None:
    await removal.on_new("right", HALF_WAY)
    async with removal.session("right") as gate:
        await gate.execute("SELECT pg_advisory_lock($1)", GATE)
        told = asyncio.create_task(removal.refusal())
        await until(removal.waits)
        await gate.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE objid = 4711 AND NOT granted")
        assert "The connection to the database of right broke off" in await told
    assert await removal() == 0


def test_files_are_no_place_to_move_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {**HOUSE, "LOTSE_DEMO": "1", "LOTSE_DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    assert main(["move", str(tmp_path)]) == 2
    assert "LOTSE_DATABASE_URL must name PostgreSQL" in capsys.readouterr().err
