"""All processes of an `up-local` under supervisord: it starts them again when they end, and stops them in order.

Every process is started through `setpriv --pdeathsig`: should supervisord itself be killed, the kernel asks each of
them to stop, so that nobody is left behind. The configuration holds passwords and is readable by its user only;
`supervisorctl --configuration FILE` works with it.
"""

from __future__ import annotations

import asyncio
import shlex
import sys
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.errors import Text
from infra.runtime.local.home import as_account
from infra.runtime.problems import CannotStart

RPC_USER = "lotse"
START_SECONDS = 30.0
POLL_SECONDS = 0.05
# What ends earlier than this has not really started.
SETTLED_SECONDS = 5
# A process that finds its server away gives up; so many tries outlast some minutes without PostgreSQL or RabbitMQ.
START_RETRIES = 30


@dataclass(frozen=True)
class Program:
    """One process to supervise. Groups start and stop as one; the group with the highest `rank` stops first.

    `account` is the user it runs as ("" = the same), `stop_signal` asks it to end, within `stop_seconds`.
    """

    name: str
    group: str
    rank: int
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    stop_signal: str = "TERM"
    stop_seconds: int = 25


class Supervised:
    """supervisord with its programs, all stopped at first; `port` and `password` are those of its control interface."""

    def __init__(self, folder: Path, setpriv: Path, programs: Sequence[Program], port: int, password: str) -> None:
        self.config = folder / "supervisord.conf"
        self.logs = folder / "logs"
        self._folder = folder
        self._setpriv = setpriv
        self._programs = programs
        self._url = f"http://{RPC_USER}:{password}@127.0.0.1:{port}/RPC2"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, environ: Mapping[str, str]) -> None:
        """Start supervisord in `environ`, which its programs inherit. Raises CannotStart when it does not come up."""
        self.logs.mkdir(exist_ok=True)
        self.config.write_text(self._configuration(), encoding="utf-8")
        with (self.logs / "supervisord.out").open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(str(self._setpriv), "--pdeathsig", "TERM", sys.executable, "-m", "supervisor.supervisord"),
                *("--nodaemon", "--silent", "--configuration", str(self.config)),
                env=environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl+C is for whoever started this process, which stops it in order
            )
        deadline = time.monotonic() + START_SECONDS
        while not await self._answers(self._process):
            if time.monotonic() > deadline:
                raise CannotStart(self._did_not_start())
            await asyncio.sleep(POLL_SECONDS)

    async def start_group(self, name: str) -> None:
        """Start all programs of a group, without waiting until they are ready."""
        await self._call("startProcessGroup", name, False)

    async def troubles(self) -> list[str]:
        """The names of programs that have ended, started again or not, or could not be run at all."""
        states: list[dict[str, Any]] = await self._call("getAllProcessInfo")
        return [state["name"] for state in states if state["stop"] or state["statename"] in ("BACKOFF", "FATAL")]

    def last_words(self, name: str, length: int = 2000) -> str:
        """The end of what a program has written."""
        path = self.logs / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace")[-length:].strip() if path.exists() else ""

    async def ended(self) -> None:
        """Wait until supervisord, which was started, has ended."""
        if self._process is not None:
            await self._process.wait()

    async def stop(self, _seconds: float) -> None:
        """Stop all programs, group by group, and supervisord itself."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def _answers(self, process: asyncio.subprocess.Process) -> bool:
        if process.returncode is not None:
            raise CannotStart(self._did_not_start())
        try:
            await self._call("getState")
        except OSError:
            return False
        return True

    async def _call(self, method: str, *arguments: Any) -> Any:
        def call() -> Any:
            with xmlrpc.client.ServerProxy(self._url) as server:
                return getattr(server.supervisor, method)(*arguments)

        return await asyncio.to_thread(call)

    def _did_not_start(self) -> Text:
        said = (self.logs / "supervisord.out").read_text(encoding="utf-8", errors="replace").strip()
        return Text("supervisord ist nicht gestartet:", f"supervisord did not start:\n{said}")

    def _configuration(self) -> str:
        address = self._url.partition("@")[2].removesuffix("/RPC2")
        password = self._url.partition("@")[0].rpartition(":")[2]
        access = {"username": RPC_USER, "password": password}
        groups: dict[str, list[Program]] = {}
        for program in self._programs:
            groups.setdefault(program.group, []).append(program)
        sections: dict[str, Mapping[str, object]] = {
            "supervisord": {
                "logfile": self.logs / "supervisord.log",
                "pidfile": self._folder / "supervisord.pid",
                "childlogdir": self.logs,
                "umask": "077",
            },
            "inet_http_server": {"port": address, **access},
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
            "supervisorctl": {"serverurl": f"http://{address}", **access},
            **{f"program:{program.name}": self._section(program) for program in self._programs},
            **{
                f"group:{name}": {"programs": ",".join(each.name for each in members), "priority": members[0].rank}
                for name, members in groups.items()
            },
        }
        return "\n".join(_lines(name, values) for name, values in sections.items())

    def _section(self, program: Program) -> Mapping[str, object]:
        # One setpriv for both: the kernel forgets the signal when a process changes its user.
        guard = as_account(self._setpriv, program.account, "--pdeathsig", program.stop_signal)
        return {
            "command": shlex.join((*guard, *program.command)),
            "directory": program.folder,
            "environment": ",".join(f"{name}={_quoted(value)}" for name, value in program.environment.items()),
            "autostart": "false",
            "autorestart": "true",
            "startsecs": SETTLED_SECONDS,
            "startretries": START_RETRIES,
            "stopsignal": program.stop_signal,
            "stopwaitsecs": program.stop_seconds,
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": self.logs / f"{program.name}.log",
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": 1,
        }


def _lines(section: str, values: Mapping[str, object]) -> str:
    lines = (f"{name} = {str(value).replace('%', '%%')}" for name, value in values.items())
    return "\n".join((f"[{section}]", *lines, ""))


def _quoted(value: str) -> str:
    """A value in supervisord's list of variables, which knows quotes but no way to escape them."""
    return f"'{value}'" if '"' in value else f'"{value}"'
