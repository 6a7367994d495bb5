"""What an engine with files can suffer while it runs: files deleted, a full disk, builders that are killed."""

from __future__ import annotations

import asyncio
import resource
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from services.search.domain import PUBLIC, Request
from services.search.embedded import builder
from services.search.embedded.building import lines_of
from services.search.embedded.engine import EmbeddedEngine
from services.search.embedded.store import Make, write_make
from services.search.engine import Batch, DamagedError, Source
from tests.services.search.engine_kit import KNOWLEDGE, batch, document, slugs, table

DOCUMENTS = [document(f"d{number}", f"Sprachkurs {number}", regions=["landkreis-harz"]) for number in range(6)]


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EmbeddedEngine]:
    """An open engine that holds DOCUMENTS."""
    made = EmbeddedEngine(tmp_path / "index")
    await made.open()
    await made.learn(KNOWLEDGE)
    await made.apply(batch(1, *DOCUMENTS))
    yield made
    await made.close()


def _table(*further: Batch) -> Source:
    """What a table with DOCUMENTS and later changes tells."""
    return table([batch(1, *DOCUMENTS), *further])


@contextmanager
def _full_disk() -> Iterator[None]:
    """No file can grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes are built in a process of their own, however few documents there are."""
    monkeypatch.setattr("services.search.embedded.engine.BESIDE_FROM", 0)


def _directories(root: Path) -> list[str]:
    return [path.name for path in root.glob("index-*")]


@pytest.mark.parametrize("lost", ["*.term", "*.store", "meta.json", "make.json", "../current", "*.lock"])
async def test_a_file_that_is_deleted_while_running_costs_nothing_but_a_new_index(
    engine: EmbeddedEngine, tmp_path: Path, lost: str
) -> None:
    for path in next((tmp_path / "index").glob("index-*")).glob(lost):
        path.unlink()
    assert len(await slugs(engine, "Sprachkurs")) == 6
    late = batch(2, document("late", "Sprachkurs spät"), gone=("d0",))
    try:
        await engine.apply(late)
    except DamagedError:
        await engine.rebuild(_table(late))
    assert "late" in await slugs(engine, "Sprachkurs")
    before = await engine.export()
    await engine.close()
    again = EmbeddedEngine(tmp_path / "index")
    await again.open()
    if not again.position:
        await again.rebuild(_table(late))
    assert await again.export() == before
    assert len(_directories(tmp_path / "index")) == 1
    await again.close()


async def test_a_full_disk_is_said_and_mended_when_there_is_room_again(engine: EmbeddedEngine, tmp_path: Path) -> None:
    late = batch(2, document("late", "Sprachkurs spät"))
    with _full_disk():
        with pytest.raises(DamagedError):
            await engine.apply(late)
        with pytest.raises(DamagedError):
            await engine.rebuild(_table(late))
        assert len(await slugs(engine, "Sprachkurs")) == 6
        assert len(_directories(tmp_path / "index")) == 1
    await engine.rebuild(_table(late))
    assert len(await slugs(engine, "Sprachkurs")) == 7
    await engine.apply(batch(3, gone=("late",)))
    assert len(await slugs(engine, "Sprachkurs")) == 6


@pytest.mark.usefixtures("beside")
async def test_an_index_built_beside_answers_alike_and_takes_in_what_came_meanwhile(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    before, told = await engine.export(), await engine.search(Request(q="Sprachkurs Harz"))
    await engine.rebuild(_table())
    assert await engine.export() == before
    assert await engine.search(Request(q="Sprachkurs Harz")) == told
    late = batch(2, document("late", "Sprachkurs spät", audience=["network:iq"]))
    await engine.rebuild(_table(late))
    assert engine.position == 2
    assert (await engine.stats(frozenset({PUBLIC}))).documents == 6
    assert len(_directories(tmp_path / "index")) == 1


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize("how", ["killed", "cancelled"])
async def test_a_rebuild_that_ends_early_leaves_the_index_as_it_was(
    engine: EmbeddedEngine, tmp_path: Path, how: str
) -> None:
    rebuilding = asyncio.create_task(engine.rebuild(_table(batch(2, gone=("d0",)))))
    builder = await _builder()
    builder.suspend()  # or it might be done by the time that it is killed
    if how == "killed":
        builder.kill()
        with pytest.raises(DamagedError):
            await rebuilding
    else:
        rebuilding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await rebuilding
    assert not builder.is_running()
    assert len(_directories(tmp_path / "index")) == 1
    assert len(await slugs(engine, "Sprachkurs")) == 6
    await engine.apply(batch(2, gone=("d0",)))
    assert len(await slugs(engine, "Sprachkurs")) == 5


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize(("answers", "niceness"), [(False, 0), (True, 10)])
async def test_a_builder_gives_way_only_to_searches_that_are_answered(
    tmp_path: Path, answers: bool, niceness: int
) -> None:
    made = EmbeddedEngine(tmp_path / "index")
    await made.open()
    if answers:
        await made.apply(batch(1, *DOCUMENTS))
    rebuilding = asyncio.create_task(made.rebuild(_table(batch(2, gone=("d0",)))))
    builder = await _builder()
    await _begun(builder, niceness)
    await rebuilding
    assert made.position == 2
    await made.close()


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize(("how", "raised"), [("killed", DamagedError), ("table", ConnectionRefusedError)])
async def test_a_rebuild_that_ends_while_the_table_is_read_leaves_the_index_as_it_was(
    engine: EmbeddedEngine, tmp_path: Path, how: str, raised: type[Exception]
) -> None:
    met: list[psutil.Process] = []

    async def source(after: int) -> AsyncIterator[Batch]:
        yield batch(1, *DOCUMENTS)
        met.append(await _builder())
        if how == "table":
            raise ConnectionRefusedError("the database has gone")
        met[0].kill()
        for number in range(2, 12):  # more than fits between the two processes
            yield batch(number, document(f"more{number}", "Nähkurs", text="Nähen und Flicken. " * 20_000))

    with pytest.raises(raised):
        await engine.rebuild(source)
    assert not met[0].is_running()
    assert len(_directories(tmp_path / "index")) == 1
    assert len(await slugs(engine, "Sprachkurs")) == 6


def test_a_builder_ends_when_who_told_it_the_changes_has_gone(tmp_path: Path) -> None:
    write_make(tmp_path, Make())
    command = [sys.executable, "-m", builder.__name__, str(tmp_path)]
    ended = subprocess.run(command, input=lines_of(batch(1, *DOCUMENTS)), capture_output=True, check=False, timeout=60)
    assert ended.returncode and b"which change was the last" in ended.stderr
    assert not (tmp_path / "meta.json").exists()


async def _begun(builder: psutil.Process, niceness: int) -> None:
    """Return once the builder stands back by so much."""
    async with asyncio.timeout(10):
        while builder.nice() != psutil.Process().nice() + niceness:
            await asyncio.sleep(0.001)


async def _builder() -> psutil.Process:
    """The process that builds, as soon as there is one."""
    async with asyncio.timeout(10):
        while True:
            for child in psutil.Process().children():
                if builder.__name__ in child.cmdline():
                    return child
            await asyncio.sleep(0.001)


async def test_what_a_crash_during_a_rebuild_has_left_is_removed_at_the_start(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    await engine.close()
    root = tmp_path / "index"
    (used,) = _directories(root)
    shutil.copytree(root / used, root / "index-half")
    (root / "current.new").write_text("index-half", encoding="utf-8")
    again = EmbeddedEngine(root)
    await again.open()
    assert _directories(root) == [used]
    assert len(await slugs(again, "Sprachkurs")) == 6
    await again.close()
