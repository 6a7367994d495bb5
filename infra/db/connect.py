"""Opens and closes the databases of the services that one process hosts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from tortoise.context import TortoiseContext

from infra.db.config import Schema, tortoise_config
from infra.settings import Settings


@asynccontextmanager
async def databases(settings: Settings, schemas: Iterable[Schema], *, readers: bool = True) -> AsyncIterator[None]:
    """Connections of all `schemas`, visible to every task and thread-borne coroutine of this process's loop.

    One initialisation for all: two contexts that share an alias read each other's tables in silence.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(settings, schemas, readers=readers), _enable_global_fallback=True)
        yield
