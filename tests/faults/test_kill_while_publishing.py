"""`kill -9` of the all-in-one during 200 publishes: each acknowledged one is found, discussed and collected once."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.faults.load import Load, Stretch
from tests.faults.verify import Reader, followed, until_none
from tests.instance import Instance

OFFERS = 200
PATIENCE_SECONDS = 30


@pytest.mark.system
@pytest.mark.timeout(300)
async def test_acknowledged_publishes_survive_a_kill(tmp_path: Path) -> None:
    async with Instance(tmp_path) as lotse:
        coordinator = await lotse.sign_in("koordination@example.org")
        editor = await lotse.sign_in("redaktion@example.org")
        answer = await lotse.api("POST", "issues", token=editor, json={"quarter": "2027-Q1"})
        assert answer.status == 201, answer
        reader = Reader(lotse, coordinator, editor, [answer.body["slug"]])
        load = Load(lotse, coordinator, 1, rate=60, posts=5)
        await load.prepare(OFFERS)

        stretch = Stretch()
        killed_after = random.randrange(20, OFFERS - 60)
        await asyncio.gather(load.run(asyncio.Event(), stretch), _kill_after(lotse, stretch, killed_after))
        assert killed_after <= len(stretch.offers) < OFFERS
        await lotse.start()

        async def problems() -> list[str]:
            return await followed(reader, load.word, stretch, await reader.lists())

        await until_none(problems, PATIENCE_SECONDS)


async def _kill_after(lotse: Instance, stretch: Stretch, number: int) -> None:
    """Kill the process as soon as `number` publishes are acknowledged."""
    while len(stretch.offers) < number:
        await asyncio.sleep(0.001)
    await lotse.kill()
