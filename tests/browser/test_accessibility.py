"""Every kind of page in Chromium: axe finds nothing, nothing scrolls sideways on a small phone, the keyboard gets
everywhere and sees where it is.
"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage

COORDINATOR = "koordination@example.org"
EDITOR = "redaktion@example.org"
PUBLIC = (
    "/",
    "/suche?q=beratung&district=sachsen-anhalt",
    "/suche?q=xyzzyqwert",
    "/regionen",
    "/regionen/sachsen-anhalt",
    "/regionen/landkreis-harz",
    "/angebote",
    "/angebote/eures-portal",
    "/netzwerke",
    "/netzwerke/iq-landesnetzwerk-sachsen-anhalt",
    "/organisationen/bmbf",
    "/ansprechstellen",
    "/termine/workshop-thueringen-2020",
    "/laender/profil-brandenburg",
    "/glossar",
    "/anmelden",
    "/passwort",
    "/passwort/neu/x",
    "/datenschutz",
    "/gibt-es-nicht",
    "/dev/mail",
    "/forum",
    "/forum/iq-landesnetzwerk-sachsen-anhalt",
    "/newsletter",
    "/newsletter/ausgaben/2018-01/landkreis-harz",
    "/artikel/migrationsagentur-burgenlandkreis",
)
DESKS = (
    (COORDINATOR, "/konto"),
    (COORDINATOR, "/konto/mitteilungen"),
    (COORDINATOR, "/konto/adresse"),
    (COORDINATOR, "/koordination"),
    (COORDINATOR, "/koordination/angebote/neu"),
    (COORDINATOR, "/forum/iq-landesnetzwerk-sachsen-anhalt"),
    (EDITOR, "/redaktion"),
    (EDITOR, "/redaktion/ausgaben/2018-01/pruefung"),
    (EDITOR, "/redaktion/ruecklaeufer"),
    (EDITOR, "/redaktion/artikel/neu?art=figure"),
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS: dict[str, Any] = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
FOCUS = """() => {
  const e = document.activeElement, s = getComputedStyle(e);
  const seen = s.outlineStyle !== 'none' || s.boxShadow !== 'none' ||
    (e.querySelector('path') && getComputedStyle(e.querySelector('path')).strokeWidth !== '1px');
  return [e.tagName, e.id, e.getAttribute('href'), Boolean(seen), Math.round(e.getBoundingClientRect().top)];
}"""


def violations(page: Page) -> list[str]:
    """What axe finds, one line each."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{item['id']}: {node['html'][:160]}" for item in found for node in item["nodes"]]


def assert_accessible(page: Page, path: str) -> None:
    """No violation on this page."""
    page.goto(path)
    found = violations(page)
    assert not found, f"{path}: {found}"


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_public_pages(open_page: OpenPage, prefix: str, width: int) -> None:
    page = open_page(width)
    for path in PUBLIC:
        assert_accessible(page, prefix + path)


def test_public_pages_in_the_dark(open_page: OpenPage) -> None:
    page = open_page(color_scheme="dark")
    for path in PUBLIC[:10]:
        assert_accessible(page, path)


@pytest.mark.parametrize(("email", "path"), DESKS)
def test_desks(open_page: OpenPage, email: str, path: str) -> None:
    page = open_page(email=email)
    for prefix in ("", "/en"):
        assert_accessible(page, prefix + path)
    page.set_viewport_size({"width": 375, "height": 900})
    assert_accessible(page, path)


def test_a_refused_form_is_accessible_and_focused(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/anmelden")
    page.fill("#field-email", COORDINATOR)
    page.fill("#field-password", "falsch")
    page.click("main button[type=submit]")
    page.wait_for_selector(".summary")
    assert page.title().startswith("Fehler:")
    assert "summary" in (page.evaluate("document.activeElement.className"))
    assert not violations(page)


@pytest.mark.parametrize("width", [320, 375])
def test_nothing_scrolls_sideways(open_page: OpenPage, width: int) -> None:
    page = open_page(width)
    wide = []
    for path in PUBLIC:
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(path)
    assert not wide


def test_text_spacing_of_readers_choice_fits(open_page: OpenPage) -> None:
    """WCAG 1.4.12: nothing is cut off or pushed sideways when a reader widens the text."""
    page = open_page(375, bypass_csp=True)
    for path in ("/", "/suche?q=beratung", "/regionen/landkreis-harz", "/angebote/eures-portal"):
        page.goto(path)
        page.add_style_tag(
            content="* { line-height: 1.5 !important; letter-spacing: .12em !important; "
            "word-spacing: .16em !important } p { margin-bottom: 2em !important }"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, path


@pytest.mark.parametrize("path", ["/", "/suche?q=beratung", "/regionen/landkreis-harz", "/anmelden"])
def test_the_keyboard_sees_where_it_is(open_page: OpenPage, path: str) -> None:
    page = open_page()
    page.goto(path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    walked = []
    for _step in range(40):
        page.keyboard.press("Tab")
        walked.append(tuple(page.evaluate(FOCUS)))
    unseen = [step for step in walked if step[0] != "BODY" and not step[3]]
    assert not unseen
    assert len({step[4] for step in walked}) > 3


def test_the_skip_link_leads_to_the_content(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/regionen")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "inhalt"
