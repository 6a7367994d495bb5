"""Meilisearch behind the port: the suite of all engines on a real server, or on its recording or a stand-in.

Without MEILI_URL the classes with a server are skipped, and the same tests run on the exchange that was recorded with
one; tests without a recording run on the stand-in, which checks the shape of requests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services.search.domain import Request
from services.search.engine import DamagedError, Engine
from services.search.meilisearch.settings import SETTINGS, VERSION, differing
from tests.services.search.engine_kit import KNOWLEDGE, batch, document, slugs
from tests.services.search.engine_suite import EngineSuite
from tests.services.search.meili.places import (
    MEILI_KEY,
    MEILI_URL,
    NEEDS_SERVER,
    RECORDING,
    Place,
    place_without_server,
    real_place,
)

with_server = pytest.mark.skipif(not (MEILI_URL and MEILI_KEY), reason=NEEDS_SERVER)
without_server = pytest.mark.skipif(RECORDING, reason=f"{NEEDS_SERVER} to replay, one is being recorded")


class MeilisearchSuite(EngineSuite):
    """What holds for Meilisearch besides: several processes share an index."""

    @pytest.fixture
    async def engine(self, place: Place) -> Engine:
        made = place.engine()
        await made.open()
        return made

    async def test_settings_are_those_of_the_code_and_not_set_again(self, place: Place) -> None:
        await place.engine().open()
        server = place.engine()
        held = await server._server.settings(f"{place.prefix}-v{VERSION}")
        assert differing(held) == {}

    async def test_documents_and_position_survive_closing(self, place: Place) -> None:
        first = place.engine()
        await first.open()
        await first.apply(batch(5, document("a", "Sprachkurs")))
        second = place.engine()
        await second.open()
        assert second.position == 5
        assert await slugs(second, "Sprachkurss") == ["a"]

    async def test_a_process_that_only_searches_follows(self, place: Place) -> None:
        writer, reader = place.engine(), place.engine()
        await writer.open()
        await reader.learn(KNOWLEDGE)
        await writer.apply(batch(1, document("a", "Sprachkurs")))
        assert await slugs(reader, "Sprachkurs") == ["a"]
        await writer.apply(batch(2, document("b", "Lupinenbeet", regions=["landkreis-harz"])))
        assert await slugs(reader, "Lupinenbeet im Harz") == ["b"]
        assert (reader.position, await slugs(reader, "Lupinenbete")) == (1, [])
        await reader.refresh()
        assert (reader.position, await slugs(reader, "Lupinenbete")) == (2, ["b"])

    async def test_a_process_that_only_searches_notices_a_rebuild(self, place: Place) -> None:
        writer, reader = place.engine(), place.engine()
        await writer.open()
        documents = [document("a", "Straßenfest"), document("b", "Ein Fest an der Straße")]
        await writer.apply(batch(1, *documents))
        assert await slugs(reader, "Fest") == ["b"]

        async def source(after: int) -> AsyncIterator[object]:
            if after < 1:
                yield batch(1, *documents)

        await writer.rebuild(source)  # type: ignore[arg-type]
        assert sorted(await slugs(reader, "Fest")) == ["a", "b"]

    async def test_before_the_first_index_a_search_says_that_something_is_missing(self, place: Place) -> None:
        with pytest.raises(DamagedError, match="index_not_found"):
            await place.engine().search(Request(q="Kurs"))

    async def test_settings_that_are_gone_are_damage_and_a_rebuild_mends_it(self, place: Place) -> None:
        engine = place.engine()
        await engine.open()
        await engine.apply(batch(1, document("a", "Kurs")))
        reduced = {**SETTINGS, "filterableAttributes": ["kind"]}
        await engine._server.apply_settings(f"{place.prefix}-v{VERSION}", reduced)
        with pytest.raises(DamagedError, match="invalid_search_filter"):
            await engine.search(Request(q="Kurs"))
        place.complaints.clear()
        with pytest.raises(DamagedError, match="filterableAttributes"):
            await engine.examine()

        async def source(after: int) -> AsyncIterator[object]:
            if after < 1:
                yield batch(1, document("a", "Kurs"))

        await engine.rebuild(source)  # type: ignore[arg-type]
        await engine.examine()
        assert await slugs(engine, "Kurs") == ["a"]

    async def test_deleted_index_is_damage_and_a_rebuild_mends_it(self, place: Place) -> None:
        engine = place.engine()
        await engine.open()
        await engine.apply(batch(1, document("a", "Kurs")))
        await engine._server.drop(f"{place.prefix}-v{VERSION}")
        with pytest.raises(DamagedError):
            await engine.refresh()

        async def source(after: int) -> AsyncIterator[object]:
            if after < 2:
                yield batch(2, document("a", "Kurs"), document("b", "Kurs"))

        await engine.rebuild(source)  # type: ignore[arg-type]
        assert sorted(await slugs(engine, "Kurs")) == ["a", "b"]
        assert engine.position == 2

    async def test_indexes_of_other_versions_go_once_ours_is_in_use(self, place: Place) -> None:
        engine = place.engine()
        old = f"{place.prefix}-v0"
        await engine._server.apply_settings(old, {"stopWords": ["der"]})
        await engine.open()
        assert old in await engine._server.index_uids()
        await place.engine().open()
        left = [uid for uid in await engine._server.index_uids() if uid.startswith(place.prefix)]
        assert left == [f"{place.prefix}-v{VERSION}"]


@with_server
class TestServer(MeilisearchSuite):
    """On a real server."""

    @pytest.fixture
    async def place(self, request: pytest.FixtureRequest) -> AsyncIterator[Place]:
        async with real_place(request.node.name) as made:
            yield made


@without_server
class TestWithoutServer(MeilisearchSuite):
    """On the recording of a real server or, as long as there is none, on the stand-in."""

    @pytest.fixture
    async def place(self, request: pytest.FixtureRequest) -> AsyncIterator[Place]:
        async with place_without_server(request.node.name) as made:
            yield made
