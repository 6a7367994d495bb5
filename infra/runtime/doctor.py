"""`doctor`: looks at everything an installation needs before it starts; each finding names its cure."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.db.config import is_sqlite
from infra.db.migrate import difference
from infra.db.probe import clock_ahead
from infra.mail.inspection import inspect
from infra.runtime.http import bind
from infra.runtime.problems import CannotStart
from infra.runtime.servers import Server, brokers_of, database_of
from infra.runtime.service import Service
from infra.settings import Settings

OLDEST_PYTHON = (3, 11)
FIRST_TOO_NEW = (3, 14)
LEAST_FREE_BYTES = 500 * 1024 * 1024
CLOCKS_SECONDS = 5.0  # half a minute is tolerated (infra.web.identity, leases of mails); so much is no accident


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `cure` says what to do when it is not well, `notes` what is good to know."""

    name: str
    well: bool
    cure: str = ""
    notes: tuple[str, ...] = ()

    def line(self) -> str:
        """The finding as text, each note on a line of its own."""
        first = f"ok       {self.name}" if self.well else f"PROBLEM  {self.name}: {self.cure}"
        return "\n         ".join((first, *self.notes))


async def examine(settings: Settings, services: Sequence[Service], running: bool) -> list[Finding]:
    """All findings; `running` tells that an all-in-one works on the data folder (then its port is taken by itself).

    Of separate processes each has a port of its own, which only the process itself can tell.
    """
    folder = settings.data_dir
    findings = [python_version(), data_folder(folder), private(folder), disk_space(folder)]
    if not running and not settings.apart:
        findings.append(port(settings))
    findings += [await server(broker) for broker in brokers_of(settings, services)]
    if not settings.demo:
        findings.append(legal_notice(settings))
    findings += [Finding(seen.name, seen.well, seen.cure, seen.notes) for seen in await inspect(settings)]
    findings += [await database(settings, service) for service in services]
    return findings + [finding for service in services for finding in await own(settings, service)]


async def own(settings: Settings, service: Service) -> list[Finding]:
    """What a service looks at itself, by its command `doctor`."""
    if "doctor" not in service.commands:
        return []
    return [Finding(*found) for found in await service.commands["doctor"](settings)]


def python_version() -> Finding:
    """Whether this Python is one that Lotse is tested with."""
    found = sys.version_info[:2]
    cure = "Lotse needs Python 3.11 to 3.13. Name another one: make run PYTHON=python3.12"
    return Finding(f"Python {found[0]}.{found[1]}", OLDEST_PYTHON <= found < FIRST_TOO_NEW, cure)


def data_folder(folder: Path) -> Finding:
    """Whether the data folder is there or can be made, and can be written."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    well = nearest.is_dir() and os.access(nearest, os.W_OK)
    cure = f"{nearest} cannot be written to. Give this user the right to, or name another folder with LOTSE_DATA_DIR."
    return Finding(f"data folder {folder}", well, cure)


def private(folder: Path) -> Finding:
    """Whether strangers on this machine are kept out; a folder that Lotse makes itself belongs to its user alone."""
    well = not folder.exists() or not folder.stat().st_mode & 0o007
    cure = f"everybody on this machine can look into it, and it holds personal data. Run: chmod -R o-rwx {folder}"
    return Finding("data folder private", well, cure)


def disk_space(folder: Path) -> Finding:
    """Whether there is room for databases, index and mails."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(nearest).free
    cure = f"less than {LEAST_FREE_BYTES >> 20} MiB are free. Make room or name another folder with LOTSE_DATA_DIR."
    return Finding(f"disk, {free >> 20} MiB free", free >= LEAST_FREE_BYTES, cure)


def port(settings: Settings) -> Finding:
    """Whether the web server's port can be had."""
    try:
        sock = bind(settings.host, settings.port)
    except CannotStart as problem:
        return Finding(f"port {settings.port or ''}".strip(), False, problem.text.en)
    with sock:
        return Finding(f"port {sock.getsockname()[1]}", True)


def legal_notice(settings: Settings) -> Finding:
    """Whether mails and the imprint page say who is responsible; the law wants it of everybody but a demo."""
    cure = "LOTSE_IMPRINT still holds the template. Set it to the operator's name, address and how to reach them."
    return Finding("legal notice", not settings.imprint_is_template, cure)


async def server(needed: Server) -> Finding:
    """Whether database or broker of a service let it in, with the permissions that it needs."""
    trouble = await needed.trouble()
    if trouble is None:
        return Finding(needed.label, True)
    return Finding(needed.label, False, f"{trouble.reason.en} {trouble.cure.en} ({needed.setting})")


async def database(settings: Settings, service: Service) -> Finding:
    """Whether the database of a service can be used and has the tables of this program."""
    needed, url = database_of(settings, service.name), settings.database(service.name)
    if is_sqlite(url):
        if not os.path.exists(url.removeprefix("sqlite://")):  # noqa: PTH110, ASYNC240 - one look
            return Finding(f"{needed.label}, made at the first start", True)
    elif not (finding := await server(needed)).well:
        return finding
    elif abs(seconds := await clock_ahead(url)) > CLOCKS_SECONDS:
        cure = "Have both machines follow a time server (NTP)"
        return Finding(needed.label, False, f"its clock differs from this machine's by {seconds:+.0f} s. {cure}.")
    found = await difference(settings, service.schema)
    if found.missing:
        steps = ", ".join(found.missing)
        return Finding(needed.label, False, f"migrations are missing ({steps}). Run: python -m infra.runtime migrate")
    ahead = f", ahead of this program ({', '.join(found.unknown)})" if found.unknown else ""
    return Finding(needed.label + ahead, True)
