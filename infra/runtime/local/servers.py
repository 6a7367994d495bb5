"""The PostgreSQL and the RabbitMQ of an `up-local`: own data, own ports, reachable from this machine only.

Both are the distribution's programs, run in the foreground under the supervisor. One database and one role per service;
one broker user per service, with no more rights than `infra.runtime.permissions` gives it.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from infra.errors import Text
from infra.runtime.local.home import account_for, as_account, own_folder, write_private
from infra.runtime.local.programs import Programs
from infra.runtime.local.supervised import Program
from infra.runtime.problems import CannotStart

HOST = "127.0.0.1"
ADMIN = "postgres"
# Fifteen processes with up to ten connections each, and some for who looks in.
MAX_CONNECTIONS = 200


class PostgreSQL:
    """One cluster in `folder`/postgresql; `password` is its administrator's."""

    account_name = "postgres"

    def __init__(self, programs: Programs, folder: Path, port: int, password: str) -> None:
        self.port = port
        self._programs = programs
        self._folder = folder / "postgresql"
        self._cluster = self._folder / "cluster"
        self._password = password
        self._account = account_for(self.account_name)

    @staticmethod
    def version_in(folder: Path) -> str:
        """The major version that the data in `folder` belong to, "" when there are none."""
        path = folder / "postgresql" / "cluster" / "PG_VERSION"
        said = path.read_text(encoding="ascii").strip() if path.exists() else ""
        return said if said.isdigit() else ""  # the server's user wrote it, and a path and a package are made from it

    async def prepare(self) -> None:
        """Make the cluster when there is none. CannotStart: initdb failed."""
        own_folder(self._folder, self._account)
        if self._cluster.exists():
            return
        fresh = self._folder / "new"  # becomes the cluster when it is whole
        shutil.rmtree(fresh, ignore_errors=True)
        secret = self._folder / "password"
        write_private(secret, self._password, self._account)
        process = await asyncio.create_subprocess_exec(
            *as_account(self._programs.setpriv, self._account),
            *(str(self._programs.postgresql / "initdb"), "--pgdata", str(fresh), "--username", ADMIN),
            *("--pwfile", str(secret), "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"),
            cwd=self._folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        secret.unlink()
        if process.returncode:
            said = output.decode(errors="replace").strip()
            raise CannotStart(Text("initdb ist fehlgeschlagen:", f"initdb failed:\n{said}"))
        fresh.rename(self._cluster)

    def program(self) -> Program:
        """How to run it."""
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",  # the path of a socket may be no longer than 107 bytes, that of a folder may
            "max_connections": str(MAX_CONNECTIONS),
            "log_error_verbosity": "terse",  # without the details, which hold values: somebody's address
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgresql",
            group="postgresql",
            rank=10,
            command=(str(self._programs.postgresql / "postgres"), "-D", str(self._cluster), *options),
            folder=self._folder,
            account=self._account,
            stop_signal="INT",  # "fast": ends the sessions instead of waiting for them
        )

    async def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            await (await self._connect()).close()
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError):
            return False
        return True

    async def provide(self, passwords: Mapping[str, str]) -> None:
        """A database and a role for each name, the role with its password; what is there already stays."""
        connection = await self._connect()
        try:
            for name, password in passwords.items():
                await _provide_one(connection, name, password)
            await connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        finally:
            await connection.close()

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            host=HOST, port=self.port, user=ADMIN, password=self._password, database="postgres", ssl=False
        )


async def _provide_one(connection: Any, name: str, password: str) -> None:
    """Names and passwords are made by us and hold no quotes; these statements take no parameters."""
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name):
        await connection.execute(f'CREATE ROLE "{name}" LOGIN')
    await connection.execute(f"ALTER ROLE \"{name}\" PASSWORD '{password}'")
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{name}"')
    await connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')


class RabbitMQ:
    """One node in `folder`/rabbitmq, with an epmd (which tells nodes each other's ports) of its own.

    `ports` are those for clients, for its command line tools and of epmd.
    """

    account_name = "rabbitmq"

    def __init__(self, programs: Programs, folder: Path, ports: tuple[int, int, int]) -> None:
        self.port, self._tools_port, self._epmd_port = ports
        self._programs = programs
        self._folder = folder / "rabbitmq"
        self._account = account_for(self.account_name)

    def prepare(self, definitions: Mapping[str, Any]) -> None:
        """Write its configuration; users, vhosts and permissions are taken from `definitions` at every start."""
        own_folder(self._folder, self._account)
        lines = (f"listeners.tcp.1 = {HOST}:{self.port}", f"load_definitions = {self._folder / 'definitions.json'}", "")
        files = {
            "rabbitmq.conf": "\n".join(lines),
            "definitions.json": json.dumps(definitions, indent=2),
            "enabled_plugins": "[].\n",
            "rabbitmq-env.conf": "",
            # Whoever knows it commands the node. One that Erlang makes can be guessed from a few of its letters.
            ".erlang.cookie": secrets.token_hex(32),
        }
        for name, text in files.items():
            write_private(self._folder / name, text, self._account)

    def programs(self) -> Sequence[Program]:
        """How to run epmd and the node. epmd in the foreground: else the node would start one that outlives it."""
        epmd = (str(self._programs.epmd), "-port", str(self._epmd_port), "-address", HOST)
        node = (str(self._programs.rabbitmq),)
        environ, account = self.environment(), self._account
        return (
            Program("epmd", "epmd", 15, epmd, self._folder, account=account),
            # It stops within three seconds, but not at all in the first ones of its life, when Erlang is deaf.
            Program("rabbitmq", "rabbitmq", 20, node, self._folder, environ, account, stop_seconds=12),
        )

    def environment(self) -> Mapping[str, str]:
        """What the node and its command line tools need to know."""
        folder = self._folder
        return {
            "HOME": str(folder),  # where the Erlang cookie is
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": HOST,
            "RABBITMQ_NODENAME": "lotse@localhost",
            "RABBITMQ_DIST_PORT": str(self._tools_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            # Its script then becomes the node instead of waiting beside it, so that signals reach the node itself.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    async def answers(self) -> bool:
        """Whether it takes connections, which it does once its definitions are loaded."""
        try:
            _, writer = await asyncio.open_connection(HOST, self.port)
        except OSError:
            return False
        writer.close()
        return True


def inherited() -> dict[str, str]:
    """This process's environment without what would lead its children to other servers than these."""
    foreign = ("LOTSE_DATABASE_URL", "LOTSE_BROKER_URL", "LOTSE_JOBS_URL", "LOTSE_SERVICE_URLS", "LOTSE_PORT")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in foreign and not name.startswith(("PG", "RABBITMQ_", "ERL_"))
    }
