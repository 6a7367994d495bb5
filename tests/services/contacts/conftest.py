"""A running contacts service with a small country in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.contacts.service import service
from tests.kit import Database, Running, running
from tests.services.contacts.world import Contacts, bundle, write_bundle


@pytest.fixture
async def contacts(database: Database, tmp_path: Path) -> AsyncIterator[Contacts]:
    """The service on each kind of database."""
    async with running([service], database) as kit:
        yield await _filled(kit, tmp_path)


@pytest.fixture
async def small(sqlite: Database, tmp_path: Path) -> AsyncIterator[Contacts]:
    """The same on SQLite only, where the kind of database does not matter."""
    async with running([service], sqlite) as kit:
        yield await _filled(kit, tmp_path)


@pytest.fixture
async def empty(database: Database) -> AsyncIterator[Contacts]:
    """The service with nothing in it."""
    async with running([service], database) as kit:
        yield Contacts(kit)


async def _filled(kit: Running, folder: Path) -> Contacts:
    assert service.importer is not None
    report = await service.importer(write_bundle(folder / "bundle", bundle()), False)
    assert report.errors == []
    return Contacts(kit)
