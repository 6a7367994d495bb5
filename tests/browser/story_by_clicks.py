"""The main job by clicking: an offer is published, found misspelt, collected, approved, sent, read and unsubscribed.

Once on a desktop with JavaScript, once on a phone without. A suite: each form of Lotse inherits it and says by the
fixture `lotse` where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, mailed

COORDINATOR = "koordination@example.org"
EDITOR = "redaktion@example.org"
SECOND_EDITOR = "redaktion2@example.org"
NETWORK = "iq-landesnetzwerk-sachsen-anhalt"


@dataclass(frozen=True)
class Story:
    """What differs between the two times the story is played.

    `quarter` is one of those that are offered for an issue; the story by the API takes the first two.
    """

    width: int
    javascript: bool
    title: str
    misspelt: str
    address: str
    quarter: int


STORIES = (
    Story(1280, True, "Schweißkurs für Frauen in Thale", "Schweisskurß Thale", "eins@example.org", 2),
    Story(375, False, "Nähwerkstatt mit Deutschkurs", "Nähwerkstat Deutschkrus", "zwei@example.org", 3),
)


class StoryByClicks:
    """The main job, played by people."""

    @pytest.mark.parametrize("story", STORIES, ids=("desktop", "phone-without-javascript"))
    def test_from_an_offer_to_its_readers_and_out_again(self, open_page: OpenPage, story: Story) -> None:
        def opened(email: str = "") -> Page:
            return open_page(width=story.width, email=email, java_script_enabled=story.javascript)

        visitor = opened()
        _subscribe(visitor, story)
        public = _publish(opened(COORDINATOR), story)
        _find(visitor, story, public)
        path = _compose(opened(EDITOR), story)
        _approve_and_send(opened(SECOND_EDITOR), path)
        _read_and_leave(visitor, story)


def _subscribe(page: Page, story: Story) -> None:
    page.goto("/newsletter")
    page.fill("#field-email", story.address)
    page.click("summary:has-text('Sachsen-Anhalt')")
    page.check("#field-districts-landkreis-harz")
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_have_text("Bitte bestätigen Sie Ihre Anmeldung")
    page.goto(mailed(page, story.address, "/newsletter/bestaetigen/"))
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_have_text("Ihr Newsletter ist bestellt")


def _publish(page: Page, story: Story) -> str:
    """Publish an offer at the coordinator's desk; the address of its public page."""
    page.click("nav >> text=Koordination")
    page.click("main >> text=Neues Angebot")
    page.fill("#field-title", story.title)
    page.click("main >> text=Speichern und veröffentlichen")
    # What the public needs is missing: the page says so, keeps the draft and lets one go on.
    expect(page.locator(".summary")).to_contain_text("Kurzfassung")
    page.fill("#field-summary", "Handwerk lernen und dabei Deutsch sprechen.")
    page.check("#field-stages-qualification")
    page.click("summary:has-text('Sachsen-Anhalt')")
    page.check("#field-districts-landkreis-harz")
    page.click("main >> text=Speichern und veröffentlichen")
    expect(page.locator("main [role=status]")).to_contain_text("Veröffentlicht")
    assert _fits(page)
    address = page.get_attribute("main a:has-text('Öffentliche Seite')", "href")
    assert address
    return address


def _find(page: Page, story: Story, public: str) -> None:
    page.goto("/suche")
    page.fill("#q", story.misspelt)
    page.press("#q", "Enter")
    _reload_until(page, f"main a[href='{public}']")
    page.click(f"main a[href='{public}']")
    expect(page.locator("h1")).to_have_text(story.title)
    page.goto("/regionen/landkreis-harz")
    expect(page.locator(f"main a[href='{public}']").first).to_be_visible()
    page.goto(f"/forum/{NETWORK}")
    _reload_until(page, f"main >> text={story.title}")
    page.click(f"main >> text={story.title}")
    expect(page.locator(".post")).to_have_count(1)
    assert _fits(page)


def _reload_until(page: Page, selector: str) -> None:
    """Events take a moment: reload as a person would until something is there."""
    for _attempt in range(50):
        if page.locator(selector).count():
            return
        page.wait_for_timeout(100)
        page.reload()
    raise AssertionError(f"{selector} did not appear on {page.url}")


def _compose(page: Page, story: Story) -> str:
    """Compose the issue of a quarter; its address at the desk."""
    page.click("nav >> text=Redaktion")
    quarter = page.locator("#field-quarter option[value*='-Q']").nth(story.quarter).get_attribute("value")
    page.select_option("#field-quarter", quarter)
    page.click("main button:has-text('Ausgabe beginnen')")
    path = page.url
    expect(page.locator("main")).to_contain_text(story.title)
    page.click("main >> text=Begrüßung")
    page.fill("#field-text_de", "Liebe Leserinnen und Leser")
    page.fill("#field-text_en", "Dear readers")
    page.click("main button:has-text('Speichern') >> nth=0")
    page.click("main >> text=Vorschau")
    frame = page.frame_locator("iframe.mail")
    expect(frame.locator("body")).to_contain_text(story.title)
    assert _fits(page)
    page.goto(path)
    page.click("main >> text=Zur Freigabe einreichen")
    expect(page.locator("main")).to_contain_text("zur Freigabe")
    expect(page.locator("main button:has-text('freigeben')")).to_have_count(0)
    return path


def _approve_and_send(page: Page, path: str) -> None:
    page.goto(path)
    page.click("main >> text=Als zweite Person freigeben")
    page.click("main >> text=Versenden …")
    page.click("main >> text=Jetzt versenden")
    expect(page.locator("h1")).to_contain_text("Versandbericht")
    assert _fits(page)


def _read_and_leave(page: Page, story: Story) -> None:
    link = mailed(page, story.address, "/newsletter/abmelden/")
    page.goto("/dev/mail")
    expect(page.locator("main")).to_contain_text(story.address)
    mails = page.request.get("/dev/mail.json", params={"recipient": story.address}).json()["items"]
    assert story.title in " ".join(part["content"] for part in mails[0]["parts"])
    assert "List-Unsubscribe=One-Click" in mails[0]["headers"]["List-Unsubscribe-Post"]
    page.goto(link)
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_have_text("Sie sind abgemeldet")


def _fits(page: Page) -> bool:
    """Whether nothing sticks out sideways. Playwright may ask this also where the page's own scripts are off."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
