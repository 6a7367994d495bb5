"""The main job on separate processes, and what an `up-local` looks like while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from infra.runtime.plan import plan
from infra.runtime.service import load as load_services
from infra.settings import SERVICES
from tests.instance import Client
from tests.processes import Processes
from tests.system.story_by_api import StoryByApi

pytestmark = [pytest.mark.system, pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lotse(processes: Processes) -> AsyncIterator[Client]:
    """A client of the processes of conftest; its connections belong to this module's loop."""
    async with Client(processes.port) as client:
        yield client


class TestProcesses(StoryByApi):
    """The processes of conftest."""


def _environment(pid: int) -> dict[str, str]:
    pairs = Path(f"/proc/{pid}/environ").read_text(encoding="utf-8").rstrip("\0").split("\0")
    return dict(pair.split("=", 1) for pair in pairs)


async def test_the_processes_are_those_of_the_plan(processes: Processes) -> None:
    planned = plan(load_services(tuple(SERVICES.split(","))), together=["search"])
    assert set(processes.pids) == {process.name for process in planned} | {"postgresql", "rabbitmq", "epmd"}


async def test_each_process_is_told_no_secret_of_another_service(processes: Processes) -> None:
    pids = processes.pids
    told = {name: _environment(pids[f"{name}-web"])["LOTSE_DATABASE_URL"] for name in ("contacts", "forum")}
    assert told["contacts"] != told["forum"]
    for name, pid in pids.items():
        text = "\n".join(f"{key}={value}" for key, value in _environment(pid).items() if key.startswith("LOTSE_"))
        users = {service for service in ("contacts", "forum", "newsletter", "search") if f"lotse_{service}:" in text}
        assert users <= {name.partition("-")[0]}, name


async def test_a_second_one_on_the_same_folder_is_refused(processes: Processes) -> None:
    second = await processes.spawn("up-local", LOTSE_DEMO="1", LOTSE_DATA_DIR=str(processes.folder))
    assert await second.wait() == 2
    assert f"in use by another Lotse (process {processes.pid})" in processes.log.read_text(encoding="utf-8")


async def test_the_line_for_operators_works_from_anywhere(processes: Processes) -> None:
    said = processes.log.read_text(encoding="utf-8").splitlines()
    line = next(line for line in said if line.startswith("Operator's commands:"))
    process = await asyncio.create_subprocess_shell(line.partition(":")[2], cwd="/", stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    assert (process.returncode, told.count(b": well")) == (0, 4), told
