"""What readers do, with and without JavaScript; no request leaves for a third party and the policy is kept."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, sign_in

COORDINATOR = "koordination@example.org"


def count(page: Page) -> int:
    """How many results the page says there are."""
    found = re.search(r"\d+", page.inner_text("#treffer"))
    assert found
    return int(found[0])


@pytest.mark.parametrize("javascript", [True, False])
def test_search_narrow_and_open_an_offer(open_page: OpenPage, javascript: bool) -> None:
    page = open_page(java_script_enabled=javascript)
    page.goto("/")
    page.fill("#q", "Beratung")
    page.click(".hero button")
    everything = count(page)
    page.check("#f-kind-offer")
    if not javascript:
        page.click(".facets button[type=submit]")
    page.wait_for_url("**kind=offer**")
    expect(page.locator(".chips li")).to_have_count(1)
    assert count(page) < everything
    page.click(".entries h3 a >> nth=0")
    assert "/angebote/" in page.url
    expect(page.locator("h1")).to_have_count(1)


def test_facets_keep_the_focus_and_the_way_back(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/suche?q=Beratung")
    page.focus("#f-kind-offer")
    page.keyboard.press("Space")
    page.wait_for_url("**kind=offer**")
    expect(page.locator(".chips li")).to_have_count(1)
    assert page.evaluate("document.activeElement.id") == "f-kind-offer"
    page.go_back()
    expect(page.locator(".chips li")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False])
def test_from_the_map_to_a_contact(open_page: OpenPage, javascript: bool) -> None:
    page = open_page(java_script_enabled=javascript)
    page.goto("/regionen")
    page.click('.map a[aria-label="Sachsen-Anhalt"]')
    expect(page.locator("h1")).to_have_text("Sachsen-Anhalt")
    page.click('.map a[aria-label="Landkreis Harz"]')
    expect(page.locator("h1")).to_have_text("Landkreis Harz")
    page.click('a:has-text("English")')
    assert page.url.endswith("/en/regionen/landkreis-harz")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_sign_in_and_out_without_javascript(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    sign_in(page, COORDINATOR)
    expect(page.locator("h1")).to_have_text("Mein Konto")
    page.click('button:has-text("Abmelden")')
    expect(page.locator('a:has-text("Anmelden")')).to_be_visible()


def test_the_facets_fold_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(375)
    page.goto("/suche?q=Beratung")
    expect(page.locator("#f-kind-offer")).to_be_hidden()
    page.click(".facets > summary")
    expect(page.locator("#f-kind-offer")).to_be_visible()


def test_no_request_to_others_and_no_breach_of_the_policy(open_page: OpenPage, lotse: str) -> None:
    page = open_page()
    hosts: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    for path in ("/", "/suche?q=kurs", "/regionen/landkreis-harz", "/anmelden", "/newsletter", "/forum"):
        page.goto(path)
    assert hosts == {urlsplit(lotse).netloc}
    assert not complaints
    assert not page.context.cookies()


def test_pages_print_without_the_frame(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/angebote/eures-portal")
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".nav")).to_be_hidden()
