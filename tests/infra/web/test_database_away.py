"""A service whose database is away tells people to come again, and is well by itself once it is back."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.infra.toys.wire import open_wire
from tests.kit import POSTGRES_URL, Database, identity, running
from tests.toy.service import service


@pytest.fixture
async def postgres(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database("postgres", tmp_path, f"lotse_test_{uuid.uuid4().hex[:10]}")
    yield database
    await database.remove()


@pytest.mark.postgres
@pytest.mark.skipif(not POSTGRES_URL, reason="LOTSE_TEST_POSTGRES_URL names no PostgreSQL server")
async def test_while_the_database_is_away_requests_are_refused_for_now(postgres: Database) -> None:
    server = urlsplit(POSTGRES_URL)
    async with open_wire(lambda: (server.hostname or "127.0.0.1", server.port or 5432)) as (wire, port):
        login = server.netloc.rpartition("@")[0]
        url = f"asyncpg://{login}@127.0.0.1:{port}/{postgres.prefix}_{{service}}"
        async with running([service], postgres, database_url=url) as kit:
            assert (await kit.post("toy", "/things", {"name": "one"}, identity=identity("anna"))).status == 201
            wire.cut()
            for method, body in (("GET", None), ("POST", {"name": "two"})):
                answer = await kit.request("toy", method, "/things", body=body, identity=identity("anna"))
                assert (answer.status, answer.json()["code"]) == (503, "unavailable")
            wire.mend()
            assert (await kit.get("toy", "/things")).json() == {"items": ["one"]}
