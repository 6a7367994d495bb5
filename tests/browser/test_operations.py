"""The operator's page in Chromium: from a number to the life of an event, also on a phone and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import violations
from tests.browser.test_work_pages import check

ADMIN = "admin@example.org"
EVENTS = "/verwaltung/ereignisse"


def test_from_the_account_to_the_life_of_an_event_without_javascript(open_page: OpenPage) -> None:
    page = open_page(375, ADMIN, java_script_enabled=False)
    page.click("main a:has-text('Ereignisse und Dienste überwachen')")
    expect(page.locator("h1")).to_have_text("Ereignisse")
    expect(page.locator("#dienste ~ ul > li")).to_have_count(4)
    expect(page.locator("#dienste ~ ul")).not_to_contain_text("antwortet nicht")
    page.click("#zuletzt ~ ul a >> nth=0")
    expect(page.locator("h1")).to_have_text("Vorgang")
    expect(page.locator(".trail__steps").first).to_contain_text("aufgezeichnet")
    story = page.locator(".kern-description-list-item__value").first.inner_text()
    assert re.fullmatch(r"[0-9a-f-]{36}", story)
    page.fill("#q", story)
    page.click("main form button")
    assert page.url.endswith(story)
    expect(page.locator(".kern-description-list-item__value").first).to_have_text(story)
    page.fill("#q", "gibt-es-nicht")
    page.click("main form button")
    expect(page.locator("h1")).to_have_text("Nichts gefunden")


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_its_pages_are_accessible_and_fit(open_page: OpenPage, prefix: str) -> None:
    page = open_page(email=ADMIN)
    page.goto(f"{prefix}{EVENTS}")
    check(page)
    page.click("#zuletzt ~ ul a >> nth=0")
    check(page)
    page.goto(f"{prefix}{EVENTS}?q=gibt-es-nicht")
    check(page)


def test_in_the_dark(open_page: OpenPage) -> None:
    page = open_page(email=ADMIN, color_scheme="dark")
    page.goto(EVENTS)
    assert not violations(page)
    page.click("#zuletzt ~ ul a >> nth=0")
    assert not violations(page)
