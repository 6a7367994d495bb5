"""The search service on Meilisearch, whole: events in, answers out, processes that come, go and lose the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from infra.contracts.contacts import OfferWithdrawn, RegionPublished
from infra.contracts.search import IndexRebuilt
from infra.db.connect import databases
from infra.runtime.doctor import own
from services.search import commands
from services.search import running as search_running
from services.search.handlers import handlers
from services.search.hosting import choose_engine
from services.search.indexing import Indexer
from services.search.models import Checkpoint
from services.search.running import Running as Parts
from services.search.service import service
from tests.conftest import needs_postgres
from tests.kit import Database, Running, running
from tests.services.search.conftest import Search
from tests.services.search.meili.serving import served
from tests.services.search.meili.stand_in import KEY, SEARCH_KEY, MeilisearchStandIn
from tests.services.search.test_finding import MEMBER, offer


@dataclass
class Meili:
    """A stand-in that can be stopped, and settings that point to it."""

    stand_in: MeilisearchStandIn
    url: str

    def options(self, **changes: str) -> dict[str, str]:
        return {"meili_url": self.url, "meili_key": KEY, "meili_search_key": SEARCH_KEY} | changes

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0


async def _until(condition: object) -> None:
    """Return once `condition()` holds."""
    async with asyncio.timeout(20):
        while not await condition():  # type: ignore[operator]
            await asyncio.sleep(0.01)


@asynccontextmanager
async def elsewhere(kit: Running) -> AsyncIterator[Indexer]:
    """An indexer as another process would run it: with an engine and a memory of its own."""
    parts = Parts(choose_engine(kit.settings))
    indexer = Indexer(parts, handlers, opens=True)
    task = asyncio.create_task(indexer.run())
    try:
        yield indexer
    finally:
        task.cancel()
        await asyncio.wait([task])
        await indexer.close()
        await parts.engine.close()


@asynccontextmanager
async def only_searching(kit: Running) -> AsyncIterator[Search]:
    """The service as `web search` runs it: no consumer, no indexer."""
    async with databases(kit.settings, [service.schema]), service.lifespan(kit.settings):
        yield Search(kit)


@pytest.fixture
async def meili() -> AsyncIterator[Meili]:
    stand_in = MeilisearchStandIn()
    async with served(stand_in.app) as url:
        yield Meili(stand_in, url)
    assert stand_in.complaints == []


async def test_events_are_found_through_the_services_edge(meili: Meili, database: Database) -> None:
    async with running([service], database, **meili.options()) as kit:
        search = Search(kit)
        await search.tell_all()
        await search.tell(
            offer("a", "Sprachkurs Pflege", region="stadt-magdeburg", stages=["language"], published_at="2026-03-01T0"),
            offer("b", "Sprachkurs Handwerk", region="hessen", stages=["language"]),
        )
        answer = (await search.get("/search", q="Sprachkurs Magdeburg", stage="language")).json()
        assert [hit["slug"] for hit in answer["hits"]] == ["a", "b"]
        assert answer["hits"][0]["highlights"]["title"] == "<mark>Sprachkurs</mark> Pflege"
        assert [(place["slug"], place["text"]) for place in answer["places"]] == [("stadt-magdeburg", "Magdeburg")]
        assert {"value": "sachsen-anhalt", "count": 1} in answer["facets"]["district"]
        assert (await search.get("/stats")).json()["engine"] == "meilisearch"
        assert (await search.get("/readyz")).status == 200
        assert (await search.get("/suggest", q="Sprach")).json()["items"][0]["kind"] in ("offer", "term")
        await search.tell(OfferWithdrawn(id="offer-a", version=2, slug="a"))
        assert await search.find("Sprachkurs") == ["b"]
        assert await search.find("Sprachkurs", limit=1) == ["b"]
        assert (await search.get("/search", identity=MEMBER, q="Sprachkurs")).status == 200


async def test_while_meilisearch_is_away_searches_say_so_and_nothing_is_lost(
    sqlite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    stand_in = MeilisearchStandIn()
    async with served(stand_in.app) as url:
        pass
    meili = Meili(stand_in, url)
    async with running([service], sqlite, **meili.options()) as kit:
        search = Search(kit)
        await kit.deliver("search", offer("a", "Sprachkurs"))
        assert (await search.get("/readyz")).status == 503
        async with served(stand_in.app, meili.port):
            await search_running.current().settled()
            assert await search.find("Sprachkurs") == ["a"]
        answer = await search.get("/search", q="Sprachkurs")
        assert answer.status == 503
        assert "nicht erreichbar" in answer.json()["title"]
        await kit.deliver("search", offer("b", "Sprachkurs neu"))
        async with served(stand_in.app, meili.port):
            await search_running.current().settled()
            assert sorted(await search.find("Sprachkurs")) == ["a", "b"]
    assert "the search engine cannot be used" in caplog.text


async def test_when_its_data_is_gone_the_index_is_made_anew(sqlite: Database) -> None:
    first, second = MeilisearchStandIn(), MeilisearchStandIn()
    async with served(first.app) as url:
        meili = Meili(first, url)
        async with running([service], sqlite, **meili.options()) as kit:
            search = Search(kit)
            await search.tell(offer("a", "Sprachkurs"))
            first.indexes.clear()
            await _until(lambda: _finds(search, "Sprachkurs", ["a"]))
            first.app.router.routes = second.app.router.routes  # the same address, another server without data
            await search.tell(offer("b", "Sprachkurs"))
            assert sorted(await search.find("Sprachkurs")) == ["a", "b"]
    assert (first.complaints, second.complaints) == ([], [])


async def _finds(search: Search, q: str, slugs: list[str]) -> bool:
    answer = await search.get("/search", q=q)
    return answer.ok and [hit["slug"] for hit in answer.json()["hits"]] == slugs


async def test_a_process_that_only_searches_learns_regions_and_finds_what_another_indexes(
    meili: Meili, database: Database
) -> None:
    async with running([service], database, **meili.options()) as kit:
        await Search(kit).tell_all()
        await Search(kit).tell(offer("a", "Sprachkurs", region="stadt-magdeburg"), offer("b", "Sprachkurs"))
    async with only_searching(kit) as search:
        await search_running.current().settled()
        assert (await search.get("/readyz")).status == 200
        answer = (await search.get("/search", q="Sprachkurs Magdeburg")).json()
        assert [hit["slug"] for hit in answer["hits"]] == ["a", "b"]
        assert [place["name"] for place in answer["places"]] == ["Magdeburg"]
        async with elsewhere(kit):
            named = RegionPublished(id="r9", version=1, slug="x", name="Lupinenland", name_full="Land", kind="land")
            await search.tell(named, offer("c", "Kurs", region="x"))
            answer = (await search.get("/search", q="Kurs Lupinenland")).json()
            assert answer["hits"][0]["slug"] == "c"
            assert [place["slug"] for place in answer["places"]] == ["x"]


async def test_a_failed_search_has_the_index_examined_by_the_process_that_indexes(
    meili: Meili, sqlite: Database
) -> None:
    async with running([service], sqlite, **meili.options()) as kit:
        await Search(kit).tell(offer("a", "Sprachkurs"))
    async with only_searching(kit) as search, elsewhere(kit):
        await search_running.current().settled()
        (index,) = meili.stand_in.indexes.values()
        index.settings["sortableAttributes"] = []
        assert (await search.get("/search")).status == 503
        meili.stand_in.complaints.clear()
        await _until(lambda: _finds(search, "", ["a"]))
        meili.stand_in.complaints.clear()


async def test_an_operators_reindex_is_noticed_by_a_background_that_is_running(
    meili: Meili, database: Database
) -> None:
    async with running([service], database, **meili.options()) as kit:
        await Search(kit).tell(offer("a", "Sprachkurs"))
    async with databases(kit.settings, [service.schema]), elsewhere(kit):
        await service.commands["reindex"]()
        assert await commands.reindex_is_pending()
        for producer in ("contacts", "forum", "newsletter"):
            await Checkpoint.create(producer=producer, position=7)
        await _until(_reindexed)
        assert [event.documents for event in await kit.recorded("search", IndexRebuilt)] == [1]


async def _reindexed() -> bool:
    return not await commands.reindex_is_pending()


async def test_a_wrong_key_is_told_to_the_operator(
    meili: Meili, sqlite: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with running([service], sqlite, **meili.options(meili_key="wrong")) as kit:
        await _until(lambda: _logged(caplog, "LOTSE_MEILI_KEY"))
        assert (await Search(kit).get("/search", q="Kurs")).status == 503


async def _logged(caplog: pytest.LogCaptureFixture, text: str) -> bool:
    return any(text in str(getattr(record, "reason", "")) for record in caplog.records)


async def _has_index(meili: Meili) -> bool:
    return bool(meili.stand_in.indexes)


@pytest.mark.parametrize("database", [needs_postgres], indirect=True)
async def test_of_two_backgrounds_one_indexes_and_the_other_takes_over(meili: Meili, database: Database) -> None:
    async with running([service], database, **meili.options()) as kit:
        search = Search(kit)
        first = search_running.current().engine
        await _until(lambda: _has_index(meili))
        async with elsewhere(kit) as second:
            await search.tell(offer("a", "Sprachkurs"))
            added = [task for task in meili.stand_in.tasks if task.kind == "documentAdditionOrUpdate"]
            assert len(added) == 2  # the empty index, and the offer once
            assert second.parts.engine.position == 0
            assert first.position == 1


@pytest.mark.parametrize("database", [needs_postgres], indirect=True)
async def test_the_waiting_background_takes_over_when_the_other_ends(meili: Meili, database: Database) -> None:
    async with running([service], database, **meili.options()) as kit:
        await Search(kit).tell(offer("a", "Sprachkurs"))
    async with only_searching(kit) as search, elsewhere(kit):
        async with elsewhere(kit):
            await search.tell(offer("b", "Sprachkurs"))
        await search.tell(offer("c", "Sprachkurs"))
        assert sorted(await search.find("Sprachkurs")) == ["a", "b", "c"]


async def test_the_doctor_looks_at_server_and_keys(meili: Meili, sqlite: Database) -> None:
    async def told(**changes: str) -> list[str]:
        findings = await own(sqlite.settings(**meili.options(**changes)), service)
        return [finding.line() for finding in findings]

    assert await own(sqlite.settings(), service) == []
    assert await told() == [
        f"ok       Meilisearch 1.41.0 at {meili.url}",
        "ok       Meilisearch's key for indexing, no index yet",
        "ok       Meilisearch's key for searching, no index yet",
    ]
    (unknown,) = await told(meili_key="wrong", meili_search_key="")
    assert "403 auth invalid_api_key" in unknown
    indexing, searching = (await told(meili_key=SEARCH_KEY, meili_search_key="wrong"))[1:]
    assert indexing.startswith("PROBLEM  Meilisearch's key for indexing")
    assert indexing.endswith("set LOTSE_MEILI_KEY.")
    assert searching.endswith("set LOTSE_MEILI_SEARCH_KEY.")
    (away,) = await told(meili_url="http://127.0.0.1:1")
    assert away.startswith("PROBLEM  Meilisearch http://127.0.0.1:1")
    meili.stand_in.version = "1.9.3"
    assert (await told())[0].endswith("Lotse needs 1.14 or newer.")
