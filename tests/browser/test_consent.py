"""The pages of one's own data and the desk's about readers in Chromium: axe finds nothing, nothing scrolls sideways."""

from __future__ import annotations

from tests.browser.conftest import OpenPage, mailed
from tests.browser.test_work_pages import EDITOR, check

READER = "lotta@example.org"
LIST = "email;eingewilligt_am;quelle;text\nneu@example.org;31.05.2024;Karte;Ja\nkaputt;gestern;;"


def test_from_signing_up_to_erasing(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/newsletter")
    page.fill("#field-email", READER)
    page.click("main .form button[type=submit]")
    page.goto(mailed(page, READER, "/bestaetigen/"))
    page.click("main form button")
    page.click("main a.kern-btn")
    check(page)
    page.goto("/newsletter/zugang")
    check(page)
    page.fill("#field-email", READER)
    page.click("main form button")
    check(page)
    own = mailed(page, READER, "/meine-daten/")
    page.goto(own)
    check(page)
    page.fill("#field-email", "keine Adresse")
    page.click("main form.form button")
    check(page)
    for part in ("nachweis", "loeschen"):
        page.goto(f"{own}/{part}")
        check(page)
    page.click("main form button")
    check(page)
    page.goto("/newsletter/adresse/x")
    check(page)


def test_the_desks_pages_about_readers(open_page: OpenPage) -> None:
    page, prefix = open_page(email=EDITOR), "/en"
    page.goto(f"{prefix}/redaktion/abonnenten")
    check(page)
    page.fill("#field-email", "beratung.harz@example.org")
    page.click("main form button")
    check(page)
    page.goto(f"{prefix}/redaktion/abonnenten/sperrliste")
    check(page)
    page.goto(f"{prefix}/redaktion/abonnenten/uebernahme")
    page.fill("#field-csv", LIST)
    page.click("main form button[value=try]")
    check(page)
