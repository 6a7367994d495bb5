"""The short form: one fault of each kind under load, in random order; `make faults` plays all, at full length."""

from __future__ import annotations

import random

import pytest

from tests.faults.house import House
from tests.faults.run import HEAD, Plan, Run
from tests.processes import missing

KINDS = (
    "mail",
    "kill web",
    "kill background",
    "broker",
    "wipe",
    "database",
    "index",
    "wire cut",
    "poison",
)
SHORT = Plan(rate=15, outage=4, patience=60)


@pytest.mark.system
@pytest.mark.rabbitmq
@pytest.mark.postgres
@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.timeout(600)
async def test_what_was_acknowledged_outlives_every_fault() -> None:
    seed = random.randrange(10_000)
    print(f"seed {seed}\n{HEAD}")
    async with House() as house:
        run = Run(house, SHORT, seed)
        await run.prepare()
        for fault in run.a_fault_of_each_kind(KINDS):
            await run.play(fault)
        await run.finish()
        print(run.summary())
