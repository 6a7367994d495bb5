"""RabbitMQ and PostgreSQL of the fault tests' own, so that they can be stopped and wiped without harm to others.

Both are started from the distribution's programs on ports of their own in a folder of their own, which goes at the end.

    async with PostgreSQL.running(port) as database, RabbitMQ.running(port) as broker:
        await broker.stop()
        await broker.start()
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import asyncpg

RABBITMQ_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)), None)
START_SECONDS = 60.0
STOP_SECONDS = 30.0


def missing() -> str:
    """What is not installed here, as a reason to skip; "" when all is there."""
    absent = [
        name
        for name, there in (("RabbitMQ", RABBITMQ_SERVER.exists()), ("PostgreSQL", POSTGRES is not None))
        if not there
    ]
    return f"no {' and no '.join(absent)} installed to start servers of the tests' own" if absent else ""


class Server:
    """One server program in a folder. Subclasses say how to start it and when it answers."""

    name = ""
    stop_signal = signal.SIGTERM
    user: str | None = None

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    @asynccontextmanager
    async def running(cls, port: int) -> AsyncIterator[Self]:
        """The server, empty and up inside the block."""
        # Not pytest's own folder: PostgreSQL refuses to run as root, and its user may not look in there.
        folder = Path(tempfile.mkdtemp(prefix=f"lotse-{cls.name}-"))
        server = cls(folder, port)
        try:
            await server.prepare()
            await server.start()
            yield server
        finally:
            await server.kill()
            shutil.rmtree(folder, ignore_errors=True)

    async def prepare(self) -> None:
        """Make an empty installation in the folder."""
        raise NotImplementedError

    def command(self) -> Sequence[str]:
        """What to run in the foreground."""
        raise NotImplementedError

    def environ(self) -> Mapping[str, str]:
        """Environment of the program."""
        return os.environ

    async def answers(self) -> bool:
        """Whether clients can work with it."""
        raise NotImplementedError

    async def start(self) -> None:
        """Start the program and wait until it answers."""
        with (self.folder / "server.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command(), env=self.environ(), stdout=log, stderr=log, user=self.user, start_new_session=True
            )
        async with asyncio.timeout(START_SECONDS):
            while not await self.answers():
                if self._process.returncode is not None:
                    raise RuntimeError(f"{self.name} did not start:\n{self.log()[-3000:]}")
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """End it in order and wait for that."""
        self._signal(self.stop_signal)
        await self._ended()

    async def kill(self) -> None:
        """End it, and all it has started, at once."""
        self._signal(signal.SIGKILL)
        await self._ended()

    def log(self) -> str:
        """What it has printed."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            os.killpg(self._process.pid, number)

    async def _ended(self) -> None:
        if self._process is not None:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)


class PostgreSQL(Server):
    """A cluster whose owner is `lotse`, who needs no password from this machine."""

    name = "postgresql"
    stop_signal = signal.SIGINT  # "fast": ends the sessions instead of waiting for them
    user = "postgres" if os.geteuid() == 0 else None

    def url(self, database: str) -> str:
        """The address of a database for asyncpg."""
        return f"postgresql://lotse@127.0.0.1:{self.port}/{database}"

    async def prepare(self) -> None:
        """See Server."""
        assert POSTGRES is not None
        if self.user:
            shutil.chown(self.folder, self.user)
        initdb = await asyncio.create_subprocess_exec(
            *(str(POSTGRES.with_name("initdb")), "--pgdata", str(self.folder / "data"), "--username=lotse"),
            *("--auth=trust", "--encoding=UTF8", "--no-locale"),
            user=self.user,
            stdout=asyncio.subprocess.DEVNULL,
        )
        assert await initdb.wait() == 0

    def command(self) -> Sequence[str]:
        """See Server. It syncs to disk as in real use: a crash must lose nothing."""
        options = {"listen_addresses": "127.0.0.1", "max_connections": "200", "shared_buffers": "64MB"}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        folder = str(self.folder)
        return (str(POSTGRES), "-D", str(self.folder / "data"), "-p", str(self.port), "-k", folder, *settings)

    async def answers(self) -> bool:
        """See Server."""
        try:
            await self.execute("SELECT 1")
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    async def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements, each on its own."""
        connection = await asyncpg.connect(self.url(database))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


class RabbitMQ(Server):
    """A node with an administrator `guest`; `port` + 1 is for its command line tools."""

    name = "rabbitmq"

    @property
    def url(self) -> str:
        """The vhost `lotse` for its administrator."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/lotse"

    async def prepare(self) -> None:
        """See Server."""
        lines = (f"listeners.tcp.1 = 127.0.0.1:{self.port}", "loopback_users = none", "default_vhost = lotse")
        (self.folder / "rabbitmq.conf").write_text("\n".join((*lines, "")), encoding="utf-8")
        (self.folder / "enabled_plugins").write_text("[].", encoding="utf-8")

    def command(self) -> Sequence[str]:
        """See Server."""
        return (str(RABBITMQ_SERVER),)

    def environ(self) -> Mapping[str, str]:
        """See Server."""
        return {
            **os.environ,
            "HOME": str(self.folder),  # the Erlang cookie
            "RABBITMQ_NODENAME": f"lotse-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self.port + 1),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.folder / "generated"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2",
        }

    async def answers(self) -> bool:
        """See Server."""
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def control(self, *arguments: str) -> None:
        """Run `rabbitmqctl`."""
        program = await asyncio.create_subprocess_exec(
            *(str(RABBITMQ_SERVER.with_name("rabbitmqctl")), "--quiet", *arguments), env=self.environ()
        )
        assert await asyncio.wait_for(program.wait(), START_SECONDS) == 0, arguments
