"""Recording and replaying: what is written down holds nothing of the server it came from, and a change is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.search.engine import AwayError
from services.search.meilisearch.engine import MeilisearchEngine
from services.search.meilisearch.server import Server
from tests.services.search.engine_kit import batch, document, slugs
from tests.services.search.meili.exchange import PREFIX, Recorder, Replay, recording_of
from tests.services.search.meili.serving import served
from tests.services.search.meili.stand_in import KEY, MeilisearchStandIn

OURS = "lotse-test-abc"


async def _story(url: str, prefix: str, title: str) -> list[str]:
    engine = MeilisearchEngine(Server(url, KEY), prefix)
    try:
        await engine.open()
        await engine.apply(batch(1, document("a", title)))
        return await slugs(engine, "Sprachkurs")
    finally:
        await engine.close()


async def _recorded(path: Path) -> None:
    stand_in = MeilisearchStandIn()
    async with served(stand_in.app) as real:
        others = MeilisearchEngine(Server(real, KEY), "somebody-elses")
        await others.open()
        await others.close()
        recorder = Recorder(real, OURS)
        async with served(recorder.app) as url:
            assert await _story(url, OURS, "Sprachkurs") == ["a"]
        recorder.write(path)
        assert "POST /multi-search\n  sent: {" in recorder.last(1)
        await recorder.close()


async def test_a_recording_is_replayed_and_tells_nothing_of_the_server(tmp_path: Path) -> None:
    path = tmp_path / "story.json"
    await _recorded(path)
    written = path.read_text(encoding="utf-8")
    assert not [secret for secret in (KEY, OURS, "127.0.0.1", "somebody-elses") if secret in written]
    tasks = [item["request"]["path"] for item in json.loads(written) if "/tasks/" in item["request"]["path"]]
    assert tasks == [f"/tasks/{number}" for number in range(1, len(tasks) + 1)]
    replay = Replay(path)
    async with served(replay.app) as url:
        assert await _story(url, PREFIX, "Sprachkurs") == ["a"]
    assert replay.complaints == []


async def test_a_changed_request_is_shown_as_a_difference_with_its_cure(tmp_path: Path) -> None:
    path = tmp_path / "story.json"
    await _recorded(path)
    replay = Replay(path)
    async with served(replay.app) as url:
        with pytest.raises(AwayError, match="not_recorded"):
            await _story(url, PREFIX, "Sprachkurs im Harz")
    (complaint,) = replay.complaints
    assert "make record-meilisearch" in complaint
    assert '+   "title": "sprachkur im harz",' in complaint
    assert '-   "title": "sprachkur",' in complaint


async def test_an_exchange_too_long_to_be_kept_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "story.json"
    await _recorded(path)
    recorder = Recorder("http://127.0.0.1:1", OURS)
    recorder.exchanges = [{"request": "x" * 300_001}]
    recorder.write(path)
    await recorder.close()
    assert not path.exists()


def test_every_test_has_a_recording_of_its_own() -> None:
    names = [recording_of(f"test_x[{value}]").name for value in ("Häuser-Haus", '"', "\\", "a", "b", "x" * 300)]
    assert len(set(names)) == len(names)
    assert names[0].startswith("test-x-H-xe4user-Haus-")
    assert all(len(name) < 100 for name in names)
