"""The installation that is broken on purpose: every process of the plan, on servers of its own, restarted when it ends.

Each service speaks to the broker over a wire of its own that can be cut, and mails go to a server that can go away.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Self

import aiohttp

from infra.runtime.plan import MIGRATE, SEED, Process, plan
from infra.runtime.service import load as load_services
from infra.settings import SERVICES
from tests.faults.servers import PostgreSQL, RabbitMQ
from tests.infra.mail.sink import Sink
from tests.infra.toys.wire import Wire, wire_to
from tests.instance import START_SECONDS, STOP_SECONDS, Instance

LOOK_SECONDS = 0.1


class House(Instance):
    """A Lotse in processes, with the same client as the all-in-one."""

    def __init__(self, folder: Path, postgres: PostgreSQL, broker: RabbitMQ, mail: Sink, first_port: int) -> None:
        super().__init__(folder)
        self.services = load_services(tuple(SERVICES.split(",")))
        self.postgres, self.broker, self.mail = postgres, broker, mail
        self.wires: dict[str, Wire] = {}
        self._broker_urls: dict[str, str] = {}
        self._stack = AsyncExitStack()
        self.plan = plan(self.services, together=("search",), ports=range(first_port, first_port + 50))
        self.port = first_port
        self._first_wire = first_port + 50
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self.started: dict[str, int] = {}

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path, first_port: int) -> AsyncIterator[Self]:
        """Servers and processes up and filled inside the block; they take 110 ports from `first_port` on."""
        async with (
            PostgreSQL.running(first_port + 100) as postgres,
            RabbitMQ.running(first_port + 101) as broker,
            Sink().listening(first_port + 103) as mail,
            cls(folder, postgres, broker, mail, first_port) as house,
        ):
            yield house

    @property
    def index(self) -> Path:
        """The folder of the search index."""
        return self.folder / "data" / "search-index"

    async def start(self) -> None:
        """Make the databases, start every process and fill the installation."""
        self.session.connector._limit = 0  # an open loop has as many requests under way as it takes
        for number, service in enumerate(self.services):
            wire, url = await self._stack.enter_async_context(wire_to(self.broker.url, self._first_wire + number))
            self.wires[service.name], self._broker_urls[service.name] = wire, url
        await self.postgres.execute(*(f'CREATE DATABASE "lotse_{service.name}"' for service in self.services))
        await self._run(MIGRATE)
        for process in self.plan:
            self.keep(process.name)
        await asyncio.gather(*(self.until_well(process.name) for process in self.plan))
        await self._run(SEED)

    async def stop(self) -> int:
        """End supervision and every process in order; the sum of the exit codes."""
        for process in reversed(self.plan):
            self._keepers[process.name].cancel()
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)
        running = [process for process in self._running.values() if process.returncode is None]
        for process in running:
            process.terminate()
        codes = [await asyncio.wait_for(process.wait(), STOP_SECONDS) for process in running]
        await self._stack.aclose()
        return sum(codes)

    def keep(self, name: str) -> None:
        """Run a process of the plan, and start it again whenever it ends."""
        self._keepers[name] = asyncio.create_task(self._keep(self._planned(name)), name=f"keep {name}")

    async def _keep(self, process: Process) -> None:
        while True:
            self._running[process.name] = child = await self._spawn(process)
            self.started[process.name] = self.started.get(process.name, 0) + 1
            await child.wait()
            await asyncio.sleep(0.5)

    async def kill_process(self, name: str) -> None:
        """`kill -9` of one process; it is started again."""
        self._running[name].kill()
        await self._running[name].wait()

    async def halt(self, name: str) -> None:
        """Stop a process in order and do not start it again before `keep`."""
        self._keepers[name].cancel()
        self._running[name].terminate()
        await asyncio.wait_for(self._running[name].wait(), STOP_SECONDS)

    async def until_well(self, name: str) -> None:
        """Wait until a process says that it is ready."""
        process = self._planned(name)
        if not process.answers:
            return
        async with asyncio.timeout(START_SECONDS):
            while not await self._is_well(process):
                await asyncio.sleep(LOOK_SECONDS)

    async def _is_well(self, process: Process) -> bool:
        try:
            async with self.session.get(f"http://127.0.0.1:{process.port}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    def _planned(self, name: str) -> Process:
        return next(process for process in self.plan if process.name == name)

    async def _run(self, step: Process) -> None:
        code = await (await self._spawn(step)).wait()
        if code:
            raise RuntimeError(f"{step.name} ended with {code}:\n{self.log.read_text()[-4000:]}")

    async def _spawn(self, process: Process) -> asyncio.subprocess.Process:
        answering = ",".join(
            f"{other.service}=http://127.0.0.1:{other.port}" for other in self.plan if other.service and other.answers
        )
        return await self.spawn(
            *process.arguments,
            LOTSE_DEMO="1",
            LOTSE_PORT=str(process.port or ""),
            LOTSE_DATA_DIR=str(self.folder / "data"),
            LOTSE_DATABASE_URL=f"asyncpg://lotse@127.0.0.1:{self.postgres.port}/lotse_{{service}}",
            LOTSE_BROKER_URL=self._broker_urls.get(process.service, self.broker.url),
            LOTSE_SERVICE_URLS=answering,
            LOTSE_SMTP_URL=self.mail.url,
        )
