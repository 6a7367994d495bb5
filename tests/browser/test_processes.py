"""The main job by clicking, on separate processes."""

from __future__ import annotations

import pytest

from tests.browser.story_by_clicks import StoryByClicks
from tests.processes import Processes

pytestmark = pytest.mark.timeout(300)  # the first one starts the processes


@pytest.fixture(scope="session")
def lotse(processes: Processes) -> str:
    """The address of the gateway."""
    return processes.url


class TestProcesses(StoryByClicks):
    """The processes of conftest."""
