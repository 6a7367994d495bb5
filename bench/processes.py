"""All processes of an installation on given servers, started as the plan says, with databases that are dropped again.

LOTSE_BENCH_POSTGRES_URL and LOTSE_BENCH_AMQP_URL (else LOTSE_TEST_…) name them: a role that may create databases,
and a vhost that is used for nothing else meanwhile. Search runs on the embedded engine.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from bench.kit import seconds_of
from infra.runtime.plan import MIGRATE, SEED, Process, plan
from infra.runtime.service import load as load_services
from infra.settings import SERVICES
from tests.infra.toys.brokers import AMQP_URL, drop_queues
from tests.instance import STOP_SECONDS, Instance, free_port
from tests.kit import POSTGRES_URL, Database, on_server

DATABASE = "PostgreSQL"
NO_SERVERS = "processes: not measured, LOTSE_BENCH_POSTGRES_URL and LOTSE_BENCH_AMQP_URL name no servers"


def servers() -> bool:
    """Whether servers are named to run processes on."""
    return bool(POSTGRES_URL and AMQP_URL)


class ProcessesOnServers(Instance):
    """A Lotse in processes, with the same client as the all-in-one; `pids` by the names of the plan."""

    def __init__(self, folder: Path, **environ: str) -> None:
        super().__init__(folder, **environ)
        services = load_services(tuple(SERVICES.split(",")))
        self._services = [service.name for service in services]
        ports = [self.port, *(free_port() for _ in range(4 * len(services)))]
        self._plan = plan(services, together=("search",), ports=ports)
        self._prefix = f"lotse_bench_{os.getpid()}"
        self._running: dict[str, asyncio.subprocess.Process] = {}

    @property
    def pids(self) -> dict[str, int]:
        """The process ids by the names of the plan."""
        return {name: process.pid for name, process in self._running.items()}

    @property
    def database(self) -> Database:
        """Where its databases are, to look into them or to write what a process finds then."""
        return Database("postgres", self.folder, self._prefix)

    def address_of(self, service: str) -> str:
        """Where the service itself answers, without a slash at the end."""
        port = next(process.port for process in self._plan if process.answers and process.service == service)
        return f"http://127.0.0.1:{port}"

    async def database_pids(self) -> list[int]:
        """The ids of PostgreSQL's processes that serve this installation (of use when it runs on this machine)."""
        connection = await asyncpg.connect(POSTGRES_URL)
        try:
            rows = await connection.fetch("SELECT pid FROM pg_stat_activity WHERE datname LIKE $1", f"{self._prefix}%")
        finally:
            await connection.close()
        return [row["pid"] for row in rows]

    async def start(self) -> None:
        """Make the databases, start every process and fill the installation."""
        self.folder.mkdir(parents=True, exist_ok=True)
        drop_queues(self._services)
        await on_server(*(f'CREATE DATABASE "{self._prefix}_{name}"' for name in self._services))
        await self._run(MIGRATE)
        for process in self._plan:
            self._running[process.name] = await self._spawn(process)
        await self.until_ready(*self._running.values())
        await self._run(SEED)

    async def stop(self) -> int:
        """Stop every process, the gateway first, and drop databases and queues; the sum of the exit codes."""
        for process in reversed(self._running.values()):
            process.terminate()
        codes = [await asyncio.wait_for(process.wait(), STOP_SECONDS) for process in self._running.values()]
        self._running.clear()
        drop_queues(self._services)
        await on_server(*(f'DROP DATABASE IF EXISTS "{self._prefix}_{name}" WITH (FORCE)' for name in self._services))
        return sum(codes)

    async def _run(self, step: Process) -> None:
        code = await (await self._spawn(step)).wait()
        if code:
            raise RuntimeError(f"{step.name} ended with {code}:\n{self.log.read_text()[-4000:]}")

    async def _spawn(self, process: Process) -> asyncio.subprocess.Process:
        addresses = ",".join(f"{name}={self.address_of(name)}" for name in self._services)
        environ = {
            "LOTSE_DEMO": "1",
            "LOTSE_PORT": str(process.port or ""),
            "LOTSE_DATA_DIR": str(self.folder / "data"),
            "LOTSE_DATABASE_URL": f"asyncpg://{urlsplit(POSTGRES_URL).netloc}/{self._prefix}_{{service}}",
            "LOTSE_BROKER_URL": AMQP_URL,
            "LOTSE_SERVICE_URLS": addresses,
            "LOTSE_LOG_LEVEL": "WARNING",
            "PGSSLMODE": os.environ.get("PGSSLMODE", "disable"),  # as in the compose file: nobody listens in between
        }
        return await self.spawn(*process.arguments, **environ)


async def processor_seconds(lotse: Instance) -> dict[str, float]:
    """Processor seconds that each process has taken since it began; PostgreSQL's for this installation together."""
    taken = {name: seconds_of([pid]) for name, pid in lotse.pids.items()}
    if isinstance(lotse, ProcessesOnServers):
        taken[DATABASE] = seconds_of(await lotse.database_pids())
    return taken


def table(shares: Mapping[str, float]) -> str:
    """What each process had, the largest first; those that had next to nothing are left out."""
    largest = sorted(shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {value:.1f}" for name, value in largest if value >= 0.05)
