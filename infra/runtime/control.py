"""The control socket of the all-in-one: operator's commands run inside the process that owns the databases.

A Unix socket with mode 0600 in the data folder. One line of JSON asks (`{"command", "options"}`); lines of text come
back as `{"line"}`, at the end `{"exit"}`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.runtime.operator import Operator

SOCKET_NAME = "control.sock"
LONGEST_PATH = 100  # sun_path holds 104 bytes on macOS and 108 on Linux, with the closing zero
MAX_REQUEST = 64 * 1024


def socket_path(folder: Path) -> Path:
    """Where the socket of a data folder is; in the system's temporary folder when the path would be too long."""
    wanted = folder / SOCKET_NAME
    if len(os.fsencode(wanted)) <= LONGEST_PATH:
        return wanted
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"lotse-{os.getuid()}-{name}.sock"


class ControlSocket:
    """The listening side, in the running all-in-one, which holds the lock of the data folder."""

    def __init__(self, folder: Path, operator: Operator) -> None:
        self._path = socket_path(folder)
        self._operator = operator
        self._server: asyncio.Server | None = None
        self._commands: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; a socket that a killed process left behind is replaced."""
        self._path.unlink(missing_ok=True)
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(str(self._path))
        self._path.chmod(0o600)  # before anybody is listened to
        self._server = await asyncio.start_unix_server(self._accept, sock=sock, limit=MAX_REQUEST)

    async def stop(self, _seconds: float) -> None:
        """Listen no more; commands in hand are broken off, as they may wait for parts that stop now."""
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)
        for task in self._commands:
            task.cancel()
        if self._commands:
            await asyncio.wait(self._commands)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(_line({"line": line}))

        try:
            request = json.loads(await reader.readline())
            code = await self._operator.run(request["command"], request["options"], say)
            writer.write(_line({"exit": code}))
            await writer.drain()
        except ConnectionError:
            pass  # the operator went away; the command has done its work or left nothing behind
        finally:
            writer.close()


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"


def ask(folder: Path, command: str, options: dict[str, Any], say: Callable[[str], None]) -> int | None:
    """Let the process that runs on `folder` do a command; its exit code, None when nobody listens there."""
    path = socket_path(folder)
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            if path.stat().st_uid != os.getuid():
                return None
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        connection.sendall(_line({"command": command, "options": options}))
        with connection.makefile("rb") as answers:
            for raw in answers:
                message = json.loads(raw)
                if "exit" in message:
                    return int(message["exit"])
                say(message["line"])
    say("The running process broke the command off. Look at its log and ask again.")
    return 1
