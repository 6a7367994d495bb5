"""The search page in Chromium: suggestions by keyboard, filters that stay, the map; with and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import assert_accessible, violations

RESULTS = "/suche?q=sprachkurs&near=38820&radius=50"
REFUSED = "/suche?q=sprachkurs&near=Gibtesnicht"
LAND = "/suche?q=beratung&district=sachsen-anhalt"


def typed(page: Page, text: str) -> None:
    """Type into the search field, letter by letter, and wait for suggestions."""
    page.goto("/suche")
    page.locator("#q").press_sequentially(text)
    expect(page.locator("#q-list")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_results_and_refusals_are_accessible(open_page: OpenPage, width: int, scheme: str) -> None:
    page = open_page(width, color_scheme=scheme)
    for path in (RESULTS, REFUSED, f"/en{RESULTS}", f"/en{LAND}"):
        assert_accessible(page, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    typed(page, "spra")
    page.keyboard.press("ArrowDown")
    assert not violations(page)


def test_the_smallest_phone_needs_no_sideways_scrolling(open_page: OpenPage) -> None:
    page = open_page(320)
    for path in (RESULTS, REFUSED, "/en" + RESULTS):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_suggestions_by_keyboard(open_page: OpenPage) -> None:
    page = open_page()
    typed(page, "spra")
    field = page.locator("#q")
    expect(field).to_have_attribute("aria-expanded", "true")
    options = page.locator("#q-list [role=option]")
    expect(page.locator(".search__what [role=status]")).to_have_text(f"{options.count()} Vorschläge")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "q-list-0")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#q-list")).to_be_hidden()
    expect(field).to_have_value("spra")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#q-list")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#q-list")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "near"


def test_a_word_completes_the_search_at_hand(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/suche?near=Magdeburg")
    page.locator("#q").press_sequentially("Sprach")
    page.locator("#q-list [role=option]", has_text="Suchwort").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=Sprach**")
    assert "near=Magdeburg" in page.url
    expect(page.locator("#near")).to_have_value("Magdeburg")


def test_a_place_leads_to_its_page(open_page: OpenPage) -> None:
    page = open_page()
    typed(page, "Burgenl")
    page.locator("#q-list [role=option]", has_text="Region").click()
    expect(page.locator("h1")).to_have_text("Burgenlandkreis")


def test_the_place_is_completed_in_its_field(open_page: OpenPage) -> None:
    page = open_page(375)
    page.goto("/suche?q=Beratung")
    page.locator("#near").press_sequentially("0648")
    expect(page.locator("#near-list")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#near")).to_have_value(re.compile(r"0648\d \w+"))
    assert page.evaluate("document.activeElement.id") == "near"
    page.keyboard.press("Enter")
    expect(page.locator("#treffer")).to_contain_text("im Umkreis von 25")


def test_nothing_is_asked_before_the_second_letter(open_page: OpenPage) -> None:
    page = open_page()
    asked: list[str] = []

    def note(request: Request) -> None:
        if "vorschlaege" in request.url:
            asked.append(request.url.partition("q=")[2])

    page.on("request", note)
    page.goto("/suche")
    page.locator("#q").press_sequentially("s")
    expect(page.locator("#q")).to_have_attribute("role", "combobox")
    page.locator("#q").press_sequentially("pr", delay=400)  # slower than the wait, so each letter asks
    expect(page.locator("#q-list")).to_be_visible()
    assert asked == ["sp", "spr"]


def test_the_plain_form_takes_a_place_and_an_order(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/")
    assert page.get_attribute("#q", "role") is None
    page.fill("#q", "Beratung")
    page.fill("#near", "39104")
    page.click(".hero button")
    expect(page.locator("#treffer")).to_contain_text("um Magdeburg")
    page.select_option("#radius", "50")
    page.select_option("#sort", "newest")
    page.click(".order button")
    expect(page.locator("#treffer")).to_contain_text("Umkreis von 50")
    expect(page.locator("#sort")).to_have_value("newest")


def test_a_filter_on_a_phone_stays_open_and_tells_the_new_count(open_page: OpenPage) -> None:
    page = open_page(375)
    page.goto("/suche?q=Beratung")
    page.evaluate("window.told = document.querySelector('#treffer [role=status]')")
    before = page.inner_text("#treffer")
    page.click(".facets > summary")
    page.check("#f-kind-offer")
    expect(page.locator(".chips li")).to_have_count(1)
    expect(page.locator("#treffer")).not_to_have_text(before)
    assert page.evaluate("window.told === document.querySelector('#treffer [role=status]')")
    expect(page.locator("#f-kind-event, #f-kind-network").first).to_be_visible()
    page.reload()
    expect(page.locator("#f-kind-offer")).to_be_hidden()


def test_a_region_of_the_map_narrows(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/suche?q=Beratung")
    page.locator(".map--results a", has_text="Sachsen-Anhalt").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**district=sachsen-anhalt**")
    expect(page.locator(".map--results a.here")).to_have_count(0)  # the districts of the Land, none of them chosen
    page.locator(".map--results a", has_text="Landkreis Harz").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**district=landkreis-harz**")
    expect(page.locator(".map--results a.here title")).to_contain_text("Landkreis Harz")


def test_the_way_by_keyboard_follows_the_page(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/suche?q=Beratung")
    page.focus("#q")
    order = []
    for _step in range(4):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id || document.activeElement.type"))
    assert order[:3] == ["near", "radius", "submit"]
    assert order[3].startswith("f-kind-")
    assert page.evaluate(
        "document.querySelector('.entries').compareDocumentPosition(document.querySelector('.map'))"
        " & Node.DOCUMENT_POSITION_FOLLOWING"
    )


def test_results_print_without_what_only_a_screen_needs(open_page: OpenPage) -> None:
    page = open_page()
    page.goto(RESULTS)
    page.emulate_media(media="print")
    expect(page.locator("#treffer")).to_be_visible()
    expect(page.locator(".map--results")).to_be_visible()
    for hidden in (".facets", ".search", ".kinds", ".order", "#merken"):
        expect(page.locator(hidden)).to_be_hidden()
