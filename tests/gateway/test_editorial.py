"""The editor's desk: an issue from its beginning over a second person's approval to the report of its dispatch."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import httpx2

from gateway.pages.editorial import quarters
from tests.gateway.api_client import Program
from tests.gateway.conftest import Opener
from tests.gateway.world import COORDINATOR, EDITOR, SECOND_EDITOR, Browser, World, heading, hidden_fields


async def _begin(browser: Browser) -> str:
    """Begin the issue of the last quarter offered; its page."""
    page = await browser.get("/redaktion")
    quarter = re.findall(r'<option value="(\d{4}-Q\d)"', page.text)[-1]
    begun = await browser.submit(page, "/redaktion", quarter=quarter)
    assert begun.status_code == 200, begun.text
    return begun.url.path


async def _collected(page: httpx2.Response) -> list[str]:
    return re.findall(r'name="place_([^"]+)"', page.text)


def test_quarters_from_today() -> None:
    assert quarters(date(2026, 11, 22)) == ["2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4"]
    assert quarters(date(2027, 1, 1))[0] == "2027-Q1"


async def test_the_desk_is_for_editors(open_browser: Opener) -> None:
    coordinator = await open_browser(COORDINATOR)
    for path in ("/redaktion", "/redaktion/ausgaben/2018-01", "/redaktion/ausgaben/2018-01/vorschau"):
        assert (await coordinator.get(path)).status_code == 403
    assert (await (await open_browser()).http.get("/redaktion")).status_code == 303


async def test_an_issue_is_begun_once_a_quarter(open_browser: Opener) -> None:
    editor = await open_browser(EDITOR)
    path = await _begin(editor)
    page = await editor.get("/redaktion")
    assert f'href="{path}"' in page.text
    assert ". Quartal 20" in page.text
    assert re.search(r"\d(st|nd|rd|th) quarter 20", (await editor.get(f"/en{path}")).text)
    again = await editor.submit(page, "/redaktion", quarter=path.rsplit("/", 1)[1].upper())
    assert again.status_code == 422
    assert 'href="#field-quarter"' in again.text
    wrong = await editor.submit(page, "/redaktion", quarter="")
    assert wrong.status_code == 422


async def test_title_and_focus_with_conflict(open_browser: Opener, api: Program) -> None:
    editor = await open_browser(EDITOR)
    path = await _begin(editor)
    page = await editor.get(path)
    program = await api.signed_in(SECOND_EDITOR)
    slug = path.rsplit("/", 1)[1]
    read = await program.get(f"/issues/{slug}")
    theirs = {"focus": {"de": "Pflege", "en": "Care"}}
    assert (await program.patch(f"/issues/{slug}", theirs, read.headers["etag"])).status_code == 200
    overtaken = await editor.submit(page, path, title_de="Herbst", title_en="Autumn", focus_de="Holz", focus_en="")
    assert overtaken.status_code == 422
    assert "Schwerpunkt „Pflege“" in overtaken.text
    assert 'value="Holz"' in overtaken.text
    saved = await editor.submit(overtaken, path, title_de="Herbst", title_en="Autumn", focus_de="Holz", focus_en="Wood")
    assert heading(saved) == "Herbst"
    untitled = await editor.submit(saved, path, title_de="", title_en="", focus_de="", focus_en="")
    assert 'href="#field-title_de"' in untitled.text


async def test_a_section_with_text_items_and_collected_offers(open_browser: Opener) -> None:
    editor = await open_browser(EDITOR)
    path = f"{await _begin(editor)}/abschnitte/offers"
    page = await editor.get(path)
    first, second, third = (await _collected(page))[:3]
    places: dict[str, Any] = {f"place_{first}": "9", f"place_{second}": "1", f"place_{third}": "2"}
    saved = await editor.submit(
        page,
        path,
        text_de="Neu in den **Netzwerken**",
        item0_title_de="Handreichung",
        item0_text_de="Zum Herunterladen.",
        item0_link="https://example.org/handreichung",
        pinned=[second],
        dropped=[third],
        **places,
        action="more",
    )
    assert "Gespeichert" in saved.text
    order = await _collected(saved)
    assert order.index(second) < order.index(first)
    assert 'href="/en/angebote/' in (await editor.get(f"/en{path}")).text
    assert f'name="pinned" value="{second}" checked' in saved.text
    assert f'name="dropped" value="{third}" checked' in saved.text
    assert "Eintrag 1: Handreichung" in saved.text
    # The item goes when it is marked, and an empty new one is never stored.
    emptied = await editor.submit(
        saved, path, text_de="", item0_title_de="Handreichung", remove=["0"], pinned=[], dropped=[], action="more"
    )
    assert "Handreichung" not in emptied.text


async def test_wrong_items_are_said_at_their_fields(open_browser: Opener) -> None:
    editor = await open_browser(EDITOR)
    path = f"{await _begin(editor)}/abschnitte/legislation"
    page = await editor.get(path)
    wrong = await editor.submit(page, path, item0_text_de="Ohne Titel", item0_link="javascript:alert(1)")
    assert wrong.status_code == 422
    assert 'href="#field-item0_title_de"' in wrong.text
    assert 'href="#field-item0_link"' in wrong.text
    assert "Ohne Titel</textarea>" in wrong.text
    again = await editor.submit(wrong, path, item0_text_de="Ohne Titel", item0_link="javascript:alert(1)")
    assert again.text.count("<summary>Eintrag") == 1, "no empty boxes gather"
    assert (await editor.get(path.replace("legislation", "imprint"))).status_code == 404
    assert (await editor.get(path.replace("legislation", "wetter"))).status_code == 404


async def test_preview_as_a_subscriber_stands_in_a_frame_of_its_own(open_browser: Opener) -> None:
    editor = await open_browser(EDITOR)
    path = await _begin(editor)
    everywhere = await editor.get(f"{path}/vorschau?language=de")
    assert "frame-src 'self'" in everywhere.headers["content-security-policy"]
    frame = re.search(r'<iframe class="mail" src="([^"]+)" sandbox ', everywhere.text)
    assert frame is not None
    mail = await editor.get(frame[1].replace("&amp;", "&"))
    assert "sandbox" in mail.headers["content-security-policy"]
    assert "script-src" not in mail.headers["content-security-policy"]
    harz = await editor.get(f"{path}/vorschau/mail?language=de&districts=landkreis-harz")
    stendal = await editor.get(f"{path}/vorschau/mail?language=en&districts=landkreis-stendal")
    assert "Sprachcafé Pflege in Halberstadt" in harz.text
    assert "Sprachcafé Pflege in Halberstadt" not in stendal.text
    assert 'lang="en"' in stendal.text


async def test_from_draft_over_a_second_person_to_the_report(open_browser: Opener, api: Program, world: World) -> None:
    editor, second = await open_browser(EDITOR), await open_browser(SECOND_EDITOR)
    path = await _begin(editor)
    section = f"{path}/abschnitte/editorial"
    await editor.submit(
        await editor.get(section), section, text_de="Liebe Leserinnen und Leser", text_en="Dear readers"
    )
    submitted = await editor.submit(await editor.get(path), f"{path}/einreichen")
    assert "zur Freigabe" in submitted.text
    assert f'action="{path}/freigeben"' not in submitted.text
    approved = await second.submit(await second.get(path), f"{path}/freigeben")
    assert "freigegeben" in approved.text
    asked = await editor.get(f"{path}/versenden")
    assert heading(asked) == "Ausgabe versenden?"
    report = await editor.submit(asked, f"{path}/versenden")
    assert report.url.path == f"{path}/versand"
    program = await api.signed_in(EDITOR)
    issue = (await program.get(f"/issues/{path.rsplit('/', 1)[1]}")).json()
    await world.kit.services["newsletter"].jobs.run("send_batch", issue["id"])
    report = await editor.get(f"{path}/versand")
    assert "beratung.harz@example.org" in report.text
    assert await world.mails_to("beratung.harz@example.org")
    failed = await editor.get(f"{path}/versand?status=failed")
    assert "Hier steht niemand." in failed.text
    # What went out cannot be changed or sent again.
    assert (await editor.submit(asked, f"{path}/versenden")).status_code == 422
    for late in ("versenden", "sendezeit"):
        assert (await editor.get(f"{path}/{late}")).url.path == path
    visitor = await open_browser()
    assert "Liebe Leserinnen und Leser" in (await visitor.get(path.replace("/redaktion", "/newsletter"))).text


async def test_steps_that_do_not_fit_are_explained(open_browser: Opener) -> None:
    editor = await open_browser(EDITOR)
    path = await _begin(editor)
    page = await editor.get(path)
    assert (await editor.submit(page, f"{path}/einreichen")).status_code == 200
    # The page from before: it was submitted meanwhile.
    stale = await editor.submit(page, f"{path}/einreichen")
    assert stale.status_code == 422
    # The person who began the issue may not approve it.
    token = hidden_fields(page.text, f"{path}/einreichen")["form_token"]
    for step, status in (("freigeben", 403), ("versenden", 422)):
        answer = await editor.http.post(
            f"{path}/{step}", data={"form_token": token}, headers={"sec-fetch-site": "same-origin"}
        )
        assert answer.status_code == status
