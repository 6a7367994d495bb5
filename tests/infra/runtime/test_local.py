"""`up-local` with the small house: what each process is told, that it starts again and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from infra.db import transaction
from infra.runtime.local.environment import Environments, Servers
from infra.runtime.local.home import MARK, end_leftovers
from infra.runtime.local.supervised import Supervised
from infra.runtime.plan import Process, plan
from infra.runtime.problems import CannotStart
from infra.settings import load
from tests.house.left.service import make_thing
from tests.house.left.service import service as left
from tests.house.right.service import service as right
from tests.infra.runtime.conftest import HOUSE, until
from tests.kit import Database, running
from tests.processes import START_SECONDS, Processes, missing

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root installs, and hands the servers to other users")
needs_programs = pytest.mark.skipif(bool(missing()), reason=missing() or "nothing is missing")


class LocalHouse(Processes):
    """The small house by `up-local`."""

    def __init__(self, **environ: str) -> None:
        super().__init__(**HOUSE | environ)

    async def make(self, name: str) -> None:
        """Have left make a thing; returns once right has finished it."""
        async with self.session.post(f"{self.url}/left/things", json={"name": name}) as answer:
            assert answer.status == 201

        async def done() -> bool:
            return name in await self.finished()

        await until(done)

    async def finished(self) -> set[str]:
        """Names of the things whose job has run."""
        async with self.session.get(f"{self.url}/right/things") as answer:
            items: list[dict[str, Any]] = (await answer.json())["items"]
            return {item["name"] for item in items if item["done"]}

    async def refused(self, **environ: str) -> str:
        """What `up-local` says when it does not start."""
        process = await self.spawn("up-local", **{"LOTSE_DEMO": "1", "LOTSE_DATA_DIR": str(self.folder), **environ})
        assert await asyncio.wait_for(process.wait(), START_SECONDS) == 2
        return self.log.read_text(encoding="utf-8")


@needs_programs
@pytest.mark.system
@pytest.mark.timeout(600)
async def test_however_it_ends_nothing_is_left_behind_and_the_next_start_works(sqlite: Database) -> None:
    async with running([left, right], sqlite), transaction("left") as tx:
        await make_thing(tx, "long ago")  # in an all-in-one that told nobody yet
    local = LocalHouse()
    with socket.create_server(("127.0.0.1", local.port + 1)):  # somebody else's; the next free one is taken
        async with local:
            await local.make("one")
            first = local.pids
            await local.kill()
            await local.start()
            assert not set(first.values()) & set(local.survivors)
            assert "one" in await local.finished()

            os.kill(int((local.home / "supervisord.pid").read_text()), signal.SIGKILL)
            assert await local.ended() == 1
            assert local.survivors == []

            await local.start("--fresh", "--move", str(sqlite.folder))
            await until(lambda: _has(local, "long ago"))
            await until(lambda: _has(local, "seeded"))
            assert "one" not in await local.finished()
            assert await local.stop() == 0
            assert local.survivors == []
            with pytest.raises(aiohttp.ClientConnectorError):
                await local.finished()


async def _has(local: LocalHouse, name: str) -> bool:
    return name in await local.finished()


@needs_programs
async def test_a_taken_port_is_named() -> None:
    local = LocalHouse()
    local.folder.chmod(0o711)
    with socket.create_server(("127.0.0.1", local.port)):
        said = await local.refused(LOTSE_PORT=str(local.port))
    assert f"Port {local.port} on 127.0.0.1 is taken" in said
    local.remove()


async def test_what_is_missing_is_named_with_the_command_that_installs_it() -> None:
    local = LocalHouse()
    said = await local.refused(PATH="")
    assert "sudo apt-get install --no-install-recommends" in said
    assert "util-linux" in said
    assert "make run" in said
    local.remove()


FAKE_APT = """#!/bin/sh
echo "$*" >> {log}
if [ "$1" = install ]; then {install}; fi
"""


@needs_programs
@only_root
async def test_root_installs_what_is_missing(tmp_path: Path) -> None:
    """An apt-get that fails is told with its words; after one that works the start goes on."""
    local, log = LocalHouse(), tmp_path / "asked"
    apt = tmp_path / "apt-get"
    links = "; ".join(f"/bin/ln -s {shutil.which(name)} {tmp_path}" for name in ("setpriv", "epmd"))
    for install, expected in (("echo no network; exit 100", "no network"), (links, "is taken")):
        apt.write_text(FAKE_APT.format(log=log, install=install))
        apt.chmod(0o755)
        with socket.create_server(("127.0.0.1", local.port)):
            said = await local.refused(PATH=str(tmp_path), LOTSE_PORT=str(local.port))
        assert expected in said
    asked = log.read_text().splitlines()
    assert asked == ["update", "install --yes --no-install-recommends erlang-base util-linux"] * 2
    local.remove()


@needs_programs
@pytest.mark.system
@pytest.mark.timeout(600)
async def test_a_process_that_does_not_start_is_named_with_its_last_words() -> None:
    local = LocalHouse(LOTSE_GATEWAY="tests.house.nowhere")
    said = await local.refused(LOTSE_PORT=str(local.port))
    assert "gateway did not finish; it said:" in said
    assert "No module named 'tests.house.nowhere'" in said
    assert local.survivors == []
    local.remove()


async def test_what_a_former_run_left_is_ended_by_the_next(tmp_path: Path) -> None:
    left_over = await asyncio.create_subprocess_exec("sleep", "600", env={**os.environ, MARK: str(tmp_path)})
    stranger = await asyncio.create_subprocess_exec("sleep", "600", env={**os.environ, MARK: str(tmp_path / "other")})
    assert await end_leftovers(tmp_path, 0.0) == [left_over.pid]
    assert await left_over.wait() == -signal.SIGKILL
    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()


@needs_programs
@only_root
async def test_a_supervisor_that_does_not_come_up_says_why(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        supervised = Supervised(tmp_path, Path("setpriv"), [], taken.getsockname()[1], "secret")
        assert supervised.last_words("nobody") == ""
        with pytest.raises(CannotStart, match="supervisord did not start") as caught:
            await supervised.start(os.environ)
    assert "already listening" in caught.value.text.en
    await supervised.stop(0)


@needs_programs
@only_root
async def test_a_folder_that_the_servers_may_not_enter_is_named() -> None:
    local = LocalHouse()
    local.folder.chmod(0o700)
    said = await local.refused()
    assert f"may not enter the folder {local.home}" in said
    assert "LOTSE_DATA_DIR" in said
    local.remove()


def _environments() -> Environments:
    passwords = {"left": "lll", "right": "rrr"}
    processes = plan([left, right], ports=range(9000, 9100))
    servers = Servers(5400, 5600, passwords, passwords)
    return Environments(processes, servers, Path("/data"), "http://here", "s" * 32, demo=True)


def _named(environments: Environments, name: str) -> Process:
    return next(process for process in environments.processes if process.name == name)


def test_a_process_is_told_its_own_addresses() -> None:
    environments = _environments()
    told = environments.of(_named(environments, "right-worker"))
    assert told["LOTSE_DATABASE_URL"] == "asyncpg://lotse_right:rrr@127.0.0.1:5400/lotse_right"
    assert told["LOTSE_BROKER_URL"] == "amqp://lotse_right:rrr@127.0.0.1:5600/lotse"
    assert told["LOTSE_JOBS_URL"] == "amqp://lotse_right:rrr@127.0.0.1:5600/lotse_jobs"
    assert "LOTSE_SERVICE_URLS" not in told
    assert load(told).database("right") == told["LOTSE_DATABASE_URL"]


def test_the_gateway_is_told_where_services_answer_and_no_password() -> None:
    environments = _environments()
    told = environments.of(_named(environments, "gateway"))
    assert load(told).port == 9000
    assert {name: load(told).service_url(name) for name in ("left", "right")} == {
        "left": f"http://127.0.0.1:{_named(environments, 'left-web').port}",
        "right": f"http://127.0.0.1:{_named(environments, 'right-web').port}",
    }
    assert "lll" not in str(told)


def test_an_operator_is_told_all_addresses() -> None:
    environments = _environments()
    settings = load(environments.of_operator())
    for name in ("left", "right"):
        own = load(environments.of(_named(environments, f"{name}-web")))
        assert settings.database(name) == own.database(name)
        assert settings.broker(name) == own.broker(name)
        assert settings.jobs(name) == own.jobs(name)


def test_an_operator_is_told_what_the_processes_inherit() -> None:
    given = {
        "LOTSE_SMTP_URL": "smtp://mail.example.org",
        "LOTSE_SECRET": "another",
        "HOME": "/root",
        "LOTSE_OTHER": "x",
    }
    lines = shlex.split(_environments().as_script(given))
    told = dict(each.split("=", 1) for each in lines if each != "export")
    assert told == {"LOTSE_SMTP_URL": "smtp://mail.example.org", **_environments().of_operator()}
