"""Tortoise's configuration: one connection and one app per service, both named after it.

Two contexts that share an alias read the other service's table in silence, hence alias = app label = service.
On SQLite a second, read-only connection per service keeps reads from waiting for a writer's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg
from tortoise.backends.base.config_generator import expand_db_url

from infra.settings import Settings

READ_SUFFIX = "_read"


@dataclass(frozen=True)
class Schema:
    """A service's tables: its name, the module of its models and the package of its migrations."""

    name: str
    models: str
    migrations: str


def is_sqlite(url: str) -> bool:
    """Whether a database URL names a SQLite file."""
    return url.startswith("sqlite://")


def postgresql_url(url: str) -> str:
    """An `asyncpg://` address as the driver itself wants it."""
    return url.replace("asyncpg://", "postgresql://", 1)


def tortoise_config(settings: Settings, schemas: Iterable[Schema], *, readers: bool = True) -> dict[str, Any]:
    """The configuration for `Tortoise.init`; `readers` adds the read-only SQLite connections."""
    connections: dict[str, Any] = {}
    apps: dict[str, dict[str, Any]] = {}
    routers: list[str] = []
    for schema in schemas:
        url = settings.database(schema.name)
        apps[schema.name] = {
            "models": [schema.models],
            "default_connection": schema.name,
            "migrations": schema.migrations,
        }
        if is_sqlite(url):
            connections[schema.name] = f"{url}?busy_timeout=5000&synchronous=NORMAL"
            if readers:
                connections[schema.name + READ_SUFFIX] = f"{url}?busy_timeout=5000&query_only=ON"
                routers = ["infra.db.routing.ReadRouter"]
        else:
            connections[schema.name] = expand_db_url(f"{url}?minsize=1&maxsize=10")
            connections[schema.name]["credentials"]["reset"] = _leave_session
    return {"connections": connections, "apps": apps, "routers": routers, "use_tz": True, "timezone": "UTC"}


async def _leave_session(_connection: asyncpg.Connection) -> None:
    """What the pool does beyond rolling back an open transaction when a connection is given back: nothing.

    Its own way is a further round trip after every statement (RESET ALL and others), measured at 15 % of what a
    publish takes. Whoever changes a session resets it before giving it back, as `infra.db.locks` does.
    """
