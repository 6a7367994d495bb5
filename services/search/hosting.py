"""Search in a process: which engine the settings choose, what every process needs and what only the indexing one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.inbox import Handlers
from infra.metrics import measured_by
from infra.settings import Settings
from services.search import queries, running
from services.search.embedded.engine import EmbeddedEngine
from services.search.engine import Engine
from services.search.following import Follower
from services.search.indexing import Indexer
from services.search.running import Running
from services.search.statistics.writing import written


def is_embedded(settings: Settings) -> bool:
    """Whether the engine lives in the process, so that only one process may host search."""
    return not settings.meili_url


def choose_engine(settings: Settings) -> Engine:
    """The engine that the settings name."""
    if is_embedded(settings):
        return EmbeddedEngine(settings.data_dir / "search-index")
    from services.search.meilisearch.engine import MeilisearchEngine
    from services.search.meilisearch.server import Server

    return MeilisearchEngine(Server(settings.meili_url, settings.meili_key, settings.meili_search_key))


async def checked(settings: Settings) -> list[tuple[str, bool, str]]:
    """What the doctor looks at for search: name, whether it is well, and the cure. Nothing about an embedded engine."""
    if is_embedded(settings):
        return []
    from services.search.meilisearch.checking import check
    from services.search.meilisearch.server import Server

    server = Server(settings.meili_url, settings.meili_key, settings.meili_search_key)
    try:
        return await check(server, settings.meili_url)
    finally:
        await server.close()


@asynccontextmanager
async def hosted(settings: Settings) -> AsyncIterator[None]:
    """Searches can be answered inside, from an index that this or another process keeps up to date."""
    parts = Running(choose_engine(settings))
    if is_embedded(settings):
        await parts.engine.open()
    running.start(parts)
    follower = Follower(parts)
    parts.settled = follower.settled
    tasks = [] if is_embedded(settings) else [asyncio.create_task(follower.run())]
    async with written(parts.demand, lambda: parts.knowledge):
        try:
            yield
        finally:
            running.stop()
            await _end(tasks)
            await parts.engine.close()


@asynccontextmanager
async def indexed(settings: Settings, handlers: Handlers) -> AsyncIterator[None]:
    """The indexer is at work inside, or waits for its turn; `hosted` has begun before."""
    parts = running.current()
    indexer = Indexer(parts, handlers, opens=not is_embedded(settings))
    parts.settled = indexer.settled
    tasks = [asyncio.create_task(indexer.run())]
    try:
        with measured_by(queries.measure):
            yield
    finally:
        await _end(tasks)
        await indexer.close()


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
