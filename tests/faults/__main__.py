"""The long form: `python -m tests.faults` plays every fault at full length and prints the table.

Options choose the seed (else a new one, which is printed), the rhythm, the length of outages, and some faults by name.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys

from tests.faults.house import House
from tests.faults.run import HEAD, Plan, Run
from tests.processes import missing


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="order and moments follow from it")
    parser.add_argument("--rate", type=float, default=Plan.rate, help="publishes a second")
    parser.add_argument("--outage", type=float, default=Plan.outage, help="seconds that servers and wires are away")
    parser.add_argument("--only", default="", help="faults whose name holds this text")
    return parser.parse_args()


async def main(asked: argparse.Namespace) -> None:
    """Play the faults."""
    print(f"seed {asked.seed}")
    async with House() as house:
        run = Run(house, Plan(rate=asked.rate, outage=asked.outage), asked.seed)
        await run.prepare()
        print(HEAD)
        for fault in run.faults():
            if asked.only in fault.name:
                await run.play(fault)
        await run.finish()
    print(run.summary())


if __name__ == "__main__":
    if reason := missing():
        sys.exit(reason)
    asyncio.run(main(options()))
