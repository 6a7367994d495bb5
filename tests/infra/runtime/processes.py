"""The small house (`tests.house`) as separate processes on PostgreSQL and RabbitMQ, to run, operate and kill."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from infra.settings import DEMO_SECRET
from infra.web.client import OverHttp, ServiceClient
from tests.infra.runtime.conftest import HOUSE, until
from tests.infra.toys.brokers import AMQP_URL, drop_queues
from tests.instance import free_port, launch, told
from tests.kit import POSTGRES_URL, on_server

SERVICES = ("left", "right")
needs_servers = [
    pytest.mark.rabbitmq,
    pytest.mark.postgres,
    pytest.mark.skipif(not (AMQP_URL and POSTGRES_URL), reason="needs LOTSE_TEST_AMQP_URL and LOTSE_TEST_POSTGRES_URL"),
]


class HouseInProcesses:
    """The processes of one installation. `start` gives each a port: its web app, or only its health."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self.prefix = prefix
        self.ports: dict[tuple[str, ...], int] = {("web", name): free_port() for name in SERVICES}
        self.host = POSTGRES_URL.split("://", 1)[1].rsplit("/", 1)[0]
        urls = ",".join(f"{name}=http://127.0.0.1:{self.ports['web', name]}" for name in SERVICES)
        self.environ = {
            **HOUSE,
            "LOTSE_DEMO": "1",
            "LOTSE_DATA_DIR": str(folder / "data"),
            "LOTSE_DATABASE_URL": f"asyncpg://{self.host}/{prefix}_{{service}}",
            "LOTSE_BROKER_URL": AMQP_URL,
            "LOTSE_SERVICE_URLS": urls,
        }
        self._log = folder / "processes.log"
        self.running: dict[tuple[str, ...], asyncio.subprocess.Process] = {}
        self.session = aiohttp.ClientSession()

    async def run(self, *arguments: str, **environ: str) -> tuple[int, str]:
        """Run a command to its end; its exit code and what it said."""
        return await told(arguments, self.environ | environ)

    async def start(self, *role: str, copy: int = 0, ready: bool = True, **environ: str) -> None:
        """Start a role, or a further copy of it; returns once it is ready, if asked to."""
        key = self.key(*role, copy=copy)
        self.ports.setdefault(key, free_port())
        with self._log.open("ab") as log:
            own = {"LOTSE_PORT": str(self.ports[key]), **environ}
            self.running[key] = await launch(role, self.environ | own, log)
        if ready:
            await until(lambda: self.is_ready(*role, copy=copy))

    @staticmethod
    def key(*role: str, copy: int = 0) -> tuple[str, ...]:
        """What a started role is known by."""
        return (*role, str(copy)) if copy else role

    async def is_ready(self, *role: str, copy: int = 0) -> bool:
        """Whether a started role says that it is ready."""
        key = self.key(*role, copy=copy)
        assert self.running[key].returncode is None, self.printed()
        return await self.ask("/readyz", of=key) is not None

    async def ask(self, path: str, *, of: tuple[str, ...]) -> Any:
        """What a process says of its health; None when nobody is there or it is not well."""
        try:
            async with self.session.get(f"http://127.0.0.1:{self.ports[of]}{path}") as answer:
                return await answer.json() if answer.status < 400 else None
        except aiohttp.ClientError:
            return None

    def _service(self, name: str, copy: int = 0) -> ServiceClient:
        port = self.ports[self.key("web", name, copy=copy)]
        return ServiceClient(OverHttp({name: f"http://127.0.0.1:{port}"}), DEMO_SECRET)

    async def make(self, name: str) -> None:
        """Have left make a thing; returns once it is acknowledged."""
        client = self._service("left")
        answer = await client.request("left", "POST", "/things", body={"name": name})
        await client.close()
        assert answer.status == 201, answer

    async def heard(self, *, done: bool = False, copy: int = 0) -> list[str]:
        """Names of the things that right has heard of, or else of those whose job has run."""
        client = self._service("right", copy)
        answer = await client.request("right", "GET", "/things")
        await client.close()
        return sorted(item["name"] for item in answer.json()["items"] if item["done"] or not done)

    async def until_heard(self, *names: str, done: bool = False) -> None:
        """Wait until right has heard of exactly these things."""

        async def all_there() -> bool:
            return await self.heard(done=done) == sorted(names)

        await until(all_there)

    async def kill(self, *role: str, copy: int = 0) -> None:
        """`kill -9`, if it has not ended by itself."""
        process = self.running.pop(self.key(*role, copy=copy))
        if process.returncode is None:
            process.kill()
        await process.wait()

    async def stop(self) -> dict[tuple[str, ...], int]:
        """Stop all that runs; the exit codes."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        codes = {role: await asyncio.wait_for(process.wait(), 30) for role, process in self.running.items()}
        self.running.clear()
        return codes

    async def on_database(self, service: str, statement: str) -> list[asyncpg.Record]:
        """Run a statement on the database of a service."""
        connection = await asyncpg.connect(f"postgresql://{self.host}/{self.prefix}_{service}")
        try:
            return list(await connection.fetch(statement))
        finally:
            await connection.close()

    def printed(self) -> str:
        """What all that were started have written."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""


@asynccontextmanager
async def installed(folder: Path) -> AsyncIterator[HouseInProcesses]:
    """An installation with empty databases and no queues; nothing of it is left afterwards."""
    prefix = f"lotse_test_{uuid.uuid4().hex[:8]}"
    await on_server(*(f'CREATE DATABASE "{prefix}_{name}"' for name in SERVICES))
    drop_queues(SERVICES)
    made = HouseInProcesses(folder, prefix)
    try:
        yield made
    finally:
        for role in list(made.running):
            await made.kill(*role)
        await made.session.close()
        drop_queues(SERVICES)
        await on_server(*(f'DROP DATABASE "{prefix}_{name}" WITH (FORCE)' for name in SERVICES))
