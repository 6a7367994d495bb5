"""The small house as separate processes on PostgreSQL and RabbitMQ: the same code in other roles."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from kombu.connection import Connection

from infra.bus.topology import consumer_topology, relay_topology
from infra.jobs.celery import queue_of
from tests.infra.runtime.conftest import HOUSE, until
from tests.instance import ROOT, free_port
from tests.kit import POSTGRES_URL, on_server

AMQP_URL = os.environ.get("LOTSE_TEST_AMQP_URL", "")
SERVICES = ("left", "right")
ROLES = (
    ("background", "left"),
    ("web", "left"),
    ("background", "right"),
    ("worker", "right"),
    ("beat", "right"),
    ("web", "right"),
)


class Processes:
    """The processes of one installation."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self.ports = {name: free_port() for name in (*SERVICES, "gateway")}
        host = POSTGRES_URL.split("://", 1)[1].rsplit("/", 1)[0]
        urls = ",".join(f"{name}=http://127.0.0.1:{self.ports[name]}" for name in SERVICES)
        self._environ = {
            **os.environ,
            **HOUSE,
            "LOTSE_DEMO": "1",
            "LOTSE_DATA_DIR": str(folder / "data"),
            "LOTSE_DATABASE_URL": f"asyncpg://{host}/{prefix}_{{service}}",
            "LOTSE_BROKER_URL": AMQP_URL,
            "LOTSE_SERVICE_URLS": urls,
        }
        self._log = folder / "processes.log"
        self.running: dict[tuple[str, ...], asyncio.subprocess.Process] = {}
        self.session = aiohttp.ClientSession()

    async def _spawn(self, *arguments: str, **environ: str) -> asyncio.subprocess.Process:
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "infra.runtime", *arguments),
                cwd=ROOT,
                env={**self._environ, **environ},
                stdout=log,
                stderr=log,
            )

    async def run(self, *arguments: str) -> int:
        """Run a command to its end; its exit code."""
        return await (await self._spawn(*arguments)).wait()

    async def start(self, *arguments: str, **environ: str) -> None:
        """Start a role."""
        self.running[arguments] = await self._spawn(*arguments, **environ)

    async def stop(self) -> dict[tuple[str, ...], int]:
        """Stop all that runs; the exit codes."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        codes = {role: await asyncio.wait_for(process.wait(), 30) for role, process in self.running.items()}
        self.running.clear()
        return codes

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """A request to the gateway; the JSON body, or None when it is not there or not well."""
        url = f"http://127.0.0.1:{self.ports['gateway']}{path}"
        try:
            async with self.session.request(method, url, json=body) as answer:
                return await answer.json() if answer.status < 400 else None
        except aiohttp.ClientError:
            return None

    def printed(self) -> str:
        """What all of them have written."""
        return self._log.read_text(encoding="utf-8")


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[Processes]:
    """An installation with empty databases and no queues."""
    prefix = f"lotse_test_{uuid.uuid4().hex[:8]}"
    await on_server(*(f'CREATE DATABASE "{prefix}_{name}"' for name in SERVICES))
    _wipe_queues()
    made = Processes(tmp_path, prefix)
    yield made
    for process in made.running.values():
        process.kill()
        await process.wait()
    await made.session.close()
    _wipe_queues()
    await on_server(*(f'DROP DATABASE "{prefix}_{name}" WITH (FORCE)' for name in SERVICES))


def _wipe_queues() -> None:
    with Connection(AMQP_URL.replace("amqp://", "pyamqp://", 1)) as connection:
        channel = connection.channel()
        for name in SERVICES:
            topologies = (consumer_topology(name, [], []), relay_topology(name))
            for queue in [queue.name for topology in topologies for queue in topology.queues] + [queue_of(name)]:
                channel.queue_delete(queue)


@pytest.mark.rabbitmq
@pytest.mark.postgres
@pytest.mark.skipif(not (AMQP_URL and POSTGRES_URL), reason="needs LOTSE_TEST_AMQP_URL and LOTSE_TEST_POSTGRES_URL")
async def test_the_house_works_in_separate_processes(processes: Processes) -> None:
    assert await processes.run("web", "left") == 2
    assert "Vorher: python -m infra.runtime migrate" in processes.printed()
    assert await processes.run("migrate") == 0
    for role in ROLES:
        await processes.start(*role)
    await processes.start("gateway", LOTSE_PORT=str(processes.ports["gateway"]))

    async def ready() -> bool:
        return await processes.ask("GET", "/readyz") is not None

    await until(ready)
    assert await processes.run("seed") == 0, processes.printed()
    for name in ("thing", "lost"):
        assert await processes.ask("POST", "/left/things", {"name": name}) == {"name": name}

    async def all_done() -> bool:
        items = (await processes.ask("GET", "/right/things"))["items"]
        return sorted(item["name"] for item in items if item["done"]) == ["lost", "seeded", "thing"]

    await until(all_done)
    assert await processes.run("status") == 0, processes.printed()
    assert processes.printed().count("right is attended to") == 1, "only the background role attends"
    assert set((await processes.stop()).values()) == {0}, processes.printed()
