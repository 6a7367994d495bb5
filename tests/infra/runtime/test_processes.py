"""The small house as separate processes on PostgreSQL and RabbitMQ: the same code in other roles."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from infra.contracts.envelope import Envelope
from infra.db.migrate import migrate
from infra.ids import new_id
from infra.jobs.celery import queue_of
from infra.runtime.shutdown import STOP_SECONDS
from infra.settings import load
from tests.house.left.service import service as left
from tests.house.right.service import service as right
from tests.infra.runtime.conftest import until
from tests.infra.runtime.processes import HouseInProcesses, installed, needs_servers
from tests.infra.toys.brokers import connected

pytestmark = needs_servers
log = logging.getLogger(__name__)
SOON_SECONDS = 15  # much more than a take-over needs, much less than a heartbeat or a mark of an idle log


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[HouseInProcesses]:
    """Migrated, nothing runs."""
    async with installed(tmp_path) as made:
        await migrate(load(made.environ), [left.schema, right.schema])
        yield made


async def start_hearing(processes: HouseInProcesses) -> None:
    """What is needed for right to hear of what left makes."""
    await asyncio.gather(*(processes.start(role, name) for name in ("left", "right") for role in ("web", "background")))


async def test_the_house_works_in_separate_processes(processes: HouseInProcesses) -> None:
    await start_hearing(processes)
    await asyncio.gather(
        processes.start("worker", "right"),
        processes.start("worker", "right", copy=1),
        processes.start("beat", "right"),
        processes.start("web", "right", copy=1),
        processes.start("gateway"),
    )
    code, said = await processes.run("seed")
    assert code == 0, said
    for name in ("thing", "lost"):
        await processes.make(name)
    await processes.until_heard("lost", "seeded", "thing", done=True)
    assert await processes.heard(copy=1) == ["lost", "seeded", "thing"], "copies of web answer alike"
    assert len((await processes.ask("/right/things", of=("gateway",)))["items"]) == 3
    code, said = await processes.run("status")
    assert code == 0, said
    await _assert_health(processes)
    await _assert_the_gateway_looks_after_itself(processes)
    assert set((await processes.stop()).values()) == {0}, processes.printed()
    assert processes.printed().count("right is attended to") == 1, "only the background role attends"
    for role, port in processes.ports.items():
        assert f'"role": "{role[0]}", "address": "127.0.0.1:{port}"' in processes.printed(), "who starts says where"


async def _assert_health(processes: HouseInProcesses) -> None:
    for role in processes.running:
        port = processes.ports[role]
        async with processes.session.get(f"http://127.0.0.1:{port}/livez") as answer:
            assert answer.status == 200, role
        async with processes.session.get(f"http://127.0.0.1:{port}/metrics") as answer:
            assert "lotse_" in await answer.text(), role
    checks = (await processes.ask("/readyz", of=("background", "right")))["checks"]
    assert checks == {"started": True, "database": True, "broker": True, "jobs": True}


async def _assert_the_gateway_looks_after_itself(processes: HouseInProcesses) -> None:
    await processes.start("gateway", copy=1, ready=False, LOTSE_SECRET="o" * 32)

    async def tells() -> bool:
        return (
            not await processes.is_ready("gateway", copy=1) and "LOTSE_SECRET must be the same" in processes.printed()
        )

    await until(tells)
    await processes.kill("web", "left")
    assert await processes.is_ready("gateway"), "one service that is away does not take the gateway away"


async def test_commands_do_their_whole_job_beside_the_processes(processes: HouseInProcesses, tmp_path: Path) -> None:
    (tmp_path / "things.txt").write_text("one\ncure\n")
    await asyncio.gather(start_hearing(processes), processes.start("worker", "right"))
    code, said = await processes.run("import", str(tmp_path))
    assert (code, said) == (0, "left: 2 created, 0 updated, 0 unchanged\n")
    await processes.until_heard("cure", "one", done=True)

    await processes.on_database("right", dead_letter("poison"))
    assert "ValueError: there is no cure" in (await processes.run("dead-letters", "list"))[1]
    assert await processes.run("dead-letters", "retry", "all") == (0, "1 handled, 0 failed again\n")
    await processes.until_heard("cure", "one", "poison", done=True)

    code, said = await processes.run("replay", "right", "0")
    assert code == 0, said
    assert "Done: right caught up" in said
    assert await processes.heard() == ["cure", "cure", "one", "one", "poison"], "right keeps what it hears twice"

    code, said = await processes.run("reindex")
    assert code == 0, said
    assert await processes.heard() == ["cure", "one"]


def dead_letter(name: str) -> str:
    """The statement by which an event that was given up waits for an operator."""
    envelope = Envelope(
        id="01a2016b-a4ad-76a0-8019-56a3b38141d5",
        source="/services/left",
        type="lotse.left.thing.made.v1",
        subject="thing/9",
        time="2026-01-01T00:00:00Z",
        data={"id": "9", "version": 1, "name": name},
    )
    return (
        "INSERT INTO dead_letters (id, event_id, handler, producer, type, envelope, error, attempts, created_at) "
        f"VALUES ('{new_id()}', '{envelope.id}', 'remember', 'left', '{envelope.type}', "
        f"'{msgspec.json.encode(envelope).decode()}', 'ValueError: there is no cure', 5, now())"
    )


async def test_pages_need_no_broker(processes: HouseInProcesses) -> None:
    await processes.start("web", "left", LOTSE_BROKER_URL="amqp://127.0.0.1:1/")
    await processes.make("thing")
    assert await processes.stop() == {("web", "left"): 0}, processes.printed()


async def test_who_waits_for_a_broker_lives_and_can_be_stopped(processes: HouseInProcesses) -> None:
    await processes.start("background", "left", ready=False, LOTSE_BROKER_URL="amqp://127.0.0.1:1/")

    async def waits() -> bool:
        return "The broker of left" in processes.printed()

    await until(waits)
    port = processes.ports["background", "left"]
    async with processes.session.get(f"http://127.0.0.1:{port}/livez") as answer:
        assert answer.status == 200
    assert not await processes.is_ready("background", "left")
    assert await processes.stop() == {("background", "left"): 0}, processes.printed()


async def test_a_second_background_takes_over_from_a_killed_one(processes: HouseInProcesses) -> None:
    await start_hearing(processes)
    await asyncio.gather(*(processes.start("background", name, copy=1) for name in ("left", "right")))
    await processes.make("before")
    await processes.until_heard("before")

    await asyncio.gather(*(processes.kill("background", name) for name in ("left", "right")))
    killed = time.monotonic()
    await processes.make("after")
    await processes.until_heard("before", "after")
    seconds = time.monotonic() - killed
    log.info("the second took over after %.1f s", seconds)
    assert seconds < SOON_SECONDS, f"took over after {seconds:.1f} s"


async def test_a_job_in_a_killed_worker_is_done_by_another(processes: HouseInProcesses) -> None:
    await start_hearing(processes)
    await processes.start("worker", "right")
    await processes.make("stubborn")
    await processes.until_heard("stubborn, begun")
    await processes.kill("worker", "right")
    await processes.start("worker", "right", copy=1)
    await processes.until_heard("stubborn, begun", done=True)


async def test_a_worker_that_is_stopped_gives_back_what_it_cannot_finish(processes: HouseInProcesses) -> None:
    await start_hearing(processes)
    await processes.start("worker", "right")
    await processes.make("stubborn")
    await processes.until_heard("stubborn, begun")
    worker = processes.running[("worker", "right")]
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(worker.wait(), STOP_SECONDS) == 0, processes.printed()
    await processes.start("worker", "right", copy=1)
    await processes.until_heard("stubborn, begun", done=True)


async def test_a_database_behind_is_refused_and_one_ahead_goes_on_working(processes: HouseInProcesses) -> None:
    behind = await processes.on_database("left", "SELECT max(name) AS name FROM tortoise_migrations")
    newest = behind[0]["name"]
    await processes.on_database("left", f"DELETE FROM tortoise_migrations WHERE name = '{newest}'")
    code, said = await processes.run("web", "left")
    assert code == 2
    assert f"In der Datenbank von left fehlt: left.{newest}. Vorher: python -m infra.runtime migrate" in said

    add = "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('left', '{}', now())"
    await processes.on_database("left", add.format(newest))
    await processes.on_database("left", add.format("9999_colour"))
    await processes.on_database("left", "ALTER TABLE things ADD COLUMN colour text")
    await start_hearing(processes)
    await processes.make("thing")
    await processes.until_heard("thing")
    warnings = [json.loads(line) for line in processes.printed().splitlines() if "is ahead of" in line]
    assert {warning["migrations"] for warning in warnings} == {"left.9999_colour"}
    code, said = await processes.run("status")
    assert code == 0, said
    assert "the database is ahead of this program (left.9999_colour): finish the upgrade" in said
    assert await processes.run("migrate") == (0, "nothing to do\n")


async def test_a_worker_that_cannot_have_its_queue_ends_and_says_why(processes: HouseInProcesses) -> None:
    with connected() as connection:
        connection.channel().queue_declare(queue_of("right"), durable=False, auto_delete=False)
    code, said = await asyncio.wait_for(processes.run("worker", "right"), 30)
    assert code == 1
    assert "PRECONDITION_FAILED" in said
    assert "part ended by itself, stopping" in said
