"""The newsletter's pages for its readers: sign up, confirm, change, leave with one click, read the archive."""

from __future__ import annotations

import re
import time

import httpx2
import pytest

from gateway.limits import Limits
from infra.errors import TooMany
from infra.mail import StoredMail
from tests.gateway.conftest import Opener
from tests.gateway.world import ORIGIN, Browser, World, heading

ADDRESS = "leserin@example.org"


async def _sign_up(world: World, browser: Browser, prefix: str = "") -> httpx2.Response:
    path = f"{prefix}/newsletter"
    page = await browser.get(path)
    answer = await browser.submit(page, path, email=ADDRESS, districts=["landkreis-harz"], topics=[], language="de")
    await world.kit.services["newsletter"].jobs.run("send_service_mails")
    return answer


async def _link(world: World, part: str) -> str:
    """The path of a link in the newest mail to the reader."""
    mails = await world.mails_to(ADDRESS)
    found = re.search(rf"{ORIGIN}(/\S*/{part}/[\w.~-]+)", _text_of(mails[0]))
    assert found is not None
    return found[1]


def _text_of(mail: StoredMail) -> str:
    return next(part.content for part in mail.parts if part.type == "text/plain")


async def _confirmed(world: World, browser: Browser) -> httpx2.Response:
    await _sign_up(world, browser)
    return await browser.submit(await browser.get(await _link(world, "bestaetigen")))


async def _preferences_path(page: httpx2.Response) -> str:
    found = re.search(r'href="(/newsletter/einstellungen/[^"]+)"', page.text)
    assert found is not None
    return found[1]


async def test_sign_up_and_confirmation(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    page = await browser.get("/newsletter")
    assert "Öffnen und Klicken werden nicht gemessen." in page.text
    answer = await _sign_up(world, browser)
    assert answer.url.path == "/newsletter/danke"
    link = await _link(world, "bestaetigen")
    # A mail scanner that opens the link confirms nothing.
    for _time in range(2):
        asked = await browser.get(link)
        assert heading(asked) == "Newsletter bestätigen"
    confirmed = await browser.submit(asked)
    assert heading(confirmed) == "Ihr Newsletter ist bestellt"
    assert ADDRESS not in confirmed.text
    assert "@example.org" in confirmed.text
    assert not browser.http.cookies


@pytest.mark.parametrize("address", ["", "ohne-at", "zwei@@example.org", "a@example.org\nBcc: b@example.org"])
async def test_a_wrong_address_is_said_at_its_field(open_browser: Opener, address: str) -> None:
    browser = await open_browser()
    page = await browser.get("/newsletter")
    answer = await browser.submit(page, "/newsletter", email=address, districts=["landkreis-harz"], language="en")
    assert answer.status_code == 422
    assert 'href="#field-email"' in answer.text
    assert 'value="landkreis-harz" checked' in answer.text
    assert 'value="en" checked' in answer.text


async def test_preferences_are_shown_and_changed(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    path = await _preferences_path(await _confirmed(world, browser))
    page = await browser.get(path)
    assert ADDRESS not in page.text
    assert 'value="landkreis-harz" checked' in page.text
    saved = await browser.submit(page, path, districts=["stadt-halle-saale"], topics=["ehrenamt"], language="en")
    assert "Die Auswahl gilt ab der nächsten Ausgabe." in saved.text
    again = await browser.get(path)
    assert 'value="stadt-halle-saale" checked' in again.text
    assert 'value="landkreis-harz" checked' not in again.text
    wrong = await browser.submit(again, path, districts=["nirgends"], language="de")
    assert wrong.status_code == 422
    assert 'href="#field-districts"' in wrong.text


async def test_leaving_by_the_button_of_the_page(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    preferences = await _preferences_path(await _confirmed(world, browser))
    found = re.search(r'action="(/newsletter/abmelden/[^"]+)"', (await browser.get(preferences)).text)
    assert found is not None
    for _time in range(2):
        asked = await browser.get(found[1])
        assert heading(asked) == "Newsletter abbestellen"
    assert (await browser.get(preferences)).status_code == 200
    gone = await browser.submit(asked, found[1])
    assert heading(gone) == "Sie sind abgemeldet"
    assert (await browser.get(preferences)).status_code in (404, 410, 422)
    # A second click says the same.
    assert heading(await browser.submit(asked, found[1])) == "Sie sind abgemeldet"


@pytest.mark.parametrize("multipart", [False, True])
async def test_leaving_with_one_click_of_the_mail_program(open_browser: Opener, world: World, multipart: bool) -> None:
    browser = await open_browser()
    preferences = await _preferences_path(await _confirmed(world, browser))
    found = re.search(r'action="(/newsletter/abmelden/[^"]+)"', (await browser.get(preferences)).text)
    assert found is not None
    field = {"List-Unsubscribe": "One-Click"}
    # A mail provider posts from elsewhere, without cookie, form token or origin of ours.
    headers = {"sec-fetch-site": "cross-site", "origin": "https://mail.example"}
    sent = {"files": {name: (None, value) for name, value in field.items()}} if multipart else {"data": field}
    answer = await browser.http.post(found[1], headers=headers, follow_redirects=False, **sent)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert (await browser.get(preferences)).status_code in (404, 410, 422)


@pytest.mark.parametrize("purpose", ["bestaetigen", "abmelden", "einstellungen"])
async def test_forged_links_open_nothing(open_browser: Opener, purpose: str) -> None:
    browser = await open_browser()
    path = f"/newsletter/{purpose}/erfunden"
    page = await browser.get(path)
    assert page.status_code in ((404, 422) if purpose == "einstellungen" else (200,))
    if purpose != "einstellungen":
        answer = await browser.submit(page, path)
        assert answer.status_code in (404, 422)
        assert "Dieser Link ist ungültig" in answer.text


async def test_a_token_of_one_purpose_does_nothing_else(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    preferences = await _preferences_path(await _confirmed(world, browser))
    token = preferences.rsplit("/", 1)[1]
    refused = await browser.http.post(f"/newsletter/abmelden/{token}")
    assert refused.status_code in (404, 422)
    assert (await browser.get(preferences)).status_code == 200


async def test_too_large_a_body_for_one_click_is_refused(open_browser: Opener) -> None:
    browser = await open_browser()
    answer = await browser.http.post("/newsletter/abmelden/x", content=b"x" * 20_000)
    assert answer.status_code == 413


async def test_the_archive_in_both_languages(open_browser: Opener) -> None:
    browser = await open_browser()
    archive = await browser.get("/newsletter/ausgaben")
    assert "ZEMIGRA-Newsletter, erste Ausgabe" in archive.text
    issue = await browser.get("/newsletter/ausgaben/2018-01")
    assert "Stand Januar 2018" in issue.text
    english = await browser.get("/en/newsletter/ausgaben/2018-01")
    assert heading(english) == "ZEMIGRA newsletter, first issue"
    assert (await browser.get("/newsletter/ausgaben/1999-q1")).status_code == 404


@pytest.mark.parametrize("rate", ["subscribe", "own-data", "alert"])
async def test_one_sender_may_have_us_write_to_so_many_a_day(rate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limits, clock = Limits(), [time.time()]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    for _number in range(500):
        clock[0] += 61
        await limits.hit(rate, "192.0.2.1")
    clock[0] += 61
    with pytest.raises(TooMany):
        await limits.hit(rate, "192.0.2.1")
    await limits.hit(rate, "192.0.2.2")


async def test_many_sign_ups_from_one_sender_are_slowed_down(open_browser: Opener) -> None:
    browser = await open_browser()
    page = await browser.get("/newsletter")
    for number in range(60):
        answer = await browser.submit(page, "/newsletter", follow=False, email=f"p{number}@example.org", language="de")
        assert answer.status_code == 303
    slowed = await browser.submit(page, "/newsletter", email="p61@example.org", language="de")
    assert slowed.status_code == 422
    assert "Zu viele Versuche" in slowed.text
    assert 'value="p61@example.org"' in slowed.text
