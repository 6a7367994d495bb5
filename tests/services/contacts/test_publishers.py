"""The upgrade that parts composing from releasing: who could release issues before still can."""

from __future__ import annotations

from infra.db import transaction
from infra.db.migrate import migrate
from services.contacts.accounts.models import Account
from services.contacts.service import service
from tests.kit import Database, hosting, running

STEP = "0006_editors_may_release"
BEFORE = {"ed": ["editor"], "both": ["coordinator", "editor"], "co": ["coordinator"]}


async def test_editors_keep_the_right_to_release_and_nobody_else_gets_it(database: Database) -> None:
    async with running([service], database) as kit, transaction("contacts") as tx:
        for name, roles in BEFORE.items():
            await Account.create(email=name, name=name, password_hash="", roles=roles, using_db=tx.connection)
        await tx.connection.execute_query(f"DELETE FROM tortoise_migrations WHERE name = '{STEP}'")
    assert await migrate(kit.settings, [service.schema]) == [f"contacts.{STEP}"]
    async with hosting([service], database):
        found = {row.email: row.roles for row in await Account.all()}
    right = ["editor", "publisher"]
    assert found == {"ed": right, "both": ["coordinator", *right], "co": ["coordinator"]}
