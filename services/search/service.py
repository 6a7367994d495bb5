"""The descriptor of search for the runtime."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from infra.runtime.service import Service
from infra.settings import Settings
from services.search import commands
from services.search.app import build
from services.search.handlers import handlers
from services.search.hosting import checked, hosted, indexed, is_embedded
from services.search.tasks import jobs


def attend(settings: Settings) -> AbstractAsyncContextManager[None]:
    """The indexer is at work."""
    return indexed(settings, handlers)


async def reindex() -> None:
    """Read all logs again from their beginning and make the index anew; returns at once, searches go on meanwhile."""
    await commands.begin_reindex(handlers)


service = Service(
    name="search",
    package="services.search",
    app=build,
    handlers=handlers,
    jobs=jobs,
    lifespan=hosted,
    attend=attend,
    together=is_embedded,
    commands={"reindex": reindex, "reindexing": commands.reindex_is_pending, "doctor": checked},
)
