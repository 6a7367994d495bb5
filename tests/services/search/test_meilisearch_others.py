"""What others can do to our index while we run: restart the server, delete, change settings, revoke keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

import pytest
from starlette.responses import JSONResponse, Response

from services.search.domain import Request
from services.search.engine import AwayError, Batch, DamagedError
from services.search.meilisearch import engine as engines
from services.search.meilisearch.settings import differing
from tests.services.search.engine_kit import batch, document, slugs
from tests.services.search.meili import stand_in as stand_ins
from tests.services.search.meili.faulty import INDEX, PREFIX, Setting, broken, faulty_setting
from tests.services.search.meili.serving import served
from tests.services.search.meili.stand_in import MeilisearchStandIn

NEXT = f"{INDEX}-next"


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    """A stand-in that others have to do with as well."""
    async with faulty_setting() as made:
        yield made


async def _source(after: int) -> AsyncIterator[Batch]:
    if after < 2:
        yield batch(2, document("a", "Kurs"), document("b", "Kurs"))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_server_that_is_restarted_in_mid_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = MeilisearchStandIn()
    run = stand_in._run
    documents = [document(f"d{number}", f"Sprachkurs {number}") for number in range(12)]
    async with served(stand_in.app) as url:
        setting = Setting(stand_in, None, url)  # type: ignore[arg-type]
        engine = setting.engine(chunk_bytes=3000)
        await engine.open()
        await engine.apply(batch(1, document("old", "Sprachkurs"), document("gone", "Sprachkurs")))
        added = len(stand_in.tasks)
        monkeypatch.setattr(stand_in, "_run", lambda _task: None)  # it is stopped while it works
        applying = asyncio.create_task(engine.apply(batch(2, *documents)))
        await _until(lambda: len(stand_in.tasks) > added)
    with pytest.raises(AwayError):
        await applying
    with pytest.raises(AwayError):
        await engine.search(Request(q="Sprachkurs"))
    monkeypatch.setattr(stand_in, "_run", run)
    async with served(stand_in.app, urlsplit(url).port or 0):
        assert sorted(await slugs(engine, "Sprachkurs")) == ["gone", "old"]  # nothing of half a batch
        await engine.apply(batch(2, *documents, gone=("gone",)))
        assert len(await slugs(engine, "Sprachkurs")) == 13
    await engine.close()
    assert stand_in.complaints == []


async def test_a_server_that_forgot_its_tasks(setting: Setting) -> None:
    engine = setting.engine()
    await engine.open()
    setting.faulty.at("POST", "/documents", 1, lambda: _told_task(99), late=True)
    with pytest.raises(AwayError, match="404 invalid_request task_not_found"):
        await engine.apply(batch(1, document("a", "Kurs")))
    await engine.apply(batch(1, document("a", "Kurs")))
    assert await slugs(engine, "Kurs") == ["a"]


def _told_task(uid: int) -> Response:
    told = {"taskUid": uid, "indexUid": INDEX, "status": "enqueued", "type": "x", "enqueuedAt": "2026-01-01T00:00:00Z"}
    return JSONResponse(told, 202)


async def test_a_server_set_back_to_an_older_state_is_brought_up_to_date(setting: Setting) -> None:
    engine = setting.engine()
    await engine.open()
    await engine.apply(batch(1, document("a", "Kurs")))
    kept = dict(setting.stand_in.indexes[INDEX].entries)
    await engine.apply(batch(2, document("b", "Kurs"), gone=("a",)))
    setting.stand_in.indexes[INDEX].entries = kept
    assert await slugs(engine, "Kurs") == ["a"]
    await engine.refresh()
    assert engine.position == 1
    await engine.apply(batch(2, document("b", "Kurs"), gone=("a",)))
    assert await slugs(engine, "Kurs") == ["b"]


async def test_a_swap_whose_answer_is_lost_has_happened(setting: Setting) -> None:
    engine, reader = setting.engine(), setting.engine("")
    await engine.open()
    await engine.apply(batch(1, document("a", "Kurs")))
    assert await slugs(reader, "Kurs") == ["a"]
    setting.faulty.at("POST", "/swap-indexes", 1, broken, late=True)
    with pytest.raises(AwayError):
        await engine.rebuild(_source)
    setting.stand_in.finish()
    for asking in (engine, reader):
        assert sorted(await slugs(asking, "Kurs")) == ["a", "b"]
    assert engine.position == 2
    await engine.apply(batch(3, document("c", "Kurs")))
    await engine.rebuild(_source_with_c)
    assert (list(setting.stand_in.indexes), len(await slugs(reader, "Kurs"))) == ([INDEX], 3)


async def _source_with_c(after: int) -> AsyncIterator[Batch]:
    if after < 3:
        yield batch(3, document("a", "Kurs"), document("b", "Kurs"), document("c", "Kurs"))


@pytest.mark.parametrize("deleted", [INDEX, NEXT])
async def test_an_index_that_somebody_deletes_during_a_rebuild(setting: Setting, deleted: str) -> None:
    engine = setting.engine()
    await engine.open()
    await engine.apply(batch(1, document("a", "Kurs")))

    async def source(after: int) -> AsyncIterator[Batch]:
        async for portion in _source(after):
            setting.stand_in.indexes.pop(deleted, None)
            yield portion

    if deleted == NEXT:
        with pytest.raises(DamagedError, match=r"no state|index_not_found"):
            await engine.rebuild(_deleting_at_the_end(setting))
        assert await slugs(engine, "Kurs") == ["a"]
    else:
        await engine.rebuild(source)
    await engine.rebuild(_source)
    assert sorted(await slugs(engine, "Kurs")) == ["a", "b"]
    assert list(setting.stand_in.indexes) == [INDEX]


def _deleting_at_the_end(setting: Setting) -> Callable[[int], AsyncIterator[Batch]]:
    async def source(after: int) -> AsyncIterator[Batch]:
        async for portion in _source(after):
            yield portion
        setting.stand_in.indexes.pop(NEXT, None)

    return source


async def test_settings_that_somebody_changes_are_set_again_within_a_minute(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, reader = setting.engine(), setting.engine("")
    await engine.open()
    await engine.apply(batch(1, document("a", "Der Kurs")))
    held = setting.stand_in.indexes[INDEX].settings
    held["stopWords"] = ["kurs"]
    held["rankingRules"] = ["words"]
    await engine.refresh()
    assert list(differing(held)) == ["rankingRules", "stopWords"]
    monkeypatch.setattr(engines, "SETTINGS_SECONDS", 0.0)
    await reader.refresh()  # it has no right to know them
    await engine.refresh()
    assert differing(setting.stand_in.indexes[INDEX].settings) == {}


@pytest.mark.parametrize("key", ["KEY", "SEARCH_KEY"])
async def test_a_key_that_is_revoked_is_told_and_missed_only_for_as_long(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    engine = setting.engine()
    await engine.open()
    await engine.apply(batch(1, document("a", "Kurs")))
    with monkeypatch.context() as revoked:
        revoked.setattr(stand_ins, key, "another")
        attempt = engine.apply(batch(2, document("b", "Kurs"))) if key == "KEY" else engine.search(Request(q="Kurs"))
        with pytest.raises(AwayError, match=r"403 auth invalid_api_key.*LOTSE_MEILI_KEY"):
            await attempt
    await engine.apply(batch(2, document("b", "Kurs")))
    assert sorted(await slugs(engine, "Kurs")) == ["a", "b"]


async def test_indexes_of_others_are_left_alone(setting: Setting) -> None:
    engine = setting.engine()
    await engine._server.apply_settings("somebody-elses", {"stopWords": ["der"]})
    await engine._server.apply_settings(f"{PREFIX}-other", {"stopWords": ["der"]})
    await engine.open()
    await engine.rebuild(_source)
    await setting.engine().open()
    assert sorted(setting.stand_in.indexes) == [f"{PREFIX}-other", INDEX, "somebody-elses"]
