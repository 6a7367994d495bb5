"""The main job on the all-in-one."""

from __future__ import annotations

import pytest

from tests.system.story_by_api import StoryByApi

pytestmark = [pytest.mark.system, pytest.mark.asyncio(loop_scope="module")]


class TestAllInOne(StoryByApi):
    """The all-in-one of conftest."""
