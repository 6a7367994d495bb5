"""The short form of `killing`: one kill."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.killing import kill_while_mailing

READERS = 1_000


@pytest.mark.system
@pytest.mark.timeout(120)
async def test_kills_lose_nobody_and_double_nobody(tmp_path: Path) -> None:
    seed = random.randrange(10_000)
    print(f"seed {seed}")
    result = await kill_while_mailing(tmp_path, READERS, 1, seed)
    assert result.killed_at
    assert result.statuses.total() == READERS
