"""The pages every installation must have: they name who runs it, and say loudly what is still to be filled in."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gateway.app import create_app
from services.contacts.access.domain import KEEP_RESETS
from services.contacts.notices.domain import KEEP
from services.newsletter.alerts.domain import KEEP_MAILS, UNCONFIRMED
from services.newsletter.bounces.domain import KEEP_REPLIES, KEEP_RETURNS
from services.newsletter.subscribers.domain import LIFETIMES, UNCONFIRMED_DAYS, Purpose
from services.search.saved.domain import UNCLAIMED_KEPT
from services.search.statistics.writing import KEPT_DAYS, RARE_KEPT_DAYS
from tests.gateway.conftest import Opener
from tests.gateway.world import World


async def test_the_imprint_names_who_the_settings_name(open_browser: Opener, world: World) -> None:
    page = (await (await open_browser()).get("/impressum")).text
    for line in world.kit.settings.imprint:
        assert line in page
    assert "Diese Seite ist eine Vorlage." in page


async def test_the_privacy_notice_names_the_periods_after_which_things_are_deleted(
    open_browser: Opener, world: World
) -> None:
    browser = await open_browser()
    for prefix in ("", "/en"):
        page = (await browser.get(f"{prefix}/datenschutz")).text
        rows = re.findall(r"<tr><td>.*?</td><td>(.*?)</td></tr>", page)
        newsletter, move, _marks, _searches, alerts, mails, returns, replies, counts, notices = rows[2:12]
        years = str(world.kit.settings.newsletter_proof_years)
        assert re.findall(r"\d+", newsletter) == [str(UNCONFIRMED_DAYS), years]
        assert re.findall(r"\d+", move) == [str(LIFETIMES[Purpose.MOVE].days)]
        assert re.findall(r"\d+", alerts) == [str(UNCONFIRMED.days), str(UNCLAIMED_KEPT.days), years]
        assert re.findall(r"\d+", mails) == [str(KEEP_MAILS.days)]
        assert re.findall(r"\d+", returns) == [str(KEEP_RETURNS.days)]
        assert re.findall(r"\d+", replies) == [str(KEEP_REPLIES.days)]
        assert re.findall(r"\d+", counts) == [str(KEPT_DAYS), str(RARE_KEPT_DAYS)]
        assert re.findall(r"\d+", notices) == [str(KEEP.days), str(KEEP_RESETS.days)]


async def test_postal_codes_are_credited_where_places_are_shown(open_browser: Opener) -> None:
    browser = await open_browser()
    for path in ("/impressum", "/en/impressum", "/suche?q=beratung&near=39104"):
        page = (await browser.get(path)).text
        assert 'href="https://www.geonames.org"' in page
        assert "creativecommons.org/licenses/by/4.0/" in page
    assert "geonames" not in (await browser.get("/suche?q=beratung")).text


async def test_blanks_are_told_at_the_start_but_not_in_a_demo(world: World, caplog: pytest.LogCaptureFixture) -> None:
    create_app(world.kit.settings, world.kit.client, {})
    assert "legal pages" not in caplog.text
    create_app(replace(world.kit.settings, demo=False), world.kit.client, {})
    (record,) = [record for record in caplog.records if "legal pages" in record.message]
    assert "privacy.en" in record.__dict__["texts"]
