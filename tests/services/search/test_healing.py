"""What search survives: a lost or damaged index, a crash between database and index, a reindex while people search."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tortoise.connection import get_connection

from infra.contracts.contacts import OfferPublished, RegionPublished
from infra.contracts.search import IndexRebuilt
from infra.db import transaction
from infra.db.connect import databases
from services.search import commands, queries
from services.search import running as search_running
from services.search.documents import document_of
from services.search.handlers import handlers
from services.search.models import Checkpoint, SearchDocument
from services.search.service import service
from tests.kit import Database, Running, running
from tests.services.search.conftest import Search
from tests.services.search.test_finding import offer


@asynccontextmanager
async def restarted(kit: Running) -> AsyncIterator[None]:
    """The service in a new process on the same databases and index."""
    async with (
        databases(kit.settings, [service.schema]),
        service.lifespan(kit.settings),
        service.attend(kit.settings),
    ):
        await search_running.current().settled()
        yield


async def _told(database: Database, offers: Sequence[OfferPublished]) -> tuple[Running, bytes]:
    """A service that was told these offers and has stopped; and what its index held."""
    async with running([service], database) as kit:
        await Search(kit).tell(*offers)
        return kit, await search_running.current().engine.export()


OFFERS = [offer(f"o{number}", f"Sprachkurs {number}") for number in range(5)]


async def test_deleted_index_is_made_anew_at_the_start(database: Database) -> None:
    kit, before = await _told(database, OFFERS)
    shutil.rmtree(kit.settings.data_dir / "search-index")
    async with restarted(kit):
        assert await search_running.current().engine.export() == before


async def test_while_an_index_is_empty_beside_a_full_table_nobody_is_told_that_there_is_nothing(
    database: Database,
) -> None:
    kit, _ = await _told(database, OFFERS)
    shutil.rmtree(kit.settings.data_dir / "search-index")
    async with databases(kit.settings, [service.schema]), service.lifespan(kit.settings):
        for path in ("/search", "/suggest"):
            answer = await Search(kit).get(path, q="Sprachkurs")
            assert (answer.status, answer.json()["title"][:25]) == (503, "Die Suche liest gerade al")
        async with service.attend(kit.settings):
            await search_running.current().settled()
            assert len(await Search(kit).find("Sprachkurs")) == 5


async def test_an_index_that_a_rebuild_brought_further_since_the_look_is_not_ahead_of_its_table(
    database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, rebuilt = queries.numbers, asyncio.Event()

    async def looked_before_a_rebuild() -> queries.Numbers:
        numbers = await look()
        monkeypatch.setattr(queries, "numbers", look)
        async with transaction("search") as tx:
            await commands.store(tx, document_of(OFFERS[4]))
        await search_running.current().engine.rebuild(queries.changes_after)
        rebuilt.set()
        return numbers

    async with running([service], database) as kit:
        await Search(kit).tell(*OFFERS[:4])
        monkeypatch.setattr(queries, "numbers", looked_before_a_rebuild)
        await asyncio.wait_for(rebuilt.wait(), 10)
        await search_running.current().settled()
        assert len(await Search(kit).find("Sprachkurs")) == 5
    assert "ahead of its table" not in caplog.text


async def test_damaged_index_is_made_anew_at_the_start(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    kit, before = await _told(database, OFFERS)
    for path in (kit.settings.data_dir / "search-index").glob("index-*/*.term"):
        path.write_bytes(b"x" * path.stat().st_size)
    async with restarted(kit):
        assert await search_running.current().engine.export() == before
    assert "search index cannot be used and is made anew" in caplog.text


async def test_crash_between_database_and_index_is_healed_at_the_start(database: Database) -> None:
    kit, _ = await _told(database, OFFERS[:3])
    async with databases(kit.settings, [service.schema]):
        for event in OFFERS[3:]:
            await kit.deliver("search", event)
    async with restarted(kit):
        engine = search_running.current().engine
        assert engine.position == (await queries.numbers()).last_change == 5
        assert (await engine.stats(frozenset({"public"}))).documents == 5


async def test_index_ahead_of_a_restored_table_is_made_anew(database: Database) -> None:
    kit, _ = await _told(database, OFFERS)
    async with databases(kit.settings, [service.schema]):
        await SearchDocument.filter(sequence__gt=2).delete()
    async with restarted(kit):
        assert search_running.current().engine.position == 2
        assert (await search_running.current().engine.stats(frozenset({"public"}))).documents == 2


async def test_index_deleted_while_running_is_mended_by_the_next_change(search: Search) -> None:
    await search.tell(*OFFERS)
    shutil.rmtree(search.kit.settings.data_dir / "search-index")
    assert len(await search.find("Sprachkurs")) == 5
    await search.tell(offer("neu", "Sprachkurs neu"))
    assert len(await search.find("Sprachkurs")) == 6
    assert list((search.kit.settings.data_dir / "search-index").glob("index-*"))


async def test_the_indexer_keeps_trying_while_its_folder_cannot_be_written(
    search: Search, caplog: pytest.LogCaptureFixture
) -> None:
    await search.tell(*OFFERS)
    root = search.kit.settings.data_dir / "search-index"
    _replace_by_file(root)
    await search.kit.deliver("search", offer("neu", "Sprachkurs neu"))
    await _logged(caplog, "search index cannot be made anew")
    root.unlink()
    await search_running.current().settled()
    assert len(await search.find("Sprachkurs")) == 6


async def test_the_indexer_outlives_a_database_that_fails(search: Search, caplog: pytest.LogCaptureFixture) -> None:
    await search.tell(*OFFERS)
    connection = get_connection("search")
    await connection.execute_script("ALTER TABLE counters RENAME TO elsewhere")
    search_running.wake()
    await _logged(caplog, "search index could not be brought up to date")
    await connection.execute_script("ALTER TABLE elsewhere RENAME TO counters")
    await search.tell(offer("neu", "Sprachkurs neu"))
    assert len(await search.find("Sprachkurs")) == 6


async def test_a_failed_rebuild_beside_the_index_changes_nothing(
    search: Search, caplog: pytest.LogCaptureFixture
) -> None:
    await search.tell(*OFFERS)
    root = search.kit.settings.data_dir / "search-index"
    _replace_by_file(root)
    await service.commands["reindex"]()
    for producer in ("contacts", "forum", "newsletter"):
        await Checkpoint.create(producer=producer, position=7)
    search_running.wake()
    await _logged(caplog, "search index could not be made anew")
    assert len(await search.find("Sprachkurs")) == 5
    started, failed = time.monotonic(), await _failures(search)
    assert failed
    for _ in range(50):
        search_running.wake()
        assert len(await search.find("Sprachkurs")) == 5
    assert await _failures(search) - failed <= 1 + time.monotonic() - started  # one attempt a second at most
    root.unlink()
    async with asyncio.timeout(10):
        while await commands.reindex_is_due(handlers):
            search_running.wake()
            await asyncio.sleep(0.01)
    assert len(await search.find("Sprachkurs")) == 5


async def _failures(search: Search) -> float:
    """How many rebuilds failed in this process, as its metrics tell."""
    lines = (await search.get("/metrics")).content.decode().splitlines()
    (told,) = (line for line in lines if line.startswith("lotse_search_rebuild_failures_total"))
    return float(told.split()[1])


def _replace_by_file(root: Path) -> None:
    shutil.rmtree(root)
    root.write_text("not a folder", encoding="utf-8")


async def _logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    """Return once the indexer has said so."""
    async with asyncio.timeout(10):
        while text not in caplog.text:
            await asyncio.sleep(0.01)


async def test_rebuild_leaves_one_directory(search: Search) -> None:
    await search.tell(*OFFERS)
    await search_running.current().engine.rebuild(queries.changes_after)
    there, used = _directories(search.kit.settings.data_dir / "search-index")
    assert there == [used]


def _directories(root: Path) -> tuple[list[str], str]:
    return [path.name for path in root.glob("index-*")], (root / "current").read_text(encoding="utf-8")


async def test_reindex_takes_everything_anew_without_a_gap_and_says_when_it_is_done(search: Search) -> None:
    await search.tell(*OFFERS)
    before = await search.export()
    for producer in ("contacts", "forum", "newsletter"):
        await Checkpoint.create(producer=producer, position=7)
    await service.commands["reindex"]()
    assert await Checkpoint.all().count() == 0
    assert not await commands.reindex_is_due(handlers)
    await search.tell(*OFFERS)
    assert len(await search.find("Sprachkurs")) == 5
    assert await search.kit.recorded("search", IndexRebuilt) == []
    for producer in ("contacts", "forum", "newsletter"):
        await Checkpoint.create(producer=producer, position=7)
    search_running.wake()
    await search.tell(RegionPublished(id="r", version=1, slug="x", name="X", name_full="X", kind="land"))
    await search_running.current().settled()
    assert [event.documents for event in await search.kit.recorded("search", IndexRebuilt)] == [5]
    assert await search.export() == before
    assert not await commands.reindex_is_due(handlers)


async def test_replayed_event_of_the_same_version_is_written_again(search: Search) -> None:
    await search.tell(OFFERS[0])
    wrong = {**(await SearchDocument.get()).data, "title": "Verfälscht"}
    async with transaction("search") as tx:
        await SearchDocument.all().using_db(tx.connection).update(data=wrong)
    await search.tell(OFFERS[0])
    assert (await SearchDocument.get()).data["title"] == "Sprachkurs 0"


async def test_a_failing_search_is_examined_and_answered(
    search: Search, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await search.tell(*OFFERS)
    monkeypatch.setattr("services.search.embedded.searching.read_body", _broken)
    answer = await search.get("/search", q="Sprachkurs")
    assert answer.status == 503
    assert "the index will be examined" in caplog.text
    assert "the file is corrupt" not in caplog.text  # such a message may quote what was looked for
    (told,) = (record for record in caplog.records if "examined" in record.getMessage())
    assert "test_healing.py" in told.__dict__["reason"]
    monkeypatch.undo()
    await search.tell(offer("neu", "Sprachkurs neu"))
    assert len(await search.find("Sprachkurs")) == 6


def _broken(*_arguments: object) -> None:
    raise ValueError("the file is corrupt")


async def test_while_it_starts_search_says_so_and_is_not_ready(search: Search) -> None:
    await search.tell(*OFFERS)
    assert (await search.get("/readyz")).status == 200
    search_running.stop()
    assert (await search.get("/readyz")).status == 503
    answer = await search.get("/search", q="Sprachkurs")
    assert answer.status == 503
    assert "startet gerade" in answer.json()["title"]
