"""What tests share: databases of both kinds, made fast from a migrated template, and a running service to talk to.

@pytest.fixture
async def forum(database: Database) -> AsyncIterator[Running]:
    async with running([service], database) as kit:
        yield kit

answer = await kit.get("forum", "/spaces", identity=COORDINATOR)
await kit.deliver("forum", NetworkPublished(…))
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection

from infra.contracts.registry import Event
from infra.db import transaction
from infra.db.config import READ_SUFFIX
from infra.db.connect import databases
from infra.db.migrate import migrate
from infra.ids import new_id
from infra.inbox import Meta
from infra.runtime.service import Service
from infra.settings import Settings, load
from infra.web.client import Answer, InProcess, ServiceClient
from infra.web.identity import Identity

POSTGRES_URL = os.environ.get("LOTSE_TEST_POSTGRES_URL", "")
_sqlite_templates: dict[str, Path] = {}
_postgres_templates: set[str] = set()


def identity(account: str, *roles: str, networks: Sequence[str] = (), name: str = "Eine Person") -> Identity:
    """A person with rights, for requests."""
    return Identity(account=account, name=name, roles=frozenset(roles), networks=frozenset(networks))


@dataclass
class Database:
    """Where a test's databases are: a folder of SQLite files or databases on a PostgreSQL server."""

    kind: str
    folder: Path
    prefix: str = ""
    made: list[str] = field(default_factory=list)

    def settings(self, **changes: Any) -> Settings:
        """Demo settings on these databases."""
        environ = {"LOTSE_DEMO": "1", "LOTSE_DATA_DIR": str(self.folder), "LOTSE_BASE_URL": "http://lotse.test"}
        if self.kind == "postgres":
            environ["LOTSE_DATABASE_URL"] = _database_url(f"{self.prefix}_{{service}}")
        return replace(load(environ), **changes)

    async def prepare(self, services: Sequence[Service]) -> None:
        """Give every service a migrated, empty database."""
        for service in services:
            if self.kind == "postgres":
                await self._from_postgres_template(service)
            else:
                template = await _sqlite_template(service)
                shutil.copyfile(template, self.folder / f"{service.name}.sqlite3")

    async def _from_postgres_template(self, service: Service) -> None:
        template = f"lotse_template_{os.getpid()}_{service.name}"
        if template not in _postgres_templates:
            await on_server(f'DROP DATABASE IF EXISTS "{template}"', f'CREATE DATABASE "{template}"')
            settings = replace(self.settings(), database_url=_database_url(template))
            await migrate(settings, [service.schema])
            _postgres_templates.add(template)
        name = f"{self.prefix}_{service.name}"
        await on_server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self.made.append(name)

    async def remove(self) -> None:
        """Drop what was made on the server."""
        for name in self.made:
            await on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _sqlite_template(service: Service) -> Path:
    if service.package not in _sqlite_templates:
        folder = Path(tempfile.mkdtemp(prefix="lotse-template-"))
        await migrate(load({"LOTSE_DEMO": "1", "LOTSE_DATA_DIR": str(folder)}), [service.schema])
        _sqlite_templates[service.package] = folder / f"{service.name}.sqlite3"
    return _sqlite_templates[service.package]


def _database_url(name: str) -> str:
    parts = urlsplit(POSTGRES_URL)
    return f"asyncpg://{parts.netloc}/{name}"


async def on_server(*statements: str) -> None:
    """Run statements on the PostgreSQL server of the tests, outside any transaction."""
    connection = await asyncpg.connect(POSTGRES_URL)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def drop_templates() -> None:
    """Remove the template databases of this test run."""
    for name in _postgres_templates:
        await on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _postgres_templates.clear()
    for path in _sqlite_templates.values():
        shutil.rmtree(path.parent)
    _sqlite_templates.clear()


@dataclass
class Running:
    """Services that are up, with the ways in that the real world has: requests and events."""

    settings: Settings
    services: dict[str, Service]
    client: ServiceClient
    database: Database

    async def request(self, service: str, method: str, path: str, **options: Any) -> Answer:
        """A request as the gateway sends it (options: identity, language, query, body, content, headers)."""
        return await self.client.request(service, method, path, **options)

    async def get(self, service: str, path: str, **options: Any) -> Answer:
        """GET."""
        return await self.request(service, "GET", path, **options)

    async def post(self, service: str, path: str, body: Any = None, **options: Any) -> Answer:
        """POST."""
        return await self.request(service, "POST", path, body=body, **options)

    async def deliver(
        self, service: str, event: Event, *, event_id: str = "", position: int | None = None, time: str = ""
    ) -> None:
        """Let a service handle an event, told just now or at `time`, each handler in a transaction of its own."""
        told = time or datetime.now(UTC).isoformat()
        meta = Meta(event_id or str(new_id()), event.producer, position, told)
        for handler in self.services[service].handlers.of(event.type):
            async with transaction(service) as tx:
                await handler.function(tx, event, meta)

    async def recorded(self, service: str, kind: type[Event] | None = None) -> list[Any]:
        """The events that a service has recorded, oldest first, as their dataclasses."""
        from infra.contracts import catalogue

        known = catalogue.events()
        apps = Tortoise.apps
        assert apps is not None
        rows = await apps[service]["Outbox"].all().order_by("id")
        events = [msgspec.convert(row.data, known[row.type]) for row in rows]
        return [event for event in events if kind is None or isinstance(event, kind)]


@asynccontextmanager
async def running(services: Sequence[Service], database: Database, **changes: Any) -> AsyncIterator[Running]:
    """Services on fresh databases, with their lifespans and attendance entered; no broker, no seeds."""
    await database.prepare(services)
    async with hosting(services, database, **changes) as kit:
        yield kit


@asynccontextmanager
async def hosting(services: Sequence[Service], database: Database, **changes: Any) -> AsyncIterator[Running]:
    """The same on databases as they are."""
    EXECUTOR_CACHE.clear()  # keyed by alias, not by kind of server: SQLite's statements would go to PostgreSQL
    settings = database.settings(**changes)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(databases(settings, [service.schema for service in services]))
        for service in services:
            await stack.enter_async_context(service.lifespan(settings))
            await stack.enter_async_context(service.attend(settings))
        client = ServiceClient(InProcess({s.name: s.app(settings) for s in services}), settings.secret)
        yield Running(settings, {service.name: service for service in services}, client, database)


@contextmanager
def counted_queries(service: str) -> Iterator[list[str]]:
    """Collects the SQL statements that a service sends to its database inside the block, also in transactions.

    The bell that wakes a relay elsewhere is left out: it rings beside the work, at any time.
    """
    statements: list[str] = []
    names = {service, service + READ_SUFFIX}
    client = type(get_connection(service))
    methods = ("execute_query", "execute_query_dict", "execute_insert", "execute_many")
    with ExitStack() as restoring:
        for kind in (client, *client.__subclasses__()):
            for method in methods:
                if method in vars(kind):
                    restoring.callback(_count(kind, method, names, statements))
        yield statements


def _count(kind: type[BaseDBAsyncClient], method: str, names: set[str], statements: list[str]) -> Callable[[], None]:
    original = vars(kind)[method]

    async def counting(client: BaseDBAsyncClient, query: str, *args: Any, **options: Any) -> Any:
        if client.connection_name in names and "pg_notify" not in query:
            statements.append(query)
        return await original(client, query, *args, **options)

    setattr(kind, method, counting)
    return lambda: setattr(kind, method, original)


async def together(*actions: Any) -> list[Any]:
    """Run coroutine functions at the same moment (behind a barrier); exceptions are returned, not raised."""
    barrier = asyncio.Barrier(len(actions))

    async def run(action: Any) -> Any:
        await barrier.wait()
        return await action()

    return await asyncio.gather(*(run(action) for action in actions), return_exceptions=True)
