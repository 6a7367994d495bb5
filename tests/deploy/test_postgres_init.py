"""The script that the new PostgreSQL of the compose file runs once, on a real server under other names."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.deploy.composed import ROOT, environment, services
from tests.kit import POSTGRES_URL, on_server

SCRIPT = ROOT / "infra" / "deploy" / "postgres" / "init.sql"
PASSWORD = "of this test"


def test_it_asks_for_what_compose_hands_over() -> None:
    asked = set(re.findall(r"^\\getenv password (\w+)$", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE))
    handed = set(environment("postgres")) - {"POSTGRES_PASSWORD", "POSTGRES_INITDB_ARGS"}
    assert asked == handed == {f"LOTSE_{service.name.upper()}_DATABASE_PASSWORD" for service in services()}


@pytest.mark.postgres
@pytest.mark.skipif(not POSTGRES_URL, reason="LOTSE_TEST_POSTGRES_URL names no PostgreSQL server")
class TestOnPostgreSQL:
    @pytest.fixture
    async def mark(self, tmp_path: Path) -> AsyncIterator[str]:
        mark = f"lotse_test_{uuid.uuid4().hex[:8]}"
        # The line about the server's own database is left out: this server is shared.
        lines = SCRIPT.read_text(encoding="utf-8").replace("lotse_", f"{mark}_").splitlines()
        script = tmp_path / "init.sql"
        script.write_text("\n".join(line for line in lines if "DATABASE postgres" not in line), encoding="utf-8")
        await _psql(script)
        yield mark
        for service in services():
            await on_server(f'DROP DATABASE "{mark}_{service.name}" WITH (FORCE)', f'DROP ROLE "{mark}_{service.name}"')

    async def test_each_role_owns_its_database_and_enters_no_other(self, mark: str) -> None:
        server = urlsplit(POSTGRES_URL)
        for service in services():
            user = f"{mark}_{service.name}"
            login = {"host": server.hostname, "port": server.port or 5432, "user": user, "password": PASSWORD}
            connection = await asyncpg.connect(database=user, **login)
            await connection.execute("CREATE TABLE t (id int); DROP TABLE t")
            assert not await connection.fetchval(
                "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
            )
            await connection.close()
            other = next(each.name for each in services() if each.name != service.name)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await asyncpg.connect(database=f"{mark}_{other}", **login)


async def _psql(script: Path) -> None:
    """As the postgres image runs it."""
    psql = shutil.which("psql")
    assert psql, "psql comes with PostgreSQL"
    passwords = {f"LOTSE_{service.name.upper()}_DATABASE_PASSWORD": PASSWORD for service in services()}
    process = await asyncio.create_subprocess_exec(
        *(psql, "--set", "ON_ERROR_STOP=1", "--no-psqlrc", "--quiet", "--dbname", POSTGRES_URL, "--file", str(script)),
        env={**os.environ, **passwords},
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
