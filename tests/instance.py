"""A really running Lotse: the all-in-one as a process of its own, and a client of its public API.

Used by the system and fault tests and by the bench.

    async with Instance(folder) as lotse:
        token = await lotse.sign_in("koordination@example.org")
        answer = await lotse.api("POST", "offers", token=token, json={…})
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import aiohttp
import msgspec

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
STOP_SECONDS = 30
PASSWORD = "lotse-demo"


@dataclass(frozen=True)
class ApiAnswer:
    """Status, headers and decoded JSON (None when there is none) of one answer."""

    status: int
    headers: Mapping[str, str]
    body: Any


def free_port() -> int:
    """A TCP port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def launch(arguments: Sequence[str], environ: Mapping[str, str], output: int | IO[bytes]) -> Process:
    """Start `python -m infra.runtime` with these arguments and settings."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infra.runtime", *arguments),
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=output,
        stderr=asyncio.subprocess.STDOUT,
    )


async def told(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[int, str]:
    """Run a command to its end; its exit code and what it said."""
    process = await launch(arguments, environ, asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


class Client:
    """Speaks to a Lotse that runs on `port` of this machine, whoever started it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Its address without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP session of this client."""
        assert self._session is not None
        return self._session

    async def api(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> ApiAnswer:
        """One request to `/api/v1/{path}`."""
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        async with self.session.request(
            method, f"{self.url}/api/v1/{path}", json=json, data=data, headers=sent, params=params
        ) as answer:
            raw = await answer.read()
            known = {name.lower(): value for name, value in answer.headers.items()}
            body = msgspec.json.decode(raw) if raw and "json" in known.get("content-type", "") else None
            return ApiAnswer(answer.status, known, body)

    async def sign_in(self, email: str, password: str = PASSWORD) -> str:
        """The token of a demo account."""
        answer = await self.api("POST", "session", json={"email": email, "password": password})
        assert answer.status in (200, 201), answer
        token: str = answer.body["token"]
        return token


class Instance(Client):
    """One all-in-one on a data folder; can be killed and started again on the same folder and port."""

    def __init__(self, folder: Path, **environ: str) -> None:
        super().__init__(free_port())
        self.folder = folder
        self.log = folder / "instance.log"
        self._environ = environ
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        await super().__aexit__(kind, error, trace)

    @property
    def pids(self) -> dict[str, int]:
        """The process ids by name."""
        return {"all-in-one": self.pid}

    async def start(self) -> None:
        """Start the process and wait until it is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = await self.spawn(
            "all", LOTSE_DEMO="1", LOTSE_PORT=str(self.port), LOTSE_DATA_DIR=str(self.folder / "data")
        )
        await self.until_ready(self._process)

    async def spawn(self, *arguments: str, **environ: str) -> Process:
        """Start `python -m infra.runtime` with these arguments; what was given to this instance has the last word."""
        with self.log.open("ab") as log:
            return await launch(arguments, environ | self._environ, log)

    async def until_ready(self, *processes: Process) -> None:
        """Wait until requests are answered. Raises RuntimeError when one of `processes` has ended instead."""
        async with asyncio.timeout(START_SECONDS):
            while not await self._ready(processes):
                await asyncio.sleep(0.05)

    async def _ready(self, processes: Sequence[Process]) -> bool:
        for process in processes:
            if process.returncode is not None:
                raise RuntimeError(f"Lotse ended with {process.returncode}:\n{self.log.read_text()[-4000:]}")
        try:
            async with self.session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def stop(self) -> int:
        """Ask the process to stop and wait for it; returns its exit code (0 when it had ended before)."""
        if self._process is None or self._process.returncode is not None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), STOP_SECONDS)

    def logs(self) -> list[Path]:
        """Where its processes write what they have to say."""
        return [self.log]

    def warnings(self, most: int = 40) -> str:
        """The latest lines of all logs that are no mere information, in their order."""
        said = (line for path in self.logs() for line in path.read_text("utf-8", "replace").splitlines())
        lines = sorted(line[:400] for line in said if line.startswith('{"time"') and '"level": "INFO"' not in line)
        return "\n".join(lines[-most:])

    async def kill(self) -> None:
        """`kill -9`."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()
