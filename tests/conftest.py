"""Fixtures for all tests: `database` gives SQLite and, where a server is named, PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.kit import POSTGRES_URL, Database, drop_templates

needs_postgres = pytest.param(
    "postgres",
    marks=[
        pytest.mark.postgres,
        pytest.mark.skipif(not POSTGRES_URL, reason="LOTSE_TEST_POSTGRES_URL names no PostgreSQL server"),
    ],
)


@pytest.fixture(params=["sqlite", needs_postgres])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A place for the databases of one test, on each kind of server."""
    made = Database(request.param, tmp_path, f"lotse_test_{uuid.uuid4().hex[:10]}")
    yield made
    await made.remove()


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    """A place for databases where the kind does not matter."""
    return Database("sqlite", tmp_path)


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def _templates() -> AsyncIterator[None]:
    yield
    if POSTGRES_URL:
        await drop_templates()
