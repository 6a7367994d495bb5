"""The maker in another process, with no relay: says the numbers that it is given, each in a transaction of its own.

`python -m tests.infra.toys.teller PREFIX NUMBER…` with the prefix of the databases' names on the tests' PostgreSQL.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from infra.db.connect import databases
from tests.infra.toys.house import House, toy_schemas
from tests.kit import Database


async def main(prefix: str, numbers: list[int]) -> None:
    """Say them, and end as a web process does."""
    async with databases(Database("postgres", Path(), prefix).settings(), toy_schemas()):
        toys = House("memory://")
        await toys.make(*numbers)
        await toys.stop_all()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], [int(number) for number in sys.argv[2:]]))
