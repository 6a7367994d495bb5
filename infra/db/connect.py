"""Opens and closes the databases of the services that one process hosts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from infra import metrics
from infra.db.config import Schema, tortoise_config
from infra.db.doorbell import all_heard
from infra.settings import Settings


@asynccontextmanager
async def databases(settings: Settings, schemas: Sequence[Schema], *, readers: bool = True) -> AsyncIterator[None]:
    """Connections of all `schemas`, visible to every task and thread-borne coroutine of this process's loop.

    One initialisation for all: two contexts that share an alias read each other's tables in silence.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    names = [schema.name for schema in schemas]
    async with TortoiseContext() as context:
        config = tortoise_config(settings, schemas, readers=readers)
        await context.init(config=config, _enable_global_fallback=True)
        with metrics.measured_by(partial(_measure_pools, names)):
            try:
                yield
            finally:
                await all_heard()


async def _measure_pools(services: Sequence[str]) -> None:
    for name in services:
        pool: asyncpg.Pool | None = getattr(get_connection(name), "_pool", None)  # SQLite has none
        if pool is not None:
            idle = pool.get_idle_size()
            metrics.POOL.labels(name, "idle").set(idle)
            metrics.POOL.labels(name, "busy").set(pool.get_size() - idle)


async def answers(service: str) -> bool:
    """Whether the open database of a service answers; raises what its driver raises when it does not."""
    await get_connection(service).execute_query("SELECT 1")
    return True
