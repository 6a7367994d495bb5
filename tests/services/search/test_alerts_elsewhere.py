"""Alerts where a worker tells them that indexes nothing itself: with Meilisearch, in a process of its own."""

from __future__ import annotations

import asyncio

from services.search import running as search_running
from services.search.service import service
from tests.kit import Database, running
from tests.services.search.alerts import Alerts, morning, offer, slugs
from tests.services.search.conftest import Search
from tests.services.search.meili.serving import served
from tests.services.search.meili.stand_in import KEY, SEARCH_KEY, MeilisearchStandIn
from tests.services.search.test_meilisearch_service import elsewhere, only_searching


async def _caught_up() -> None:
    """This process has seen what the other one indexed."""
    async with asyncio.timeout(20):
        await search_running.current().settled()
        while not search_running.current().ready:
            await asyncio.sleep(0.01)


async def test_a_worker_tells_what_another_process_has_indexed(sqlite: Database) -> None:
    stand_in = MeilisearchStandIn()
    async with served(stand_in.app) as url:
        options = {"meili_url": url, "meili_key": KEY, "meili_search_key": SEARCH_KEY}
        async with running([service], sqlite, **options) as kit:
            alerts = Alerts(Search(kit))
            await alerts.search.tell_all()
            await alerts.search.tell(offer("alt", "Kurs"))
            await alerts.save(q="Kurs", near="Magdeburg", radius=10)
            await alerts.search.tell(
                offer("md", "Kurs", region="stadt-magdeburg"), offer("hessen", "Kurs", region="hessen")
            )
        async with only_searching(kit) as search:
            await kit.deliver("search", offer("spaet", "Kurs", region="sachsen-anhalt"))
            await morning()
            assert await Alerts(search).told() == [], "part of what is new is not in the index yet"
            async with elsewhere(kit):
                await _caught_up()
            await morning()
            (alert,) = await Alerts(search).told()
            assert (set(slugs(alert)), alert.total) == ({"md", "spaet"}, 2)
            await morning(20)
            assert len(await Alerts(search).told()) == 1
    assert stand_in.complaints == []


async def test_a_server_that_is_away_only_delays(sqlite: Database) -> None:
    stand_in = MeilisearchStandIn()
    async with served(stand_in.app) as url:
        options = {"meili_url": url, "meili_key": KEY, "meili_search_key": SEARCH_KEY}
        async with running([service], sqlite, **options) as kit:
            alerts = Alerts(Search(kit))
            await alerts.save(q="Kurs")
            await alerts.search.tell(offer("a", "Kurs"))
    async with only_searching(kit) as search:
        await morning()
        assert await Alerts(search).told() == []
        async with served(stand_in.app, int(url.rsplit(":", 1)[1])):
            await _caught_up()
            await morning()
            assert [slugs(alert) for alert in await Alerts(search).told()] == [["a"]]
