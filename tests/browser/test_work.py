"""The main job by clicking, on the all-in-one."""

from __future__ import annotations

from tests.browser.story_by_clicks import StoryByClicks


class TestAllInOne(StoryByClicks):
    """The all-in-one of conftest."""
