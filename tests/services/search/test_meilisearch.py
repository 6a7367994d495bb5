"""Meilisearch behind the port: the suite of all engines, and what only a server can suffer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.search.engine import Engine
from services.search.meilisearch.engine import MeilisearchEngine
from services.search.meilisearch.server import Server
from tests.services.search.engine_suite import EngineSuite
from tests.services.search.meili.serving import served
from tests.services.search.meili.stand_in import KEY, SEARCH_KEY, MeilisearchStandIn


class TestStandIn(EngineSuite):
    """The common behaviour, as far as it does not hang on Meilisearch's own ranking."""

    @pytest.fixture
    async def engine(self) -> AsyncIterator[Engine]:
        stand_in = MeilisearchStandIn()
        async with served(stand_in.app) as url:
            made = MeilisearchEngine(Server(url, KEY, SEARCH_KEY))
            await made.open()
            yield made
            await made.close()
        assert stand_in.complaints == []
