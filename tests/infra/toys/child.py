"""The toys' house as a process of its own, to be killed: says things and prints each number once it is committed."""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path

from tests.infra.toys.house import house
from tests.kit import Database


async def main(folder: Path) -> None:
    """Make things until somebody kills this process."""
    async with house(Database("sqlite", folder), "memory://") as toys:
        toys.relay()
        await toys.consumer()
        for number in itertools.count():
            await toys.make(number)
            print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
