"""The embedded engine: the suite of all engines, and what only an engine with files can suffer."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.contracts.contacts import Term
from services.search.domain import PUBLIC, Point, Request
from services.search.embedded import building
from services.search.embedded.engine import EmbeddedEngine
from services.search.embedded.snapshots import Memory
from services.search.engine import Batch, DamagedError, Engine
from services.search.language.knowledge import Knowledge
from tests.services.search.engine_kit import KNOWLEDGE, batch, document, slugs, table
from tests.services.search.engine_suite import EngineSuite


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    """An open, empty embedded engine."""
    made = EmbeddedEngine(tmp_path / "index")
    await made.open()
    yield made
    await made.close()


class TestEmbedded(EngineSuite):
    """The common behaviour."""


async def test_documents_and_position_survive_closing(tmp_path: Path) -> None:
    first = EmbeddedEngine(tmp_path)
    await first.open()
    await first.apply(batch(5, document("a", "Sprachkurs")))
    await first.close()
    second = EmbeddedEngine(tmp_path)
    await second.open()
    assert second.position == 5
    assert await slugs(second, "Sprachkurss") == ["a"]
    await second.close()


@pytest.mark.parametrize("damage", ["truncated", "garbage", "missing", "folder", "make", "pointer", "version"])
async def test_damaged_files_are_replaced_by_an_empty_index(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = EmbeddedEngine(tmp_path)
    await engine.open()
    await engine.apply(batch(5, document("a", "Sprachkurs")))
    await engine.close()
    _damage(tmp_path, damage)
    again = EmbeddedEngine(tmp_path)
    await again.open()
    assert again.position == 0
    assert "made anew" in caplog.text
    await again.apply(batch(6, document("b", "Sprachkurs")))
    assert await slugs(again) == ["b"]
    await again.close()


def _damage(root: Path, damage: str) -> None:
    directory = next(root.glob("index-*"))
    terms = next(directory.glob("*.term"))
    match damage:
        case "truncated":
            terms.write_bytes(terms.read_bytes()[:30])
        case "garbage":
            terms.write_bytes(b"\x07" * terms.stat().st_size)
        case "missing":
            next(directory.glob("*.store")).unlink()
        case "folder":
            shutil.rmtree(directory)
        case "make":
            (directory / "make.json").write_text("{", encoding="utf-8")
        case "version":
            (directory / "make.json").write_text('{"version": 0}', encoding="utf-8")
        case "pointer":
            (root / "current").write_bytes(b"\xff\xfe../../etc")


async def test_writing_to_a_deleted_folder_says_so_and_a_rebuild_mends_it(tmp_path: Path) -> None:
    root = tmp_path / "index"
    engine = EmbeddedEngine(root)
    await engine.open()
    await engine.apply(batch(1, document("a", "Sprachkurs")))
    shutil.rmtree(root)
    with pytest.raises(DamagedError):
        await engine.apply(batch(2, document("b", "Sprachkurs")))

    await engine.rebuild(table([batch(2, document("a", "Sprachkurs"), document("b", "Sprachkurs"))]))
    assert sorted(await slugs(engine, "Sprachkurs")) == ["a", "b"]
    await engine.close()


async def test_a_second_process_does_not_take_the_index_away(tmp_path: Path) -> None:
    first = EmbeddedEngine(tmp_path)
    await first.open()
    await first.apply(batch(1, document("a", "Sprachkurs")))
    with pytest.raises(RuntimeError, match="another process"):
        await EmbeddedEngine(tmp_path).open()
    await first.apply(batch(2, document("b", "Sprachkurs")))
    assert sorted(await slugs(first, "Sprachkurs")) == ["a", "b"]
    await first.close()


async def test_constituents_come_from_the_content_at_a_rebuild(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path)
    await engine.open()
    documents = [document("a", "Straßenfest"), document("b", "Ein Fest an der Straße")]
    await engine.apply(batch(1, *documents))
    assert await slugs(engine, "Fest") == ["b"]

    await engine.rebuild(table([batch(1, *documents)]))
    assert await slugs(engine, "Fest") == ["b", "a"]
    assert not engine.wants_rebuild
    await engine.apply(batch(2, *(document(f"n{number}", "Neues") for number in range(60))))
    assert engine.wants_rebuild
    await engine.close()


async def test_a_change_does_not_wait_for_an_index_that_is_being_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = EmbeddedEngine(tmp_path)
    await engine.open()
    begun, may_build, told = asyncio.Event(), threading.Event(), [batch(1, document("a", "Sprachkurs"))]
    loop = asyncio.get_running_loop()

    def slowly(directory: Path, constituents: set[str]) -> None:
        loop.call_soon_threadsafe(begun.set)
        may_build.wait()
        building.build(directory, constituents)

    monkeypatch.setattr("services.search.embedded.engine.build", slowly)
    rebuilding = asyncio.create_task(engine.rebuild(table(told)))
    await begun.wait()
    told.append(batch(2, document("b", "Sprachkurs")))
    try:
        async with asyncio.timeout(10):
            await engine.apply(told[-1])
        assert await slugs(engine, "Sprachkurs") == ["b"]
    finally:
        may_build.set()
        await rebuilding
    assert sorted(await slugs(engine, "Sprachkurs")) == ["a", "b"]
    await engine.close()


async def test_a_question_asked_again_is_answered_anew_only_when_something_has_changed(engine: Engine) -> None:
    await engine.apply(batch(1, document("a", "Sprachkurs"), document("b", "Sprachkurs", audience=["space:s"])))
    first = await engine.search(Request(q="Sprachkurs", filters={"kind": ("offer",)}))
    assert await engine.search(Request(q="Sprachkurs", filters={"kind": ("offer",)})) is first
    assert await slugs(engine, "Sprachkurs", filters={"kind": ("event",)}) == []
    assert set(await slugs(engine, "Sprachkurs", audience=frozenset({PUBLIC, "space:s"}))) == {"a", "b"}
    await engine.learn(KNOWLEDGE)
    assert await engine.search(Request(q="Sprachkurs", filters={"kind": ("offer",)})) is not first
    await engine.apply(batch(2, document("c", "Sprachkurs")))
    assert set(await slugs(engine, "Sprachkurs", filters={"kind": ("offer",)})) == {"a", "c"}


def test_what_is_remembered_is_bounded() -> None:
    memory = Memory[int](3)
    asked: list[int] = []

    def work_out() -> int:
        asked.append(number)
        return number

    for number in (1, 1, 2, 3, 4, 4, 1, 5, 6, 7, 2):
        assert memory.get(number, work_out) == number
    assert asked == [1, 2, 3, 4, 5, 6, 7, 2]


@pytest.mark.parametrize("near", [None, Point(51.3, 9.46)])
async def test_what_is_over_comes_after_what_is_not_from_near_and_far(tmp_path: Path, near: Point | None) -> None:
    engine = EmbeddedEngine(tmp_path)
    await engine.open()
    await engine.learn(KNOWLEDGE)
    ends = {"past": "2020-01-01", "to-come": "2030-01-01", "lasting": ""}
    offers = [document(name, "Sprachkurs", date_end=end, regions=["stadt-kassel"]) for name, end in ends.items()]
    await engine.apply(batch(1, *offers))
    found = await slugs(engine, "Sprachkurs", today="2026-11-22", nearest_to=near)
    assert sorted(found[:2]) == ["lasting", "to-come"]
    await engine.close()


async def test_words_learnt_while_an_index_is_built_are_known_in_the_new_one(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path)
    await engine.open()
    learnt: list[str] = []

    async def source(after: int) -> AsyncIterator[Batch]:
        if after < 1:
            yield batch(1, document("a", "Treffen", topics=["xylofon"]))
        elif not learnt:
            learnt.append("xylofon")
            terms = {"topics": [Term("xylofon", "Hackbrettspiel", "Dulcimer")]}
            await engine.learn(Knowledge(KNOWLEDGE.regions.values(), terms, []))

    await engine.rebuild(source)
    assert (await engine.search(Request("Hackbretspiel"))).corrections == ("Hackbrettspiel",)
    await engine.close()


async def test_a_rebuild_that_is_stopped_during_the_swap_leaves_an_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = EmbeddedEngine(tmp_path)
    await engine.open()
    await engine.learn(KNOWLEDGE)
    begun, may_point, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()
    point_to = engine._point_to

    def slowly(directory: Path) -> None:
        loop.call_soon_threadsafe(begun.set)
        may_point.wait()
        point_to(directory)

    monkeypatch.setattr(engine, "_point_to", slowly)
    rebuilding = asyncio.create_task(engine.rebuild(table([batch(1, document("a", "Sprachkurs"))])))
    await begun.wait()
    rebuilding.cancel()
    loop.call_soon(may_point.set)
    await asyncio.wait([rebuilding])
    await engine.close()
    again = EmbeddedEngine(tmp_path)
    await again.open()
    assert await slugs(again, "Sprachkurs") == ["a"]
    await again.close()
