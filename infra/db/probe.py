"""Asks a PostgreSQL server whether this user may use this database; a refusal is put into an operator's words."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import asyncpg

from infra.db.config import postgresql_url
from infra.errors import Text, Trouble

_SECONDS = 5.0
_STARTING = (
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)


async def database_trouble(url: str) -> Trouble | None:
    """Why the database behind an `asyncpg://` address cannot be used; None when it can."""
    try:
        if not await _may_make_tables(url):
            return _no_owner(url)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        return _refused_user(url)
    except asyncpg.InvalidCatalogNameError:
        return _missing(url)
    except (OSError, TimeoutError, *_STARTING) as error:
        return _silent(url, error)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        said = str(error).splitlines()[0]
        reason = Text(f"PostgreSQL verweigert den Zugang: {said}", f"PostgreSQL refuses access: {said}")
        return Trouble(reason, Text("Erteilen Sie dieses Recht in PostgreSQL.", "Grant that right in PostgreSQL."))
    return None


async def clock_ahead(url: str) -> float:
    """How many seconds the clock of the database's machine is ahead of ours."""
    connection = await asyncpg.connect(postgresql_url(url), timeout=_SECONDS)
    try:
        now = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
        return float(now) - time.time()
    finally:
        await connection.close(timeout=_SECONDS)


async def _may_make_tables(url: str) -> bool:
    """Raises what the driver raises when there is no getting in."""
    connection = await asyncpg.connect(postgresql_url(url), timeout=_SECONDS)
    try:
        # Also who only looks which migrations are there asks for the right to make their table.
        return bool(await connection.fetchval("SELECT has_schema_privilege(current_schema(), 'CREATE')"))
    finally:
        await connection.close(timeout=_SECONDS)


def _no_owner(url: str) -> Trouble:
    parts = urlsplit(url)
    user, name = parts.username or "", parts.path.lstrip("/")
    give = f"ALTER DATABASE {name} OWNER TO {user}"
    return Trouble(
        Text(
            f"Der Benutzer {user} darf in der Datenbank {name} keine Tabellen anlegen.",
            f"The user {user} may not make tables in the database {name}.",
        ),
        Text(f"Übergeben Sie sie ihm: {give}", f"Give it to that user: {give}"),
    )


def _refused_user(url: str) -> Trouble:
    user = urlsplit(url).username or ""
    return Trouble(
        Text(
            f"PostgreSQL lässt den Benutzer {user} nicht ein: Name oder Passwort sind falsch.",
            f"PostgreSQL does not let the user {user} in: name or password is wrong.",
        ),
        Text(
            f"Berichtigen Sie die Adresse, oder setzen Sie das Passwort neu: ALTER ROLE {user} PASSWORD '…'",
            f"Correct the address, or set the password anew: ALTER ROLE {user} PASSWORD '…'",
        ),
    )


def _missing(url: str) -> Trouble:
    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    make = f"createdb --owner={parts.username or 'USER'} {name}"
    return Trouble(
        Text(f"Die Datenbank {name} gibt es dort nicht.", f"There is no database {name} there."),
        Text(f"Legen Sie sie an: {make}", f"Make it: {make}"),
    )


def _silent(url: str, error: Exception) -> Trouble:
    parts = urlsplit(url)
    where = f"{parts.hostname}:{parts.port or 5432}"
    if isinstance(error, socket.gaierror):
        reason = Text(f"Den Namen {parts.hostname} gibt es nicht.", f"The name {parts.hostname} is unknown.")
    else:
        reason = Text(
            f"Unter {where} antwortet PostgreSQL nicht ({type(error).__name__}).",
            f"PostgreSQL does not answer at {where} ({type(error).__name__}).",
        )
    cure = Text(
        "Starten Sie PostgreSQL, öffnen Sie die Firewall oder berichtigen Sie die Adresse.",
        "Start PostgreSQL, open the firewall or correct the address.",
    )
    return Trouble(reason, cure, passing=True)
