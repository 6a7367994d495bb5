"""Finds PostgreSQL and RabbitMQ as the distribution installs them; where it may, it installs what is missing.

The distribution's own servers are never touched: only its programs are used, on other ports and folders.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.errors import Text
from infra.runtime.problems import CannotStart

POSTGRESQL_HOMES = Path("/usr/lib/postgresql")
DEBIAN_RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends")


@dataclass(frozen=True)
class Programs:
    """Where the programs are. `postgresql` is the folder of PostgreSQL's programs."""

    postgresql: Path
    rabbitmq: Path
    epmd: Path
    setpriv: Path


async def find_programs(cluster_version: str, say: Callable[[str], None]) -> Programs:
    """All programs; installs them by apt when this is root on Debian.

    `cluster_version` is the major version of PostgreSQL that existing data need, "" for any.

    Raises:
        CannotStart: something is missing and cannot be installed here; names the command that does.
    """
    if sys.platform != "linux":
        raise CannotStart(_not_linux())
    missing = missing_packages(cluster_version)
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing {' and '.join(missing)} from the distribution …")
        await _run_apt("apt-get", "update")
        await _run_apt(*INSTALL, *missing)
        missing = missing_packages(cluster_version)
    if missing:
        raise CannotStart(_not_installed(missing))
    found = {name: path for name, (path, _) in _wanted(cluster_version).items() if path is not None}
    return Programs(**found)


def _wanted(cluster_version: str) -> Mapping[str, tuple[Path | None, str]]:
    """Each program: where it is (None: nowhere), and Debian's package."""
    return {
        "postgresql": (_postgresql(cluster_version), _postgresql_package(cluster_version)),
        "rabbitmq": (DEBIAN_RABBITMQ if DEBIAN_RABBITMQ.exists() else _which("rabbitmq-server"), "rabbitmq-server"),
        "epmd": (_which("epmd"), "erlang-base"),
        "setpriv": (_which("setpriv"), "util-linux"),
    }


def missing_packages(cluster_version: str = "") -> list[str]:
    """Debian's packages that are not installed here."""
    return [package for path, package in _wanted(cluster_version).values() if path is None]


def _postgresql(cluster_version: str) -> Path | None:
    """The programs of the version asked for, else of the newest one that is installed."""
    if cluster_version:
        folder = POSTGRESQL_HOMES / cluster_version / "bin"
        return folder if (folder / "initdb").exists() else None
    installed = [path.parent for path in POSTGRESQL_HOMES.glob("*/bin/initdb")]
    elsewhere = _which("initdb")
    newest = max(installed, key=lambda folder: float(folder.parent.name), default=None)
    return newest or (elsewhere.parent if elsewhere else None)


def _postgresql_package(cluster_version: str) -> str:
    return f"postgresql-{cluster_version}" if cluster_version else "postgresql"


def _which(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


async def _run_apt(*command: str) -> None:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    process = await asyncio.create_subprocess_exec(
        *command, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    if process.returncode:
        said = output.decode(errors="replace").strip()[-2000:]
        shown = " ".join(command)
        raise CannotStart(Text(f"{shown} ist fehlgeschlagen:", f"{shown} failed:\n{said}"))


def _not_installed(packages: list[str]) -> Text:
    command = f"sudo apt-get install --no-install-recommends {' '.join(packages)}"
    return Text(
        f"Für getrennte Prozesse fehlt auf diesem Rechner: {', '.join(packages)}. Unter Debian und Ubuntu: {command} — "
        "oder starten Sie alles in einem Prozess, ganz ohne Server: make run",
        f"For separate processes this machine lacks: {', '.join(packages)}. On Debian and Ubuntu: {command} — "
        "or run everything in one process, which needs no server: make run",
    )


def _not_linux() -> Text:
    return Text(
        "make up-local gibt es für Linux. Anderswo: docker compose up — oder alles in einem Prozess: make run",
        "make up-local is for Linux. Elsewhere: docker compose up — or everything in one process: make run",
    )
