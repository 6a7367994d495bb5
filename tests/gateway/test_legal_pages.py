"""The pages every installation must have: they name who runs it, and say loudly what is still to be filled in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.app import create_app
from tests.gateway.conftest import Opener
from tests.gateway.world import World


async def test_the_imprint_names_who_the_settings_name(open_browser: Opener, world: World) -> None:
    page = (await (await open_browser()).get("/impressum")).text
    for line in world.kit.settings.imprint:
        assert line in page
    assert "Diese Seite ist eine Vorlage." in page


async def test_blanks_are_told_at_the_start_but_not_in_a_demo(world: World, caplog: pytest.LogCaptureFixture) -> None:
    create_app(world.kit.settings, world.kit.client, {})
    assert "legal pages" not in caplog.text
    create_app(replace(world.kit.settings, demo=False), world.kit.client, {})
    (record,) = [record for record in caplog.records if "legal pages" in record.message]
    assert "privacy.en" in record.__dict__["texts"]
