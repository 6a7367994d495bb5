"""The pages for signed-in work in Chromium: axe finds nothing, nothing scrolls sideways, also in refused forms."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import violations

COORDINATOR = "koordination@example.org"
EDITOR = "redaktion@example.org"
MODERATOR = "moderation@example.org"
TOPIC = "/forum/themen/demo-sprachkurs-kinderbetreuung"
WIDTHS = (320, 1280)


def check(page: Page) -> None:
    """No violation and nothing wider than the window, small and large."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{width}: {line}" for line in violations(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{width}: scrolls sideways")
    assert not found, f"{page.url}: {found}"


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_newsletters_pages(open_page: OpenPage, prefix: str) -> None:
    page = open_page()
    for path in ("/newsletter", "/newsletter/danke", "/newsletter/ausgaben", "/newsletter/ausgaben/2018-01"):
        page.goto(prefix + path)
        check(page)
    for purpose in ("bestaetigen", "abmelden"):
        page.goto(f"{prefix}/newsletter/{purpose}/x")
        check(page)
    page.goto(f"{prefix}/newsletter")
    page.fill("#field-email", "ohne-at")
    page.click("main button[type=submit]")
    check(page)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_forums_pages(open_page: OpenPage, prefix: str) -> None:
    page = open_page(email=MODERATOR)
    page.goto(prefix + TOPIC)
    check(page)
    page.click("#antworten button[value=send]")
    check(page)
    page.fill("#field-body", "Ein **Versuch**, noch nicht gesendet.")
    page.click("#antworten button[value=preview]")
    check(page)
    page.goto(f"{prefix}{TOPIC}/loeschen")
    check(page)
    page.goto(f"{prefix}/forum/iq-landesnetzwerk-sachsen-anhalt/neu")
    check(page)


def test_the_coordinators_form_with_errors_and_with_content(open_page: OpenPage) -> None:
    page = open_page(email=COORDINATOR)
    page.goto("/koordination/angebote/neu")
    page.fill("#field-seats", "viele")
    page.click("main button[value=publish]")
    check(page)
    page.goto("/koordination?stand=published")
    page.click(".entries h3 a >> nth=0")
    check(page)
    page.goto(f"{page.url}/zurueckziehen")
    page.click("main button[type=submit]")
    check(page)


def test_two_versions_of_an_offer(open_page: OpenPage) -> None:
    first, second = open_page(email=COORDINATOR), open_page(email=COORDINATOR)
    first.goto("/koordination?stand=published")
    first.click(".entries h3 a >> nth=-1")
    second.goto(first.url)
    second.fill("#field-summary", "Kürzer gesagt, von der einen.")
    second.click("main button[value=save]")
    first.fill("#field-summary", "Ganz anders gesagt, von der anderen.")
    first.click("main button[value=save]")
    first.wait_for_selector("#konflikt")
    check(first)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_editors_pages(open_page: OpenPage, prefix: str) -> None:
    page = open_page(email=EDITOR)
    page.goto(f"{prefix}/redaktion")
    page.select_option("#field-quarter", index=len(page.query_selector_all("#field-quarter option")) - 1)
    page.click("main section.panel button[type=submit]")
    page.goto(f"{prefix}/redaktion")
    issue = page.get_attribute(".entries h3 a >> nth=0", "href")
    assert issue
    assert re.search(r"/ausgaben/\d{4}-q\d$", issue)
    steps = (
        "",
        "/abschnitte/offers",
        "/vorschau?language=de&width=phone",
        "/pruefung",
        "/testmail",
        "/sendezeit",
        "/versenden",
    )
    for part in steps:
        page.goto(issue + part)
        check(page)
    page.goto(f"{issue}/abschnitte/legislation")
    page.click("details.box summary")
    page.fill("#field-item0_text_de", "Ohne Überschrift")
    page.click("main form button >> nth=0")
    check(page)
    page.goto(f"{prefix}/redaktion/ausgaben/2018-01/versand")
    check(page)
