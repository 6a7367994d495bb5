"""Search over the shipped content, filled the way an installation is: import, events, handlers, indexer."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.contacts.service import service as contacts
from services.search import running as search_running
from services.search.queries import changes_after
from services.search.service import service as search
from tests.kit import Database, Running, running
from tests.services.search.meili.places import MEILI_KEY, MEILI_URL, clean_up

CONTENT = Path(__file__).resolve().parent.parent / "services" / "contacts" / "content"
EMBEDDED, MEILISEARCH = "embedded", "meilisearch"
ENGINES = (EMBEDDED, MEILISEARCH) if MEILI_URL and MEILI_KEY else (EMBEDDED,)


@asynccontextmanager
async def shipped_content(folder: Path, engine: str = EMBEDDED) -> AsyncIterator[Running]:
    """Contacts and search with the whole bundle imported, told and indexed, on one of `ENGINES`."""
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 - once, before anything runs
    async with running([contacts, search], Database("sqlite", folder)) as kit:
        assert contacts.importer is not None
        report = await contacts.importer(CONTENT, False)
        assert not report.errors, report.errors[:3]
        for event in await kit.recorded("contacts"):
            await kit.deliver("search", event)
        parts = search_running.current()
        await parts.settled()
        if engine == MEILISEARCH:
            async with _on_meilisearch(parts):
                yield kit
        else:
            await parts.engine.rebuild(changes_after)
            yield kit


@asynccontextmanager
async def _on_meilisearch(parts: search_running.Running) -> AsyncIterator[None]:
    """The same documents in an index of this run, which answers instead of the embedded engine."""
    from services.search.meilisearch.engine import MeilisearchEngine
    from services.search.meilisearch.server import Server

    prefix = f"lotse-bench-{uuid.uuid4().hex[:8]}"
    made, embedded = MeilisearchEngine(Server(MEILI_URL, MEILI_KEY), prefix), parts.engine
    await made.open()
    await made.learn(parts.knowledge)
    await made.rebuild(changes_after)
    parts.engine = made
    try:
        yield
    finally:
        parts.engine = embedded
        await made.close()
        await clean_up(prefix)
