"""The installation that is broken on purpose: an `up-local` whose services reach RabbitMQ over wires that can be cut.

Mails go to a server in this process, which can go away too.
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import signal
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from infra.db.config import postgresql_url
from infra.runtime.service import load as load_services
from infra.settings import SERVICES, Settings
from infra.settings import load as load_settings
from tests.infra.mail.sink import Sink
from tests.infra.toys.wire import Wire, open_wire
from tests.processes import ROOM, START_SECONDS, Processes

LOOK_SECONDS = 0.1
FIRST_PORT, PORTS = 30_000, 2_000
SERVERS = ("postgresql", "rabbitmq")
TELLS_PORTS = "epmd"


class House(Processes):
    """A Lotse in processes with its servers. Processes and servers are named as supervisord names them."""

    def __init__(self) -> None:
        self.services = [service.name for service in load_services(tuple(SERVICES.split(",")))]
        self.mail = Sink()
        self.wires: dict[str, Wire] = {}
        self._stack = AsyncExitStack()
        super().__init__()
        # Not where another installation of the same process of tests is.
        self.port = FIRST_PORT + os.getpid() * ROOM % PORTS

    async def start(self, *options: str) -> None:
        """See Processes."""
        await self._stack.enter_async_context(self.mail.listening())
        # the server forgets what it hung up on, so that sending it again doubles nothing
        self._environ = {"LOTSE_SMTP_URL": self.mail.url, "LOTSE_NEWSLETTER_UNCERTAIN": "resend"}
        via: list[str] = []
        for service in self.services:
            wire, port = await self._stack.enter_async_context(open_wire(self._broker_address))
            self.wires[service] = wire
            via += ["--broker-via", f"{service}={port}"]
        await super().start(*via, *options)

    async def __aexit__(self, *reason: Any) -> None:
        if reason[0] is not None:
            kept = Path(tempfile.mkdtemp(prefix="lotse-faults-"))
            shutil.copytree(self.home / "logs", kept / "logs")
            print(f"The logs of the processes are in {kept}")
        await super().__aexit__(*reason)
        await self._stack.aclose()

    @property
    def processes(self) -> list[str]:
        """The names of all processes of Lotse itself."""
        return [name for name in self.pids if name not in (*SERVERS, TELLS_PORTS)]

    @property
    def index(self) -> Path:
        """The folder of the search index."""
        return self.home / "lotse" / "search-index"

    @property
    def settings(self) -> Settings:
        """How an operator reaches every service's servers, straight."""
        lines = shlex.split((self.home / "environment").read_text(encoding="utf-8"))
        pairs = (item.partition("=") for item in lines if "=" in item)
        return load_settings({name: value for name, _, value in pairs})

    async def rows(self, service: str, statement: str) -> list[str]:
        """The first column of what a statement finds in the database of a service, as text."""
        connection = await asyncpg.connect(postgresql_url(self.settings.database(service)))
        try:
            return [str(row[0]) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    async def strike_down(self, *names: str) -> None:
        """`kill -9` of processes and servers at once; returns when all were started again and are ready."""
        before = {name: pid for name, pid in self.pids.items() if name in names}
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(START_SECONDS):
            while not await asyncio.to_thread(self._started_again, before):
                await asyncio.sleep(LOOK_SECONDS)
        for name in names:
            await self.until_well(name)

    def _started_again(self, before: Mapping[str, int]) -> bool:
        now = self.pids
        return all(now.get(name, pid) != pid for name, pid in before.items())

    async def until_well(self, name: str) -> None:
        """Wait until a process says that it is ready, or a server takes connections."""
        looks = {"postgresql": self._database_answers, "rabbitmq": self._broker_answers}
        look = looks.get(name) or partial(self._is_ready, name)
        async with asyncio.timeout(START_SECONDS):
            while not await look():
                await asyncio.sleep(LOOK_SECONDS)

    async def _is_ready(self, name: str) -> bool:
        section = self.configuration[f"program:{name}"]
        port = re.search(r'LOTSE_PORT="(\d+)"', section["environment"])
        assert port is not None
        try:
            async with self.session.get(f"http://127.0.0.1:{port[1]}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def _database_answers(self) -> bool:
        try:
            return await self.rows(self.services[0], "SELECT 1") == ["1"]
        except (OSError, asyncpg.PostgresError):
            return False

    async def _broker_answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection(*self._broker_address())
        except OSError:
            return False
        writer.close()
        return True

    def _broker_address(self) -> tuple[str, int]:
        """Where RabbitMQ listens. OSError: it has not been set up yet."""
        text = (self.home / "rabbitmq" / "rabbitmq.conf").read_text(encoding="utf-8")
        found = re.search(r"listeners\.tcp\.1 = (\S+):(\d+)", text)
        assert found is not None
        return found[1], int(found[2])
