"""What a Meilisearch can do to us: be away, fail in mid-batch, refuse a key, never finish. No server is needed here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from services.search.domain import Request
from services.search.engine import AwayError, Batch, DamagedError
from services.search.meilisearch.documents import chunks, region_code, regions_of, territory_of
from services.search.meilisearch.engine import MeilisearchEngine
from services.search.meilisearch.filters import NOTHING, among, both, either, quoted
from services.search.meilisearch.server import Server
from services.search.meilisearch.settings import SETTINGS, differing
from tests.services.search.engine_kit import batch, document, slugs
from tests.services.search.meili.faulty import INDEX, PREFIX, Setting, broken, faulty_setting, internal
from tests.services.search.meili.filter_grammar import FilterError, parse
from tests.services.search.meili.serving import served
from tests.services.search.meili.stand_in import KEY, SEARCH_KEY, MeilisearchStandIn


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    """A stand-in behind faults."""
    async with faulty_setting() as made:
        yield made


async def test_nobody_answers() -> None:
    async with served(MeilisearchStandIn().app) as url:
        pass
    engine = MeilisearchEngine(Server(url, KEY), PREFIX)
    for attempt in (engine.open(), engine.refresh(), engine.search(Request(q="Kurs")), engine.apply(Batch([], 1))):
        with pytest.raises(AwayError, match="no answer that can be used"):
            await attempt
    await engine.close()


async def test_a_search_over_a_connection_that_was_just_closed_is_asked_once_more(setting: Setting) -> None:
    writer = setting.engine()
    await writer.open()
    await writer.apply(batch(1, document("a", "Kurs")))
    to_close = 1
    passing: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        nonlocal to_close
        if to_close:
            to_close -= 1
            await reader.read(1)
            back.close()
            return
        answers, forth = await asyncio.open_connection("127.0.0.1", urlsplit(setting.url).port)
        passing.update({asyncio.create_task(_pipe(reader, forth)), asyncio.create_task(_pipe(answers, back))})

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as closing:
        port = closing.sockets[0].getsockname()[1]
        reader = MeilisearchEngine(Server(f"http://127.0.0.1:{port}", "", SEARCH_KEY), PREFIX)
        assert await slugs(reader, "Kurs") == ["a"]
        await reader.close()
    assert to_close == 0
    await asyncio.wait(passing)


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.close()


@pytest.mark.parametrize(("answer", "told"), [(internal, "500 internal internal"), (broken, "no answer that can be")])
async def test_a_search_that_the_server_fails_says_what_was_asked_and_answered(
    setting: Setting, answer: object, told: str
) -> None:
    engine = setting.engine()
    await engine.open()
    setting.faulty.at("POST", "/multi-search", 1, answer)  # type: ignore[arg-type]
    with pytest.raises(AwayError, match=told) as failure:
        await engine.search(Request(q="Kurs"))
    assert "kurs" not in str(failure.value).lower()  # this goes into the log
    assert await slugs(engine, "Kurs") == []


async def test_a_batch_goes_in_portions_and_one_that_breaks_off_is_repeated(setting: Setting) -> None:
    engine = setting.engine(chunk_bytes=3000)
    await engine.open()
    documents = [document(f"d{number}", f"Sprachkurs {number}") for number in range(12)]
    setting.faulty.seen.clear()
    setting.faulty.at("POST", "/documents", 3, internal)
    with pytest.raises(AwayError, match=f"POST /indexes/{INDEX}/documents answered 500 internal"):
        await engine.apply(batch(12, *documents))
    other = setting.engine()
    await other.open()
    assert (engine.position, other.position) == (0, 0)
    assert await slugs(other, "Sprachkurs") == []
    await engine.apply(batch(12, *documents))
    assert len(await slugs(other, "Sprachkurs")) == 12
    assert setting.faulty.seen.count(("POST", f"/indexes/{INDEX}/documents")) >= 6


async def test_a_batch_whose_deletion_fails_moves_nothing(setting: Setting) -> None:
    engine = setting.engine()
    await engine.open()
    await engine.apply(batch(1, document("a", "Kurs"), document("b", "Kurs")))
    setting.faulty.at("POST", "/delete-batch", 1, internal)
    with pytest.raises(AwayError):
        await engine.apply(batch(2, document("c", "Kurs"), gone=("a",)))
    assert engine.position == 1
    assert sorted(await slugs(engine, "Kurs")) == ["a", "b"]


async def test_a_failed_task_is_told_in_full(setting: Setting) -> None:
    engine = setting.engine()
    await engine.open()
    index = setting.stand_in.indexes[INDEX]
    index.primary_key = "body"  # as if somebody had made the index by hand
    with pytest.raises(AwayError) as caught:
        await engine.apply(batch(1, document("a", "Kurs")))
    told = str(caught.value)
    for part in (
        "task 2",
        "documentAdditionOrUpdate",
        INDEX,
        "invalid_document_id",
        "Document identifier",
        "https://",
    ):
        assert part in told
    assert engine.position == 0


async def test_a_task_that_never_ends_has_a_limit(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = setting.engine(task_seconds=0.05)
    await engine.open()
    monkeypatch.setattr(setting.stand_in, "_run", lambda _task: None)
    with pytest.raises(AwayError, match=r"task 2 \(documentAdditionOrUpdate\) is processing after 0 s"):
        await engine.apply(batch(1, document("a", "Kurs")))


async def test_a_cancelled_task_is_a_failure(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = setting.engine()
    await engine.open()
    monkeypatch.setattr(setting.stand_in, "_run", lambda task: setattr(task, "status", "canceled"))
    with pytest.raises(AwayError, match="canceled"):
        await engine.apply(batch(1, document("a", "Kurs")))


@pytest.mark.parametrize(("key", "search_key"), [("wrong", SEARCH_KEY), (SEARCH_KEY, SEARCH_KEY)])
async def test_a_key_that_may_not_write_is_told_with_its_settings(setting: Setting, key: str, search_key: str) -> None:
    engine = setting.engine(key, search_key)
    with pytest.raises(AwayError, match=r"403 auth invalid_api_key.*LOTSE_MEILI_KEY"):
        await engine.open()


async def test_no_key_where_one_is_needed(setting: Setting) -> None:
    with pytest.raises(AwayError, match=r"401 auth missing_authorization_header.*LOTSE_MEILI_KEY"):
        await setting.engine("", "").search(Request(q="Kurs"))


async def test_a_process_that_only_searches_needs_the_right_to_search_only(setting: Setting) -> None:
    writer = setting.engine()
    await writer.open()
    await writer.apply(batch(1, document("a", "Sprachkurs")))
    reader = setting.engine("", SEARCH_KEY)
    await reader.refresh()
    assert await slugs(reader, "Sprachkruse") == ["a"]
    assert (await reader.stats(frozenset({"public"}))).documents == 1
    assert [item.slug for item in await reader.suggest("Spra", frozenset({"public"}), 5)] == ["a"]


async def test_a_writer_that_lost_its_turn_is_noticed_and_repaired(setting: Setting) -> None:
    late, present = setting.engine(), setting.engine()
    await late.open()
    await present.open()
    await present.apply(batch(2, document("a", "Birnenernte", version=2)))
    await late.apply(batch(1, document("a", "Apfelernte")))
    await present.refresh()
    assert present.position == 1
    await present.apply(batch(2, document("a", "Birnenernte", version=2)))
    assert await slugs(present, "Birnenernte") == ["a"]


async def test_an_index_without_state_is_none_of_ours(setting: Setting) -> None:
    engine = setting.engine()
    await engine.open()
    del setting.stand_in.indexes[INDEX].entries["state"]
    for attempt in (engine.search(Request()), engine.refresh(), engine.export(), engine.examine()):
        with pytest.raises(DamagedError, match="no state"):
            await attempt
    setting.stand_in.indexes[INDEX].entries["id-left"] = {"key": "id-left"}
    await engine.open()
    assert sorted(setting.stand_in.indexes[INDEX].entries) == ["make", "state"]
    for key in ("make", "state"):
        entry = setting.stand_in.indexes[INDEX].entries[key]
        entry["body"] = {**entry["body"], "build": "another"}
        with pytest.raises(DamagedError, match="another build"):
            await setting.engine().refresh()
        await setting.engine().open()
    del setting.stand_in.indexes[INDEX].entries["make"]
    with pytest.raises(DamagedError, match="how it was built"):
        await setting.engine().refresh()


async def test_a_rebuild_that_broke_off_leaves_the_index_as_it_is(setting: Setting) -> None:
    engine = setting.engine()
    await engine.open()
    await engine.apply(batch(1, document("a", "Kurs")))

    async def source(after: int) -> AsyncIterator[Batch]:
        if after < 2:
            yield batch(2, document("a", "Kurs"), document("b", "Kurs"))

    setting.faulty.at("POST", "/swap-indexes", 1, internal)
    with pytest.raises(AwayError):
        await engine.rebuild(source)
    assert await slugs(engine, "Kurs") == ["a"]
    await setting.engine().open()
    assert list(setting.stand_in.indexes) == [INDEX]
    await engine.rebuild(source)
    assert sorted(await slugs(engine, "Kurs")) == ["a", "b"]


async def test_settings_that_were_changed_by_hand_are_set_again_at_the_start(setting: Setting) -> None:
    await setting.engine().open()
    settings = setting.stand_in.indexes[INDEX].settings
    settings["stopWords"] = ["der"]
    settings["rankingRules"] = ["words"]
    assert list(differing(settings)) == ["rankingRules", "stopWords"]
    await setting.engine().open()
    assert differing(setting.stand_in.indexes[INDEX].settings) == {}


def test_settings_that_a_newer_server_adds_are_no_difference() -> None:
    held = {**SETTINGS, "typoTolerance": {"enabled": False, "disableOnWords": []}, "newOne": True}
    held["filterableAttributes"] = list(reversed(SETTINGS["filterableAttributes"]))
    assert differing(held) == {}
    assert list(differing({**held, "searchableAttributes": ["*"]})) == ["searchableAttributes"]


def test_portions_stay_below_their_size() -> None:
    entries = [{"key": str(number), "text": "x" * 100} for number in range(10)]
    portions = list(chunks(entries, 300))
    assert [len(portion) for portion in portions] == [2, 2, 2, 2, 2]
    assert list(chunks(entries[:1], 10)) == [entries[:1]]
    assert list(chunks([], 10)) == []


def test_a_combination_of_regions_fits_a_facet_value() -> None:
    many = [f"landkreis-{number}" for number in range(100)]
    slugs_of = {region_code(slug): slug for slug in many}
    assert len(territory_of(many)) <= 468
    assert len(regions_of(territory_of(many), slugs_of)) == 75
    assert set(regions_of(territory_of(many[:3]), slugs_of)) == set(many[:3])
    assert regions_of(territory_of(["elsewhere"]), slugs_of) == ()


@pytest.mark.parametrize("value", ["", "a", '"', "\\", '\\"', '" OR kind = "x', "'", "\\\\", "[x]", ") AND ("])
def test_a_quoted_value_is_one_value_again(value: str) -> None:
    parsed = parse(f"topic = {quoted(value)}")
    assert parsed.attributes == {"topic"}
    assert parsed.holds({"topic": value})
    assert not parsed.holds({"topic": f"{value}x"})


def test_expressions_are_joined_in_brackets() -> None:
    kind = among("kind", ["a", "b"])
    parsed = parse(both(either(kind, 'topic = "x"'), either('topic = "x"', 'topic = "y"')))
    assert parsed.holds({"kind": "a", "topic": "y"})
    assert not parsed.holds({"kind": "a", "topic": "z"})
    assert (both(), either(), among("kind", [])) == ("", NOTHING, NOTHING)


@pytest.mark.parametrize(
    "expression", ['kind "x"', "kind = ", 'kind = "x" kind = "y"', "(kind = a", "kind ~ x", "IN [a"]
)
def test_the_stand_in_refuses_what_the_grammar_does_not_know(expression: str) -> None:
    with pytest.raises(FilterError):
        parse(expression)
