"""The desk's pages about readers: looking one up, acting on request, who gets no mail, taking over a list."""

from __future__ import annotations

import httpx2
import pytest

from services.newsletter.subscribers.models import Subscriber
from tests.gateway.conftest import Opener
from tests.gateway.world import COORDINATOR, EDITOR, ORIGIN, Browser, heading, hidden_fields

DESK = "/redaktion/abonnenten"
READER = "beratung.harz@example.org"
LIST = "email;eingewilligt_am;quelle;text\nneu@example.org;31.05.2024;Karte;Ja, gern\nkaputt;gestern;;"


async def _looked_up(browser: Browser, address: str = READER) -> str:
    page = await browser.submit(await browser.get(DESK), f"{DESK}/auskunft", email=address)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert address not in str(page.url)
    return page.text


async def test_somebody_is_looked_up_to_print_the_proof(open_browser: Opener) -> None:
    browser = await open_browser(EDITOR)
    overview = await browser.get(DESK)
    assert heading(overview) == "Abonnements"
    text = await _looked_up(browser)
    assert "bestellt und bestätigt" in text
    assert "Nachweis der Einwilligung" in text
    wrong = await browser.submit(overview, f"{DESK}/auskunft", email="keine Adresse")
    assert wrong.status_code == 422
    assert 'href="#field-email"' in wrong.text


async def test_ending_suppressing_and_allowing_again_on_request(open_browser: Opener) -> None:
    browser = await open_browser(EDITOR)
    page = await browser.submit(await browser.get(DESK), f"{DESK}/auskunft", email=READER)
    unreasoned = await browser.submit(page, f"{DESK}/aendern", verb="beenden", note="")
    assert unreasoned.status_code == 422
    assert 'href="#field-note"' in unreasoned.text
    ended = await browser.submit(page, f"{DESK}/aendern", verb="beenden", note="Anruf vom 3. März")
    assert "Das Abonnement ist beendet." in ended.text
    assert not await Subscriber.filter(address=READER).exists()
    blocked = await browser.submit(ended, f"{DESK}/aendern", verb="sperren", note="Brief vom 4. März")
    assert "von der Redaktion gesperrt" in blocked.text
    listed = await browser.get(f"{DESK}/sperrliste")
    assert "von der Redaktion gesperrt (1)" in listed.text
    assert READER not in listed.text
    lifted = await browser.submit(blocked, f"{DESK}/aendern", verb="entsperren", note="Irrtum, Anruf")
    assert "Die Adresse ist nicht mehr gesperrt." in lifted.text
    assert "Irrtum, Anruf" in lifted.text
    assert (await browser.submit(lifted, f"{DESK}/aendern", verb="loben", note="weil")).status_code == 404


async def test_a_list_is_tried_and_taken_over(open_browser: Opener) -> None:
    browser = await open_browser(EDITOR)
    page = await browser.get(f"{DESK}/uebernahme")
    tried = await browser.submit(page, f"{DESK}/uebernahme", csv=LIST, step="try")
    assert "Probelauf: Es wurde nichts gespeichert." in tried.text
    assert "Wie und wo eingewilligt wurde" in tried.text
    assert tried.text.index("kaputt") < tried.text.index("neu@example.org"), "what is wrong comes first"
    assert "1 Zeile ohne Befund" in tried.text
    held = await browser.submit(tried, f"{DESK}/uebernahme", csv=LIST, step="take")
    assert "Nichts gespeichert" in held.text
    assert not await Subscriber.filter(address="neu@example.org").exists()
    taken = await browser.submit(tried, f"{DESK}/uebernahme", csv=LIST, step="take", skip_wrong="1")
    assert "Übernommen: 1" in taken.text
    again = await browser.submit(tried, f"{DESK}/uebernahme", csv=LIST.rpartition("\n")[0], step="take")
    assert "In dieser Liste ist niemand neu." in again.text
    no_list = await browser.submit(tried, f"{DESK}/uebernahme", csv="Guten Tag", step="take")
    assert no_list.status_code == 422
    assert 'href="#field-csv"' in no_list.text


async def test_a_file_is_read_once_and_kept_for_the_second_step(open_browser: Opener) -> None:
    browser = await open_browser(EDITOR)
    page = await browser.get(f"{DESK}/uebernahme")
    headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}

    async def upload(content: bytes) -> httpx2.Response:
        fields = {**hidden_fields(page.text), "step": "try"}
        files = {"file": ("liste.csv", content, "text/csv")}
        return await browser.http.post(f"{DESK}/uebernahme", data=fields, files=files, headers=headers)

    tried = await upload(LIST.encode("utf-8-sig"))
    assert "Probelauf: Es wurde nichts gespeichert." in tried.text
    assert "neu@example.org;31.05.2024;Karte;Ja, gern" in tried.text
    wrong = await upload("email\nbücher@example.org".encode("latin-1"))
    assert wrong.status_code == 422
    assert 'href="#field-file"' in wrong.text
    assert (await upload(b"x" * 1_100_000)).status_code == 413


@pytest.mark.parametrize("path", ["", "/sperrliste", "/uebernahme"])
async def test_it_is_the_editors_desk(open_browser: Opener, path: str) -> None:
    stranger = await open_browser()
    assert (await stranger.get(DESK + path)).url.path == "/anmelden"
    coordinator = await open_browser(COORDINATOR)
    assert (await coordinator.get(DESK + path)).status_code == 403
