"""`move FROM_DIR`: takes what an all-in-one keeps in its files along to the PostgreSQL databases of separate processes.

Neither may run meanwhile. Each service goes over in a transaction of its own, so whoever runs the command again after
a fault goes on with the next one. Index and broker are not moved: they are made again from what is.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
from tortoise.exceptions import OperationalError

from infra.db.config import Schema
from infra.db.connect import databases
from infra.db.copying import Copied, InUse, NotEmpty, Refused, copy_rows
from infra.db.faults import database_lost
from infra.db.migrate import difference
from infra.errors import Text
from infra.inbox.models import CheckpointEntry
from infra.outbox.relay import LOCK_KEY
from infra.runtime.datalock import data_lock
from infra.runtime.naming import all_services
from infra.runtime.problems import CannotStart
from infra.runtime.requirements import require_for_move
from infra.runtime.servers import await_servers, databases_of
from infra.runtime.service import Service
from infra.settings import Settings

_FITS = "secret-fits"
_MAGIC = b"SQLite format 3\0"
_COMMAND = "python -m infra.runtime"
_AFTERWARDS = """\
Everything is there. Left behind, since it is made again from this: the search index and what was on its way to a
service. Left behind for good: the local mailbox. Keep the folder until you have seen that all is well.
Next: start the processes, then: python -m infra.runtime status"""


async def move(settings: Settings, folder: Path, other_secret: bool, say: Callable[[str], None]) -> int:
    """Copy all services' rows from the SQLite files in `folder` to the databases of `settings`; returns the exit code.

    `other_secret` lets a LOTSE_SECRET pass that is not the one the files were written with.

    Raises:
        CannotStart: with what the operator can mend; services that were told as moved stay moved.
        SettingsError: the settings name no databases to move to.
    """
    require_for_move(settings)
    services = all_services(settings)
    schemas = [service.schema for service in services]
    source = replace(settings, database_url="", data_dir=folder)
    _insist_on_files(folder, services)
    with data_lock(folder), _readable(folder):
        await await_servers(databases_of(settings, services), settings.start_seconds)
        for schema in schemas:
            await _insist_on_version(source, schema, f"LOTSE_DATABASE_URL= LOTSE_DATA_DIR={folder} {_COMMAND} migrate")
            await _insist_on_version(settings, schema, f"{_COMMAND} migrate")
        async with databases(source, schemas):
            for service in services if not other_secret else ():
                await _insist_on_secret(service, settings)
            for service in services:
                started = time.monotonic()
                copied = await _copy(service.name, settings)
                say(_told(service.name, copied, time.monotonic() - started))
    say(_AFTERWARDS)
    return 0


def _told(name: str, copied: Copied, seconds: float) -> str:
    if copied.before:
        return f"{name}: was moved before, {copied.rows} rows"
    return f"{name}: {copied.rows} rows moved in {seconds:.1f} s"


async def _copy(name: str, settings: Settings) -> Copied:
    try:
        return await copy_rows(name, settings.database(name), worker_lock=LOCK_KEY, passing=CheckpointEntry)
    except InUse as error:
        raise CannotStart(_in_use(name)) from error
    except NotEmpty as error:
        raise CannotStart(_not_empty(name, error)) from error
    except Refused as error:
        raise CannotStart(_refused(name, error)) from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if not (isinstance(error, OSError) or database_lost(error)):
            raise
        raise CannotStart(_lost(name, error)) from error


def _insist_on_files(folder: Path, services: Sequence[Service]) -> None:
    """Raises CannotStart unless the folder holds the files of all services."""
    missing = [name for name in (f"{service.name}.sqlite3" for service in services) if not _is_sqlite(folder / name)]
    if missing:
        names = ", ".join(missing)
        raise CannotStart(
            Text(
                f"Der Ordner {folder} ist nicht der eines Lotse: Es fehlen die Datenbanken {names}. Nennen Sie den "
                "Ordner, den das Lotse in einem Prozess als LOTSE_DATA_DIR hat (ohne Angabe: data).",
                f"The folder {folder} is not that of a Lotse: the databases {names} are missing. Name the folder that "
                "the all-in-one has as LOTSE_DATA_DIR (data, if nobody said otherwise).",
            )
        )


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except PermissionError:  # it is there; the lock will tell that this user may not use the folder
        return True
    except OSError:
        return False


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Inside, a damaged SQLite file is CannotStart, not a fault of the program."""
    try:
        yield
    except (sqlite3.DatabaseError, OperationalError) as error:
        cause = error.args[0] if isinstance(error, OperationalError) else error
        if not isinstance(cause, sqlite3.DatabaseError):
            raise
        raise CannotStart(
            Text(
                f"Eine SQLite-Datei in {folder} lässt sich nicht lesen ({cause}). Welche es ist und was davon zu "
                "retten ist, sagt: sqlite3 DATEI 'PRAGMA integrity_check'. Was schon umgezogen ist, bleibt.",
                f"An SQLite file in {folder} cannot be read ({cause}). Which one it is, and what can be saved of it, "
                "is told by: sqlite3 FILE 'PRAGMA integrity_check'. What was moved already stays.",
            )
        ) from error


async def _insist_on_version(settings: Settings, schema: Schema, cure: str) -> None:
    """Raises CannotStart unless a database has exactly the tables of this program."""
    found = await difference(settings, schema)
    place = settings.data_dir / f"{schema.name}.sqlite3" if not settings.database_url else "PostgreSQL"
    if found.missing:
        steps = ", ".join(found.missing)
        raise CannotStart(
            Text(
                f"Der Datenbank von {schema.name} ({place}) fehlen Migrationen: {steps}. Rufen Sie auf: {cure}",
                f"The database of {schema.name} ({place}) lacks migrations: {steps}. Run: {cure}",
            )
        )
    if found.unknown:
        steps = ", ".join(found.unknown)
        raise CannotStart(
            Text(
                f"Die Datenbank von {schema.name} ({place}) ist neuer als dieses Programm ({steps}). Ziehen Sie mit "
                "der Version um, die sie zuletzt benutzt hat.",
                f"The database of {schema.name} ({place}) is newer than this program ({steps}). Move with the version "
                "that used it last.",
            )
        )


async def _insist_on_secret(service: Service, settings: Settings) -> None:
    """Raises CannotStart when a service sees that its rows were written with another LOTSE_SECRET."""
    if _FITS not in service.commands or await service.commands[_FITS](settings):
        return
    raise CannotStart(
        Text(
            f"LOTSE_SECRET ist ein anderes als das, mit dem {service.name} bisher lief: Links in verschickten Mails "
            "gälten nicht mehr, und wer nie wieder Post wollte, würde nicht mehr erkannt. Setzen Sie das bisherige, "
            "oder nehmen Sie das in Kauf: move --other-secret",
            f"LOTSE_SECRET is another one than {service.name} ran with so far: links in mails that were sent would no "
            "longer work, and who wanted no mail ever again would not be recognised. Set the one that was used, or "
            "accept that: move --other-secret",
        )
    )


def _in_use(name: str) -> Text:
    return Text(
        f"Mit der Datenbank von {name} arbeitet schon jemand. Beenden Sie alle Prozesse des neuen Lotse.",
        f"Somebody works on the database of {name} already. Stop all processes of the new Lotse.",
    )


def _not_empty(name: str, error: NotEmpty) -> Text:
    rows = ", ".join(f"{table} {number}" for table, number in error.rows.items())
    return Text(
        f"Die Datenbank von {name} in PostgreSQL enthält schon anderes ({rows}). Ist sie umgezogen und seither benutzt "
        "worden, so ist nichts mehr zu tun. Brauchen Sie nichts davon, so legen Sie sie neu an (DROP DATABASE, CREATE "
        f"DATABASE) und rufen Sie auf: {_COMMAND} migrate",
        f"The database of {name} in PostgreSQL holds something else already ({rows}). If it was moved and used since, "
        "there is nothing left to do. If you need nothing of it, make it anew (DROP DATABASE, CREATE DATABASE) and "
        f"run: {_COMMAND} migrate",
    )


def _refused(name: str, error: Refused) -> Text:
    return Text(
        f"PostgreSQL nimmt eine Zeile der Tabelle {error.table} von {name} nicht an: {error.reason}. Von {name} ist "
        "nichts umgezogen. Berichtigen Sie die Zeile in der SQLite-Datei und beginnen Sie wieder; was schon umgezogen "
        "ist, bleibt.",
        f"PostgreSQL does not take a row of the table {error.table} of {name}: {error.reason}. Nothing of {name} was "
        "moved. Correct the row in the SQLite file and begin again; what was moved already stays.",
    )


def _lost(name: str, error: Exception) -> Text:
    return Text(
        f"Die Verbindung zur Datenbank von {name} ist abgebrochen ({type(error).__name__}). Von {name} ist nichts "
        "umgezogen. Beginnen Sie wieder; was schon umgezogen ist, bleibt.",
        f"The connection to the database of {name} broke off ({type(error).__name__}). Nothing of {name} was moved. "
        "Begin again; what was moved already stays.",
    )
