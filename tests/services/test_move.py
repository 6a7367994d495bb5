"""`move` with the real services: every column of every table arrives equal, and what people hold goes on working."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tortoise import fields
from tortoise.models import Model

from infra.db import transaction
from infra.db.connect import databases
from infra.db.copying import models_in_order
from infra.ids import new_id
from infra.runtime.move import move
from infra.runtime.operator import Operator
from infra.runtime.problems import CannotStart
from services.contacts.operator import add_account
from services.contacts.service import service as contacts
from services.forum.service import service as forum
from services.newsletter.service import service as newsletter
from services.newsletter.subscribers.domain import Purpose
from services.newsletter.subscribers.models import Subscriber
from services.newsletter.subscribers.queries import token_for
from services.search import running as search_running
from services.search.service import service as search
from tests.kit import POSTGRES_URL, Database, hosting
from tests.services.newsletter.desk import Desk, offer
from tests.services.search.conftest import REGIONS, VOCABULARIES

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not POSTGRES_URL, reason="LOTSE_TEST_POSTGRES_URL names no PostgreSQL server"),
]
SERVICES = [contacts, forum, newsletter, search]
ROWS = 3
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
async def source(tmp_path: Path) -> Database:
    """Files of all services, of this version and empty."""
    made = Database("sqlite", tmp_path / "old")
    made.folder.mkdir()
    await made.prepare(SERVICES)
    return made


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[Database]:
    """Databases of all services on a server, of this version and empty."""
    made = Database("postgres", tmp_path / "new", f"lotse_test_{uuid.uuid4().hex[:10]}")
    made.folder.mkdir()
    await made.prepare(SERVICES)
    yield made
    await made.remove()


def value(field: fields.Field[Any], number: int) -> Any:
    """What a field may hold, another one for each number; the last row holds as little as may be."""
    if field.null and number == ROWS - 1:
        return None
    samples: dict[type[fields.Field[Any]], Any] = {
        fields.UUIDField: new_id(),
        fields.CharField: f"{number}ß„🍐“"[: getattr(field, "max_length", 0)],
        fields.TextField: f"Zeile {number}\r\n\t'quoted' \\ \"double\" – 🍐\u2028",
        fields.IntField: 2**31 - 1 - number,
        fields.BigIntField: 2**63 - 1 - number,
        fields.BooleanField: number % 2 == 0,
        fields.BinaryField: bytes([number, 0, 255]) * 300,
        fields.FloatField: 1 / 3 + number,
        fields.DatetimeField: datetime(2026, 10, 25, 2, 30, 0, 123456 + number, tzinfo=UTC),
        fields.DateField: date(2024, 2, 29) + timedelta(days=number),
        fields.JSONField: [{"ä": [1, 2.5, None, True, '\\u0041 "🍐"'], "groß": 2**53}, [], {}, "text", number],
    }
    return samples[next(kind for kind in type(field).__mro__ if kind in samples)]


async def fill(service: str) -> None:
    """Some rows in each table of a service; rows of the same table refer to one another in a circle."""
    async with transaction(service) as tx:
        await tx.connection.execute_query("PRAGMA defer_foreign_keys = ON")
        keys: dict[type[Model], list[Any]] = {}
        for model in models_in_order(service):
            meta = model._meta
            keys[model] = [value(meta.pk, number) for number in range(ROWS)]
            references = {meta.fields_map[name].source_field: name for name in meta.fk_fields}
            for number, key in enumerate(keys[model]):
                values = {name: value(meta.fields_map[name], number) for name in meta.fields_db_projection}
                for column, name in references.items():
                    if values[str(column)] is not None:
                        referred: Any = meta.fields_map[name]
                        values[str(column)] = keys[referred.related_model][number - 1]
                await model.create(**{**values, meta.pk_attr: key}, using_db=tx.connection)


async def everything(service: str) -> Rows:
    """All rows of a service's open database by table, as the models read them."""
    found: Rows = {}
    for model in models_in_order(service):
        rows = await model.all().values(*model._meta.fields_db_projection)
        found[model._meta.db_table] = sorted(rows, key=lambda row: str(row[model._meta.pk_attr]))
    return found


def tables(path: Path) -> set[str]:
    """The tables of a file, but for those that migrations and SQLite keep for themselves."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name for (name,) in rows if name != "tortoise_migrations" and not name.startswith("sqlite_")}


async def test_every_row_of_every_table_arrives_equal(source: Database, target: Database) -> None:
    async with databases(source.settings(), [service.schema for service in SERVICES]):
        for service in SERVICES:
            await fill(service.name)
        before = {service.name: await everything(service.name) for service in SERVICES}
    said: list[str] = []
    assert await move(target.settings(), source.folder, True, said.append) == 0

    for service, line in zip(SERVICES, said, strict=False):
        assert set(before[service.name]) == tables(source.folder / f"{service.name}.sqlite3")
        assert all(len(rows) == ROWS for rows in before[service.name].values())
        assert line.startswith(f"{service.name}: {ROWS * len(before[service.name])} rows moved in ")
    async with databases(target.settings(), [service.schema for service in SERVICES]):
        for service in SERVICES:
            assert await everything(service.name) == before[service.name]


async def test_people_notice_nothing(source: Database, target: Database) -> None:
    published = offer("kompass-pflege", title="Kompass Pflege")
    async with hosting(SERVICES, source) as kit:
        password = await add_account("nora@example.org", "Nora Nord", ["member"])
        opened = await kit.post("contacts", "/sessions", {"email": "nora@example.org", "password": password})
        await Desk(kit).tell_territory()
        await Desk(kit).subscribe("anna@example.org")
        unsubscribe = token_for(Purpose.UNSUBSCRIBE, (await Subscriber.get()).id)
        for fact in (*REGIONS, *VOCABULARIES, published):
            await kit.deliver("search", fact)
    said: list[str] = []
    other = target.settings(secret="another-secret-of-thirty-two-characters")
    with pytest.raises(CannotStart, match="LOTSE_SECRET is another one than newsletter ran with"):
        await move(other, source.folder, False, said.append)
    assert await move(target.settings(), source.folder, False, said.append) == 0

    async with hosting(SERVICES, target) as kit:
        assert await Operator(kit.settings, SERVICES).run("status", {}, said.append) == 0, said
        resolved = await kit.post("contacts", "/sessions/resolve", {"token": opened.json()["token"]})
        assert resolved.json()["account"]["email"] == "nora@example.org"
        await search_running.current().settled()
        hits = (await kit.get("search", "/search", query={"q": "Kompass"})).json()["hits"]
        assert [hit["slug"] for hit in hits] == ["kompass-pflege"]
        left = await kit.post("newsletter", "/subscriptions/unsubscribe", {"token": unsubscribe})
        assert left.status == 200, left.content
        assert await Subscriber.all().count() == 0
