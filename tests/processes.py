"""A really running Lotse in processes: `up-local` on a folder of its own, with the same client as the all-in-one.

    async with Processes() as lotse:
        token = await lotse.sign_in("koordination@example.org")
        os.kill(lotse.pids["contacts-background"], signal.SIGKILL)      # it is started again
        await lotse.halt("rabbitmq")                                     # or "postgresql", or a name of the plan
        await lotse.resume("rabbitmq")

PostgreSQL and RabbitMQ are the distribution's programs; where they are not installed, tests skip with `missing()`.
"""

from __future__ import annotations

import asyncio
import configparser
import os
import shutil
import tempfile
import xmlrpc.client
from pathlib import Path
from typing import Any

from infra.runtime.local.home import leftovers
from infra.runtime.local.programs import missing_packages
from tests.instance import Instance

START_SECONDS = 240
STOP_SECONDS = 70
# Outside the range from which the system gives ports to clients, and apart for each process that runs tests.
FIRST_PORT, LAST_PORT, ROOM = 20_000, 30_000, 40


def missing() -> str:
    """What is not installed here, as a reason to skip; "" when all is there."""
    packages = missing_packages()
    return f"not installed here: {', '.join(packages)}" if packages else ""


class Processes(Instance):
    """One `up-local`; data and processes are gone at the end of the block."""

    def __init__(self, **environ: str) -> None:
        # Not pytest's folder: as root the servers run as users who may not look in there.
        folder = Path(tempfile.mkdtemp(prefix="lotse-processes-"))
        folder.chmod(0o711)
        super().__init__(folder, **environ)
        self.home = folder / "local"
        self.port = FIRST_PORT + os.getpid() * ROOM % (LAST_PORT - FIRST_PORT)

    async def start(self, *options: str) -> None:
        """Start all processes and wait until they are ready and filled."""
        environ = {"LOTSE_DEMO": "1", "LOTSE_PORT": str(self.port), "LOTSE_DATA_DIR": str(self.folder)}
        self._process = await self.spawn("up-local", *options, **environ)
        begun = self.log.stat().st_size
        async with asyncio.timeout(START_SECONDS):
            while "Lotse is running" not in self.log.read_text(encoding="utf-8")[begun:]:
                await self._ready((self._process,))
                await asyncio.sleep(0.1)

    async def stop(self) -> int:
        """Stop all processes in order; the exit code of `up-local`."""
        if self._process is None or self._process.returncode is not None:
            return 0
        self._process.terminate()
        return await asyncio.wait_for(self._process.wait(), STOP_SECONDS)

    async def ended(self) -> int:
        """Wait until `up-local` has ended by itself; its exit code."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), STOP_SECONDS)

    async def __aexit__(self, *reason: Any) -> None:
        await super().__aexit__(*reason)
        self.remove()

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder)

    @property
    def pids(self) -> dict[str, int]:
        """The ids of the running processes, by the names of the plan; also postgresql, rabbitmq and epmd."""
        states = self._supervisor().getAllProcessInfo()
        return {state["name"]: state["pid"] for state in states if state["pid"]}

    @property
    def configuration(self) -> configparser.RawConfigParser:
        """supervisord's configuration: what each process is started with."""
        config = configparser.RawConfigParser()
        config.read(self.home / "supervisord.conf")
        return config

    @property
    def survivors(self) -> list[int]:
        """The ids of all processes that belong to this installation, whoever started them."""
        return leftovers(self.home)

    def logs(self) -> list[Path]:
        """One for each process, and that of `up-local`."""
        return [self.log, *sorted((self.home / "logs").glob("*.log"))]

    async def halt(self, name: str) -> None:
        """Stop one process in order and keep it stopped."""
        await asyncio.to_thread(lambda: self._supervisor().stopProcess(self._full(name)))

    async def resume(self, name: str) -> None:
        """Start a process that was stopped, without waiting until it is ready."""
        await asyncio.to_thread(lambda: self._supervisor().startProcess(self._full(name), False))

    def _full(self, name: str) -> str:
        states = self._supervisor().getAllProcessInfo()
        return next(f"{state['group']}:{name}" for state in states if state["name"] == name)

    def _supervisor(self) -> Any:
        """supervisord's control interface, as the configuration for `supervisorctl` names it."""
        access = self.configuration["supervisorctl"]
        address = access["serverurl"].removeprefix("http://")
        return xmlrpc.client.ServerProxy(f"http://{access['username']}:{access['password']}@{address}/RPC2").supervisor
