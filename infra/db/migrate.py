"""Brings the tables of services to the state of the program, one migrating process at a time.

Tortoise's migrations have no lock of their own; on PostgreSQL an advisory lock keeps a second process waiting, on
SQLite the data folder's lock does (only one process may use it). On SQLite foreign keys are off meanwhile, since
altering a field rebuilds its table and would delete the child rows by cascade.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, PlanStep

from infra.db.config import Schema, is_sqlite, postgresql_url, tortoise_config
from infra.settings import Settings

LOCK_KEY = 0x10753


@dataclass(frozen=True)
class Difference:
    """How a database differs from the program: migrations that it lacks, and such that the program does not know."""

    missing: list[str]
    unknown: list[str]


async def migrate(settings: Settings, schemas: Iterable[Schema]) -> list[str]:
    """Apply what is missing to every service's database; returns the applied migrations as `service.name`."""
    applied: list[str] = []
    for schema in schemas:
        async with _exclusive(settings.database(schema.name)):
            applied += await _run(settings, schema)
    return applied


async def pending(settings: Settings, schema: Schema) -> list[str]:
    """Names of migrations of one service that are not applied yet."""
    return (await difference(settings, schema)).missing


async def difference(settings: Settings, schema: Schema) -> Difference:
    """What keeps database and program of one service from being of the same version, as `service.name`."""
    async with _executor(settings, schema) as executor:
        missing = [f"{step.migration.app_label}.{step.migration.name}" for step in await _plan(executor)]
        known = executor.loader.graph.nodes
        applied = await executor.recorder.applied_migrations()
    unknown = [f"{key.app_label}.{key.name}" for key in applied if key.app_label == schema.name and key not in known]
    return Difference(missing, unknown)


async def _plan(executor: MigrationExecutor) -> list[PlanStep]:
    await executor.loader.build_graph()
    await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
    return list(await executor.plan())


async def _run(settings: Settings, schema: Schema) -> list[str]:
    applied: list[str] = []

    def note(event: str, service: str, name: str) -> None:
        if event == "apply_done":
            applied.append(f"{service}.{name}")

    async with _executor(settings, schema) as executor:
        await executor.migrate(progress=note)
    return applied


@asynccontextmanager
async def _executor(settings: Settings, schema: Schema) -> AsyncIterator[MigrationExecutor]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    config = tortoise_config(settings, [schema], readers=False)
    async with TortoiseContext() as context:
        await context.init(config=config)
        connection = get_connection(schema.name)
        if is_sqlite(settings.database(schema.name)):
            await connection.execute_script("PRAGMA foreign_keys=OFF")
        yield MigrationExecutor(connection, config["apps"])


@asynccontextmanager
async def _exclusive(url: str) -> AsyncIterator[None]:
    if is_sqlite(url):
        yield
        return
    connection = await asyncpg.connect(postgresql_url(url))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        yield
    finally:
        await connection.close()  # ends the session and with it the lock
