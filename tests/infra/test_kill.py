"""`kill -9` of a process with everything in it, broker included: what was committed is handled, and once."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.infra.toys.brokers import wipe
from tests.infra.toys.house import SECONDS, house
from tests.kit import Database

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("kills", [(7,), (40, 40, 40), (150,)])
async def test_what_was_committed_before_a_kill_is_handled_once(sqlite: Database, kills: tuple[int, ...]) -> None:
    committed = 0
    for after in kills:
        committed += await _run_and_kill(sqlite.folder, after)
    wipe("memory://")
    async with house(sqlite, "memory://") as toys:
        consumer, relay = await toys.consumer(), toys.relay()
        head = await toys.settled(relay, consumer)
        assert head >= committed
        assert len(await toys.seen()) == head


async def _run_and_kill(folder: Path, after: int) -> int:
    """Run the child until it has said `after` things, kill it, and return how many it said in all."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.infra.toys.child", str(folder), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    said = 0
    while said < after:
        assert await asyncio.wait_for(child.stdout.readline(), SECONDS)
        said += 1
    child.kill()
    said += len((await child.stdout.read()).splitlines())
    await child.wait()
    return said
