"""The small house (`tests.house`) as a running all-in-one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.instance import Instance, told

HOUSE = {"LOTSE_SERVICES": "tests.house.left,tests.house.right", "LOTSE_GATEWAY": "tests.house.gateway"}
PATIENCE_SECONDS = 60  # on a busy machine


class House(Instance):
    """The small house with its operator's commands."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, **HOUSE)

    async def make(self, name: str) -> None:
        """Have left make a thing; returns once it is acknowledged."""
        async with self.session.post(f"{self.url}/left/things", json={"name": name}) as answer:
            assert answer.status == 201

    async def heard(self) -> list[dict[str, Any]]:
        """What right has heard of."""
        async with self.session.get(f"{self.url}/right/things") as answer:
            items: list[dict[str, Any]] = (await answer.json())["items"]
            return items

    async def finished(self) -> list[str]:
        """Names of the things whose job has run."""
        return [item["name"] for item in await self.heard() if item["done"]]

    async def operate(self, *arguments: str) -> tuple[int, str]:
        """Run a command beside it; exit code and what it printed."""
        data = {"LOTSE_DEMO": "1", "LOTSE_PORT": str(self.port), "LOTSE_DATA_DIR": str(self.folder / "data")}
        return await told(arguments, HOUSE | data)

    def printed(self) -> str:
        """Everything that it has written so far."""
        return self.log.read_text(encoding="utf-8")


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until `condition` holds; TimeoutError after a minute."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():
            await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """Commands that run in this process set the file mode of all who come after them."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The small house, ready, on a fresh data folder."""
    async with House(tmp_path) as running:
        yield running
