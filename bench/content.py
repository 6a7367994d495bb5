"""Search over the shipped content, filled the way an installation is: import, events, handlers, indexer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.contacts.service import service as contacts
from services.search import running as search_running
from services.search.queries import changes_after
from services.search.service import service as search
from tests.kit import Database, Running, running

CONTENT = Path(__file__).resolve().parent.parent / "services" / "contacts" / "content"


@asynccontextmanager
async def shipped_content(folder: Path) -> AsyncIterator[Running]:
    """Contacts and search with the whole bundle imported, told and indexed."""
    async with running([contacts, search], Database("sqlite", folder)) as kit:
        assert contacts.importer is not None
        report = await contacts.importer(CONTENT, False)
        assert not report.errors, report.errors[:3]
        for event in await kit.recorded("contacts"):
            await kit.deliver("search", event)
        parts = search_running.current()
        await parts.settled()
        await parts.engine.rebuild(changes_after)
        yield kit
