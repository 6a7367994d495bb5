"""What keeps a process out of its servers is told in words; servers that are just starting are waited for."""

from __future__ import annotations

import time
import uuid
from urllib.parse import urlsplit

import pytest

from infra.bus.probe import broker_trouble
from infra.bus.topology import relay_topology
from infra.db.probe import clock_ahead, database_trouble
from infra.errors import Text, Trouble
from infra.runtime import doctor
from infra.runtime.problems import CannotStart
from infra.runtime.servers import Server, await_servers
from tests.house.left.service import service as left
from tests.house.right.service import service as right
from tests.infra.toys.brokers import AMQP_URL, needs_rabbitmq
from tests.infra.toys.restricted import RABBITMQCTL, restricted_broker
from tests.kit import POSTGRES_URL, Database, on_server

needs_postgres = pytest.mark.skipif(not POSTGRES_URL, reason="LOTSE_TEST_POSTGRES_URL names no PostgreSQL server")
SILENT = Trouble(Text("Niemand antwortet.", "Nobody answers."), Text("Starten Sie es.", "Start it."), passing=True)
REFUSED = Trouble(Text("Falsches Passwort.", "Wrong password."), Text("Berichtigen.", "Correct it."))


def server(*troubles: Trouble | None) -> Server:
    """A server that is asked as often as there are answers."""
    answers = iter(troubles)

    async def trouble() -> Trouble | None:
        return next(answers)

    return Server(Text("Die Datenbank", "The database"), "database", "LOTSE_DATABASE_URL", trouble)


def database(**parts: str) -> str:
    """The address of the tests' PostgreSQL server with parts of it replaced."""
    real = urlsplit(POSTGRES_URL)
    known = {"user": real.username or "", "password": real.password or "", "host": real.netloc.rsplit("@", 1)[-1]}
    return "asyncpg://{user}:{password}@{host}/{name}".format(**{**known, "name": "postgres", **parts})


def broker(**parts: str) -> str:
    """The address of the tests' RabbitMQ with parts of it replaced."""
    real = urlsplit(AMQP_URL)
    known = {"user": real.username or "", "password": real.password or "", "vhost": real.path.removeprefix("/")}
    return "amqp://{user}:{password}@{host}/{vhost}".format(
        **{**known, "host": real.netloc.rsplit("@", 1)[-1], **parts}
    )


async def test_a_server_that_is_just_starting_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    await await_servers([server(SILENT, SILENT, None)], 30)
    assert [record.message for record in caplog.records] == ["waiting for a server", "the server answers now"]


async def test_the_wait_has_an_end() -> None:
    with pytest.raises(CannotStart) as caught:
        await await_servers([server(SILENT, SILENT)], 0.1)
    assert caught.value.text.de.startswith("Die Datenbank (LOTSE_DATABASE_URL): Niemand antwortet. Gewartet wurde")
    assert caught.value.text.en.endswith("Start it.")


async def test_who_is_refused_need_not_wait() -> None:
    with pytest.raises(CannotStart) as caught:
        await await_servers([server(REFUSED)], 3600)
    assert caught.value.text.en == "The database (LOTSE_DATABASE_URL): Wrong password. Correct it."


@pytest.mark.parametrize(
    ("parts", "reason", "cure", "passing"),
    [
        ({}, "", "", False),
        ({"password": "wrong"}, "name or password is wrong", "ALTER ROLE", False),
        ({"user": "nobody"}, "does not let the user nobody in", "ALTER ROLE nobody", False),
        ({"name": "nowhere"}, "There is no database nowhere there.", "createdb --owner=", False),
        ({"host": "127.0.0.1:1"}, "does not answer at 127.0.0.1:1", "Start PostgreSQL", True),
        ({"host": "nowhere.invalid"}, "The name nowhere.invalid is unknown.", "correct the address", True),
    ],
)
@pytest.mark.postgres
@needs_postgres
async def test_a_database_says_why(parts: dict[str, str], reason: str, cure: str, passing: bool) -> None:
    _assert_told(await database_trouble(database(**parts)), reason, cure, passing)


@pytest.mark.postgres
@needs_postgres
async def test_a_clock_that_goes_wrong_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert abs(await clock_ahead(database())) < 5
    here = time.time
    monkeypatch.setattr(time, "time", lambda: here() - 90)
    assert 80 < await clock_ahead(database()) < 100


@pytest.mark.parametrize("database", [pytest.param("postgres", marks=needs_postgres)], indirect=True)
async def test_the_doctor_looks_into_each_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await database.prepare([left])
    database.made.append(f"{database.prefix}_right")
    await on_server(f'CREATE DATABASE "{database.prefix}_right"')
    settings = database.settings()
    assert (await doctor.database(settings, left)).well
    assert "migrations are missing (right.0001_initial" in (await doctor.database(settings, right)).line()
    monkeypatch.setattr(doctor, "CLOCKS_SECONDS", -1.0)
    assert "its clock differs from this machine's" in (await doctor.database(settings, left)).line()


@needs_postgres
async def test_a_user_that_does_not_own_its_database_is_told_how_to_get_it() -> None:
    user = f"lotse_test_{uuid.uuid4().hex[:8]}"
    await on_server(f"CREATE ROLE {user} LOGIN PASSWORD 'only of this test'")
    try:
        trouble = await database_trouble(database(user=user, password="only%20of%20this%20test"))
    finally:
        await on_server(f"DROP ROLE {user}")
    _assert_told(trouble, "may not make tables in the database postgres", f"OWNER TO {user}", False)


@pytest.mark.parametrize(
    ("parts", "reason", "cure", "passing"),
    [
        ({}, "", "", False),
        ({"password": "wrong"}, "name or password is wrong", "rabbitmqctl change_password", False),
        ({"vhost": "nowhere"}, "has no vhost nowhere", "Load the definitions into RabbitMQ", False),
        ({"host": "127.0.0.1:1"}, "does not answer at 127.0.0.1:1", "Start RabbitMQ", True),
        ({"host": "nowhere.invalid"}, "The name nowhere.invalid is unknown.", "correct the address", True),
    ],
)
@pytest.mark.rabbitmq
@needs_rabbitmq
async def test_a_broker_says_why(parts: dict[str, str], reason: str, cure: str, passing: bool) -> None:
    _assert_told(await broker_trouble(broker(**parts)), reason, cure, passing)


def _assert_told(trouble: Trouble | None, reason: str, cure: str, passing: bool) -> None:
    if not reason:
        assert trouble is None
        return
    assert trouble is not None
    assert reason in trouble.reason.en
    assert cure in trouble.cure.en
    assert trouble.passing is passing
    assert trouble.reason.de != trouble.reason.en
    assert "wrong@" not in trouble.reason.en + trouble.cure.en


@pytest.mark.rabbitmq
@needs_rabbitmq
@pytest.mark.skipif(not RABBITMQCTL, reason="rabbitmqctl of the RabbitMQ on this machine is needed")
async def test_a_broker_names_the_permission_that_a_user_lacks() -> None:
    async with restricted_broker() as restricted:
        url = restricted.url("taker")
        assert await broker_trouble(url, [relay_topology("taker")]) is None
        trouble = await broker_trouble(url, [relay_topology("maker")])
    assert trouble is not None
    assert "lacks a permission in RabbitMQ: ACCESS_REFUSED" in trouble.reason.en
    assert "lotse.maker.requests" in trouble.reason.en
    assert trouble.reason.en.endswith("."), "the cure follows"
    assert "Load the definitions of this version" in trouble.cure.en
