"""One running Lotse for all stories of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.instance import Instance


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lotse(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Instance]:
    """The all-in-one on an empty data folder, in demo mode, as a process of its own."""
    folder: Path = tmp_path_factory.mktemp("lotse")
    async with Instance(folder) as running:
        yield running
