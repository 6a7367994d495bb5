"""Copies what a service keeps from the database that is open here into an empty PostgreSQL database of the same form.

One transaction: after a fault or a kill nothing of it is there. Tables go one after another, those before that others
refer to; each flows in a single COPY, so rows may refer to rows of their own table in any order, and only some
hundred rows are in memory at a time. Values pass through the models' own conversions from one database to the other.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from typing import Any, cast

import asyncpg
from tortoise import Tortoise
from tortoise.exceptions import ValidationError
from tortoise.fields import Field, JSONField
from tortoise.models import Model

from infra.db.config import postgresql_url
from infra.db.routing import reading

_BATCH = 500
_LOCK_MILLISECONDS = 10_000
Convert = Callable[[Any], Any]


class InUse(Exception):
    """Somebody works on the target."""


class NotEmpty(Exception):
    """The target holds rows, and not those of the source: `rows` by table."""

    def __init__(self, rows: Mapping[str, int]) -> None:
        self.rows = rows
        super().__init__(str(rows))


class Refused(Exception):
    """The target does not take a row of `table`."""

    def __init__(self, table: str, reason: str) -> None:
        self.table = table
        self.reason = reason
        super().__init__(f"{table}: {reason}")


@dataclass(frozen=True)
class Copied:
    """How many rows the target holds; `before`: an earlier call has brought them there."""

    rows: int
    before: bool = False


async def copy_rows(service: str, target: str, *, worker_lock: int, passing: type[Model]) -> Copied:
    """Copy all rows of a service, whose database is open, to the database behind an `asyncpg://` address.

    `worker_lock` is the advisory lock of who works on the target. Rows of a child of `passing`, which processes write
    that have nothing to do yet, do not count as content and are replaced.

    Raises:
        InUse, NotEmpty, Refused: nothing was changed.
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: the target cannot be used (any more).
    """
    models = models_in_order(service)
    connection = await asyncpg.connect(postgresql_url(target))
    try:
        async with connection.transaction():
            await _hold(connection, models, worker_lock)
            wanted = await _numbers_here(service, models)
            found = await _numbers(connection, models)
            if found == wanted and any(wanted.values()):
                return Copied(sum(found.values()), before=True)
            if content := {
                model: number for model, number in found.items() if number and not issubclass(model, passing)
            }:
                raise NotEmpty({model._meta.db_table: number for model, number in content.items()})
            for model in models:
                await _replace(service, connection, model)
            await _compare(connection, wanted)
        await connection.execute(f"ANALYZE {_names(models)}")
    finally:
        await connection.close()
    return Copied(sum(wanted.values()))


def models_in_order(service: str) -> list[type[Model]]:
    """The models of a service whose database is open, each after those that it refers to."""
    apps = Tortoise.apps
    if apps is None:
        raise RuntimeError("no database is open")
    sorter: TopologicalSorter[type[Model]] = TopologicalSorter()
    for model in apps[service].values():
        meta = model._meta
        referred = {cast(Any, meta.fields_map[name]).related_model for name in meta.fk_fields | meta.o2o_fields}
        sorter.add(model, *(referred - {model}))
    return list(sorter.static_order())


async def _hold(connection: asyncpg.Connection, models: Sequence[type[Model]], worker_lock: int) -> None:
    """Keep everybody else from writing until the transaction ends."""
    if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", worker_lock):
        raise InUse
    try:
        # Not NOWAIT: the server's own cleaning gives way after a second.
        await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_MILLISECONDS}ms'")
        await connection.execute(f"LOCK TABLE {_names(models)} IN EXCLUSIVE MODE")
    except asyncpg.LockNotAvailableError as error:
        raise InUse from error


def _names(models: Sequence[type[Model]]) -> str:
    return ", ".join(f'"{model._meta.db_table}"' for model in models)


def _count(model: type[Model]) -> str:
    return f'SELECT COUNT(*) AS number FROM "{model._meta.db_table}"'  # noqa: S608 - the name is ours


async def _numbers_here(service: str, models: Sequence[type[Model]]) -> dict[type[Model], int]:
    rows = {model: await reading(service).execute_query_dict(_count(model)) for model in models}
    return {model: found[0]["number"] for model, found in rows.items()}


async def _numbers(connection: asyncpg.Connection, models: Sequence[type[Model]]) -> dict[type[Model], int]:
    return {model: await connection.fetchval(_count(model)) for model in models}


async def _compare(connection: asyncpg.Connection, wanted: Mapping[type[Model], int]) -> None:
    found = await _numbers(connection, list(wanted))
    for model, number in wanted.items():
        if found[model] != number:
            raise Refused(model._meta.db_table, f"{number} rows were read and {found[model]} arrived")


async def _replace(service: str, connection: asyncpg.Connection, model: type[Model]) -> None:
    """Put the rows of one table in the place of those that are there."""
    meta = model._meta
    await connection.execute(f'DELETE FROM "{meta.db_table}"')  # noqa: S608 - the name is ours
    columns = {column: _conversion(model, meta.fields_map[name]) for name, column in meta.fields_db_projection.items()}
    try:
        async with aclosing(_rows(service, meta.db_table, columns)) as rows:
            await connection.copy_records_to_table(meta.db_table, columns=list(columns), records=rows)
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError) as error:
        where = f" ({error.context.splitlines()[0]})" if error.context else ""
        raise Refused(meta.db_table, f"{error.message}{where}") from error
    except (ValidationError, ValueError, OverflowError) as error:
        raise Refused(meta.db_table, str(error)) from error
    if meta.pk.generated:
        await _go_on_counting(connection, meta.db_table, meta.db_pk_column)


async def _go_on_counting(connection: asyncpg.Connection, table: str, key: str) -> None:
    """Let the database give new rows the keys after those that are there."""
    sequence = f"pg_get_serial_sequence('\"{table}\"', '{key}')"
    highest = f'SELECT MAX("{key}") FROM "{table}" HAVING COUNT(*) > 0'  # noqa: S608 - the names are ours
    await connection.execute(f"SELECT setval({sequence}, max) FROM ({highest}) AS highest")  # noqa: S608 - the same


def _conversion(model: type[Model], field: Field[Any]) -> Convert:
    """From what SQLite gives to what PostgreSQL takes. JSON is text for both, the rest has types of its own."""
    if isinstance(field, JSONField):
        return _unchanged
    return partial(_convert, field, model)


def _unchanged(value: Any) -> Any:
    return value


def _convert(field: Field[Any], model: type[Model], value: Any) -> Any:
    return field.to_db_value(field.to_python_value(value), model)


async def _rows(service: str, table: str, columns: Mapping[str, Convert]) -> AsyncGenerator[tuple[Any, ...], None]:
    """The rows of a table as they are to be written."""
    listed = ", ".join(f'"{column}"' for column in columns)
    conversions = list(columns.values())
    query = f'SELECT {listed} FROM "{table}"'  # noqa: S608 - the names are ours
    async with reading(service).acquire_connection() as connection, connection.execute(query) as cursor:
        while batch := await cursor.fetchmany(_BATCH):
            for row in batch:
                yield tuple(convert(value) for convert, value in zip(conversions, row, strict=True))
