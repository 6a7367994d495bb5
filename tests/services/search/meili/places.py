"""Where the suite finds a Meilisearch: a real server, a recording of one, or the stand-in.

`MEILI_URL` and `MEILI_KEY` (a key for all indexes, as the master key; only indexes named `lotse-test-…` are touched)
choose the real one; `MEILI_SEARCH_KEY` may name another key for searches. `MEILI_RECORD=1` writes the exchange down.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.search.meilisearch.engine import MeilisearchEngine
from services.search.meilisearch.server import Server
from tests.services.search.meili.exchange import PREFIX, Recorder, Replay, recording_of
from tests.services.search.meili.serving import served
from tests.services.search.meili.stand_in import KEY, SEARCH_KEY, MeilisearchStandIn

MEILI_URL = os.environ.get("MEILI_URL", "")
MEILI_KEY = os.environ.get("MEILI_KEY", "")
RECORDING = os.environ.get("MEILI_RECORD") == "1"
RUN = uuid.uuid4().hex[:8]
NEEDS_SERVER = "MEILI_URL and MEILI_KEY name no Meilisearch"


class Place:
    """One Meilisearch for one test; `engine()` gives engines that share an index, as processes do.

    `complaints` are requests of a shape that does not exist; a test that sends one on purpose clears them.
    """

    def __init__(self, url: str, key: str, search_key: str, prefix: str) -> None:
        self.url = url
        self.key = key
        self.search_key = search_key
        self.prefix = prefix
        self.complaints: list[str] = []
        self._made: list[MeilisearchEngine] = []

    def engine(self) -> MeilisearchEngine:
        """An engine that is not open yet."""
        made = MeilisearchEngine(Server(self.url, self.key, self.search_key), self.prefix)
        self._made.append(made)
        return made

    async def close(self) -> None:
        """Close all engines."""
        for made in self._made:
            await made.close()


@asynccontextmanager
async def real_place(test: str) -> AsyncIterator[Place]:
    """A real server; its indexes of this test are dropped afterwards.

    All requests pass a proxy: where that is asked for they are written down, and beside a failure pytest shows the last
    of them with what was sent and what came back.
    """
    prefix = f"lotse-test-{RUN}-{uuid.uuid4().hex[:8]}"
    recorder = Recorder(MEILI_URL, prefix)
    async with served(recorder.app) as url:
        place = Place(url, MEILI_KEY, os.environ.get("MEILI_SEARCH_KEY", MEILI_KEY), prefix)
        try:
            yield place
        finally:
            print(recorder.last())
            await place.close()
            await recorder.close()
            await clean_up(prefix)
    if RECORDING:
        recorder.write(recording_of(test))


async def clean_up(prefix: str) -> None:
    """Drop all indexes whose names begin so."""
    server = Server(MEILI_URL, MEILI_KEY)
    for uid in await server.index_uids():
        if uid.startswith(prefix):
            await server.drop(uid)
    await server.close()


@asynccontextmanager
async def place_without_server(test: str) -> AsyncIterator[Place]:
    """The recording of this test or, as long as there is none, the stand-in. Requests of a wrong shape are a fault."""
    recorded = recording_of(test)
    other = Replay(recorded) if recorded.exists() else MeilisearchStandIn()
    async with served(other.app) as url:
        place = Place(url, KEY, SEARCH_KEY, PREFIX)
        place.complaints = other.complaints
        yield place
        await place.close()
    assert not other.complaints, "\n".join(other.complaints)
