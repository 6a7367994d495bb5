"""Keeping a search in Chromium: without JavaScript up to the confirmation, and no page of it has barriers."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_work_pages import COORDINATOR, check

RESULTS = "/suche?q=beratung&near=39104"
WAIT_SECONDS = 30.0


def newest_mail(page: Page, subject: str) -> str:
    """The plain text of the newest mail with this subject, once it is there."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        page.goto("/dev/mail")
        found = page.locator(f"main a:has-text('{subject}')")
        if found.count():
            found.first.click()
            return page.inner_text(".plaintext")
    raise AssertionError(f"no mail “{subject}” within {WAIT_SECONDS} s")


def test_a_visitor_keeps_a_search_without_javascript(open_page: OpenPage, lotse: str) -> None:
    page = open_page(375, java_script_enabled=False)
    page.goto(RESULTS)
    page.click("text=Suche merken")
    page.fill("#field-email", "ohne-js@example.org")
    page.check("#field-frequency-daily")
    page.click("main form button[type=submit]")
    expect(page.locator("h1")).to_have_text("Bitte bestätigen Sie die Suchmeldung")
    link = re.search(rf"{re.escape(lotse)}(/suche/meldung/bestaetigen/\S+)", newest_mail(page, "Bitte bestätigen"))
    assert link is not None
    page.goto(link[1])
    page.click("main form button[type=submit]")
    expect(page.locator("h1")).to_have_text("Ihre Suchmeldung ist eingerichtet")
    page.click("text=Doch keine E-Mails")
    page.click("main form button[type=submit]")
    expect(page.locator("h1")).to_have_text("Die Suchmeldung ist beendet")
    assert not page.context.cookies()


def test_the_pages_for_visitors(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/suche/merken?q=beratung&near=39104")
    check(page)
    page.fill("#field-email", "ohne-at")
    page.click("main form button[type=submit]")
    assert "summary" in page.evaluate("document.activeElement.className")
    check(page)
    for path in ("/suche/merken/danke", "/suche/meldung/bestaetigen/x", "/en/suche/meldung/stoppen/x"):
        page.goto(path)
        check(page)


def test_the_pages_of_an_account(open_page: OpenPage) -> None:
    page = open_page(email=COORDINATOR)
    page.goto("/suche/merken?q=beratung&kind=offer")
    page.fill("#field-name", "Beratung im ganzen Land")
    page.click("main form button[type=submit]")
    expect(page.locator("main [role=status]")).to_contain_text("Die Suche ist gemerkt.")
    check(page)
    page.click("text=Beratung im ganzen Land")
    check(page)
    page.click("main a:has-text('Ändern')")
    check(page)
    page.goto("/konto/suchen")
    page.click("main a:has-text('Löschen')")
    check(page)
    page.click("main form button[type=submit]")
    expect(page.locator("main [role=status]")).to_contain_text("Die Suche ist gelöscht.")
    for path in ("/koordination/nachfrage", "/en/koordination/nachfrage?since=x"):
        page.goto(path)
        check(page)
