"""The main job on separate processes with search on a Meilisearch server, where one is named."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.instance import Client
from tests.processes import Processes, missing
from tests.system.story_by_api import StoryByApi

MEILI = {"LOTSE_MEILI_URL": os.environ.get("MEILI_URL", ""), "LOTSE_MEILI_KEY": os.environ.get("MEILI_KEY", "")}

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not all(MEILI.values()), reason="MEILI_URL and MEILI_KEY name no Meilisearch server"),
    pytest.mark.skipif(bool(missing()), reason=missing() or "nothing is missing"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lotse() -> AsyncIterator[Client]:
    """Processes whose search is a web and a background, as the plan has it with Meilisearch."""
    async with Processes(**MEILI) as running:
        assert {"search-web", "search-background"} <= set(running.pids)
        yield running


class TestOnMeilisearch(StoryByApi):
    """The processes above."""
