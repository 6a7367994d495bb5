"""The coordinator's desk: an offer from its form to the public and back, and what the form says when it is wrong."""

from __future__ import annotations

import html
from typing import Any

import httpx2
import pytest

from tests.gateway.api_client import Program
from tests.gateway.conftest import Opener
from tests.gateway.world import COORDINATOR, MEMBER, NETWORK, OTHER_COORDINATOR, Browser, World, heading

NEW = "/koordination/angebote/neu"
FORM: dict[str, Any] = {
    "title": "Lernwerkstatt Holz in Quedlinburg",
    "summary": "Handwerk ausprobieren, Deutsch nebenbei.",
    "description": "Zwei Tage in der Woche.",
    "network": NETWORK,
    "stages": ["qualification"],
    "districts": ["landkreis-harz"],
    "weekly_hours": "12,5",
    "part_time": "yes",
    "funding": "ESF\nLand",
}


async def _send(browser: Browser, path: str, action: str = "save", **changes: Any) -> httpx2.Response:
    page = await browser.get(path)
    return await browser.submit(page, path, **{**FORM, "action": action, **changes})


async def test_the_desk_is_for_coordinators(open_browser: Opener) -> None:
    visitor = await open_browser()
    asked = await visitor.http.get("/koordination")
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/anmelden?next=")
    member = await open_browser(MEMBER)
    for path in ("/koordination", NEW):
        assert (await member.get(path)).status_code == 403


async def test_the_desk_lists_the_offers_of_the_own_networks_by_state(open_browser: Opener) -> None:
    browser = await open_browser(COORDINATOR)
    page = await browser.get("/koordination")
    assert heading(page) == "Koordination"
    assert "Entwurf (1)" in page.text
    drafts = await browser.get("/koordination?stand=draft")
    assert drafts.text.count('<li class="entry">') == 1


async def test_a_draft_is_saved_and_published_later(open_browser: Opener, world: World) -> None:
    browser = await open_browser(COORDINATOR)
    saved = await _send(browser, NEW)
    assert saved.url.path == "/koordination/angebote/lernwerkstatt-holz-in-quedlinburg"
    assert "Gespeichert" in saved.text
    assert 'value="12,5"' in saved.text
    visitor = await open_browser()
    public = "/angebote/lernwerkstatt-holz-in-quedlinburg"
    assert (await visitor.get(public)).status_code == 404
    published = await _send(browser, saved.url.path, "publish")
    assert "Veröffentlicht" in published.text
    assert (await visitor.get(public)).status_code == 200
    await world.tell()
    found = await visitor.get("/suche?q=Lernwerkstat+Holz")
    assert public in found.text
    space = await visitor.get(f"/forum/{NETWORK}")
    assert FORM["title"] in space.text
    desk = await browser.get(saved.url.path)
    assert "Wo das Angebot jetzt steht" in desk.text
    for place in ("/suche?q=", "/regionen/landkreis-harz", "/forum/themen/"):
        assert f'href="{place}' in desk.text


async def test_publishing_what_lacks_something_keeps_the_draft_and_says_what(open_browser: Opener) -> None:
    browser = await open_browser(COORDINATOR)
    page = await browser.get(NEW)
    fields = {**FORM, "summary": "", "stages": [], "action": "publish"}
    answer = await browser.submit(page, NEW, **fields)
    assert answer.status_code == 422
    assert "<title>Fehler:" in answer.text
    for name in ("summary", "stages"):
        assert f'href="#field-{name}"' in answer.text
        assert f'id="error-{name}"' in answer.text
    again = await browser.submit(
        answer, "/koordination/angebote/lernwerkstatt-holz-in-quedlinburg", **FORM, action="publish"
    )
    assert "Veröffentlicht" in again.text


async def test_a_refused_form_keeps_what_was_typed(open_browser: Opener) -> None:
    browser = await open_browser(COORDINATOR)
    answer = await _send(browser, NEW, title="", seats="viele", weekly_hours="1.2.3", description="<b>Text</b> & mehr")
    assert answer.status_code == 422
    assert 'href="#field-seats"' in answer.text
    assert 'value="viele"' in answer.text
    answer = await _send(
        browser, NEW, title="x", description="<b>Text</b> & mehr", districts=["nirgends", "landkreis-harz"]
    )
    assert answer.status_code == 422
    assert html.escape("<b>Text</b> & mehr") in answer.text
    assert 'href="#field-title"' in answer.text
    assert 'href="#field-districts"' in answer.text
    assert 'value="landkreis-harz" checked' in answer.text


async def test_an_edit_conflict_shows_both_versions_and_overwrites_nothing(open_browser: Opener, api: Program) -> None:
    browser = await open_browser(COORDINATOR)
    saved = await _send(browser, NEW)
    path = saved.url.path
    coordinator = await api.signed_in(COORDINATOR)
    slug = path.rsplit("/", 1)[1]
    read = await coordinator.get(f"/offers/{slug}")
    theirs = {"summary": "Von jemand anderem.", "seats": 8}
    assert (await coordinator.patch(f"/offers/{slug}", theirs, read.headers["etag"])).status_code == 200

    conflict = await browser.submit(saved, path, **{**FORM, "summary": "Von mir.", "action": "save"})
    assert conflict.status_code == 422
    assert "Zwei Fassungen" in conflict.text
    assert "Von jemand anderem." in conflict.text
    assert ">Von mir.</td>" in conflict.text
    assert (await coordinator.get(f"/offers/{slug}")).json()["summary"] == "Von jemand anderem."
    # Who has seen both may save; the form then counts.
    again = await browser.submit(
        conflict, path, **{**FORM, "summary": "Von uns beiden.", "seats": "8", "action": "save"}
    )
    assert "Gespeichert" in again.text
    assert (await coordinator.get(f"/offers/{slug}")).json()["summary"] == "Von uns beiden."


async def test_withdrawing_needs_a_reason(open_browser: Opener) -> None:
    browser = await open_browser(COORDINATOR)
    published = await _send(browser, NEW, "publish")
    path = f"{published.url.path}/zurueckziehen"
    page = await browser.get(path)
    refused = await browser.submit(page, path, reason="")
    assert refused.status_code == 422
    assert 'href="#field-reason"' in refused.text
    done = await browser.submit(refused, path, reason="Förderung ausgelaufen")
    assert done.url.path == published.url.path
    assert "Förderung ausgelaufen" in done.text
    visitor = await open_browser()
    assert (await visitor.get("/angebote/lernwerkstatt-holz-in-quedlinburg")).status_code == 404


async def test_offers_of_other_networks_stay_closed(open_browser: Opener) -> None:
    browser, other = await open_browser(COORDINATOR), await open_browser(OTHER_COORDINATOR)
    draft = await _send(browser, NEW)
    assert (await other.get(draft.url.path)).status_code == 404
    published = await _send(browser, draft.url.path, "publish")
    assert (await other.get(published.url.path)).status_code == 403
    refused = await other.submit(await other.get(NEW), NEW, **{**FORM, "action": "save"})
    assert refused.status_code == 403


@pytest.mark.parametrize("token", ["", "erfunden", "1.2"])
async def test_forms_without_a_genuine_token_do_nothing(open_browser: Opener, token: str) -> None:
    browser = await open_browser(COORDINATOR)
    fields = {**FORM, "form_token": token}
    answer = await browser.http.post(NEW, data=fields, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 403
    page = await browser.get(NEW)
    foreign = await browser.http.post(NEW, data=FORM, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert FORM["title"] not in page.text


async def test_the_desk_speaks_english(open_browser: Opener) -> None:
    browser = await open_browser(COORDINATOR)
    page = await browser.get("/en/koordination/angebote/neu")
    assert heading(page) == "New offer"
    assert "Needed to publish." in page.text
    answer = await browser.submit(page, "/en/koordination/angebote/neu", **{**FORM, "title": "", "action": "save"})
    assert "Please give at least 3 characters." in answer.text
