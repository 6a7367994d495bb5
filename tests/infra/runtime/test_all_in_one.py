"""The all-in-one as a real process: it fills itself, works, is operated, stops in order, and survives a kill."""

from __future__ import annotations

import asyncio
import json
import signal
from collections import Counter
from pathlib import Path

import psutil

from tests.infra.runtime.conftest import House, until

ORDER = [
    "http",
    "control",
    "consumer right",
    "attendance right",
    "jobs",
    "job sender",
    "relay right",
    "broker",
    "service right",
    "databases",
]


async def test_it_starts_and_says_so_once_it_answers(house: House) -> None:
    printed = house.printed()
    assert f"Lotse läuft: {house.url}/" in printed
    assert "Vorführung" in printed
    assert "Nobody needs to sign in." in printed
    assert f"{house.url}/dev/mail" in printed
    assert "Strg+C" in printed
    assert [item["name"] for item in await house.heard()] == ["seeded"]
    for path in ("/livez", "/readyz", "/metrics"):
        async with house.session.get(house.url + path) as answer:
            assert answer.status == 200


async def test_nobody_else_on_the_machine_reads_its_data(house: House) -> None:
    await house.make("thing")
    data = house.folder / "data"
    readable = [path.name for path in (data, *data.rglob("*")) if path.stat().st_mode & 0o077]
    assert (data / "left.sqlite3").exists()
    assert not readable


async def test_an_event_arrives_and_its_job_runs_even_when_it_was_lost(house: House) -> None:
    for name in ("thing", "lost"):
        await house.make(name)

    async def all_done() -> bool:
        return sorted(await house.finished()) == ["lost", "seeded", "thing"]

    await until(all_done)


async def test_the_operators_commands_run_inside_the_process(house: House, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "things.txt").write_text("one\n\ntwo\n\n")
    code, said = await house.operate("import", str(bundle))
    assert code == 1
    assert said.count("the name is missing") == 2
    assert "nothing was changed" in said

    (bundle / "things.txt").write_text("one\ntwo\n")
    assert await house.operate("import", str(bundle), "--dry-run") == (
        0,
        "left: 2 would be created, 0 would be updated, 0 unchanged\n",
    )
    assert await house.operate("import", str(bundle)) == (0, "left: 2 created, 0 updated, 0 unchanged\n")

    code, said = await house.operate("reindex")
    assert code == 0, said
    code, said = await house.operate("replay", "right", "0")
    assert code == 0, said
    assert "caught up" in said
    names = Counter(item["name"] for item in await house.heard())
    assert set(names) == {"seeded", "one", "two"}

    code, said = await house.operate("status")
    assert code == 0, said
    assert "right: well" in said
    assert await house.operate("dead-letters", "list") == (0, "No dead letters.\n")
    code, said = await house.operate("doctor")
    assert code == 0, said
    code, said = await house.operate("migrate")
    assert (code, "nothing to do" in said) == (0, True)


async def test_a_second_process_on_the_same_folder_is_refused(house: House) -> None:
    code, said = await house.operate("all")
    assert code == 2
    assert "benutzt schon ein anderes Lotse" in said
    assert f"process {house.pid}" in said


async def test_it_stops_in_order_and_later_starts_where_it_was(house: House) -> None:
    await house.make("thing")
    assert await house.stop() == 0
    stopped = [line["part"] for line in _log_lines(house) if line.get("message") == "stopped"]
    assert [part for part in stopped if part in ORDER] == ORDER

    code, said = await house.operate("status")
    assert code == 0, said
    await house.start()
    assert [item["name"] for item in await house.heard()] == ["seeded", "thing"]


async def test_a_second_signal_ends_it_at_once(house: House) -> None:
    await house.make("endless")

    async def heard() -> bool:
        return len(await house.heard()) == 2

    await until(heard)
    psutil.Process(house.pid).send_signal(signal.SIGTERM)

    async def stopping() -> bool:
        return '"part": "consumer right"' in house.printed()

    await until(stopping)
    assert await house.stop() == 130


async def test_nothing_acknowledged_is_lost_by_a_kill(house: House) -> None:
    acknowledged: list[str] = []

    async def publish(worker: int) -> None:
        for number in range(100):
            await house.make(f"thing {worker}-{number}")
            acknowledged.append(f"thing {worker}-{number}")

    publishing = [asyncio.create_task(publish(worker)) for worker in range(4)]

    async def enough() -> bool:
        return len(acknowledged) >= 40

    await until(enough)
    await house.kill()
    await asyncio.gather(*publishing, return_exceptions=True)
    await house.start()

    names = Counter(item["name"] for item in await house.heard())
    assert {name: names[name] for name in acknowledged} == dict.fromkeys(acknowledged, 1)
    assert max(names.values()) == 1


def _log_lines(house: House) -> list[dict[str, str]]:
    return [json.loads(line) for line in house.printed().splitlines() if line.startswith("{")]
