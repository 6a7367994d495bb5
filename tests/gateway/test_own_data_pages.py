"""The pages of one's own data at the newsletter, and what programs that open every link of a mail change: nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from services.newsletter.subscribers.models import AddressMove, Consent, ServiceMail, Subscriber, Suppression
from tests.gateway.conftest import Opener
from tests.gateway.world import ORIGIN, Browser, World, heading

READER, NEW = "leserin@example.org", "leserin.neu@example.org"
_LINK = re.compile(rf"{ORIGIN}(/\S*/[\w.~-]+)")
_HREF = re.compile(r'(?:href|action)="(/(?:en/)?newsletter/[^"#]+)"')


async def _send(world: World) -> None:
    await world.kit.services["newsletter"].jobs.run("send_service_mails")


async def _links(world: World, address: str = READER) -> list[str]:
    """The paths of all links in the mails to an address, newest mail first."""
    mails = await world.mails_to(address)
    return [path for mail in mails for path in _LINK.findall(mail.parts[0].content)]


async def _link(world: World, part: str, address: str = READER) -> str:
    await _send(world)
    return next(path for path in await _links(world, address) if f"/{part}/" in path)


async def _confirmed(world: World, browser: Browser) -> httpx2.Response:
    page = await browser.get("/newsletter")
    await browser.submit(page, "/newsletter", email=READER, districts=["landkreis-harz"], language="de")
    return await browser.submit(await browser.get(await _link(world, "bestaetigen")))


async def _own(world: World, browser: Browser) -> str:
    """The path of one's own data, asked for by the form."""
    asked = await browser.submit(await browser.get("/newsletter/zugang"), "/newsletter/zugang", email=READER)
    assert "Bitte schauen Sie in Ihr Postfach" in asked.text
    return await _link(world, "meine-daten")


async def _stored() -> list[Any]:
    rows = [await model.all().values() for model in (Subscriber, Consent, Suppression, AddressMove, ServiceMail)]
    return [sorted(map(str, some)) for some in rows]


async def test_the_sign_up_keeps_which_form_and_which_words(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    page = await browser.get("/en/newsletter")
    await browser.submit(page, "/en/newsletter", email=READER, language="de")
    reader = await Subscriber.get(address=READER)
    asked = await Consent.get(subscriber_id=reader.id)
    assert (asked.form, asked.language, asked.text_version) == ("/en/newsletter", "en", "2026-11")


async def test_one_sees_everything_prints_the_proof_and_takes_it_along(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    await _confirmed(world, browser)
    path = await _own(world, browser)
    page = await browser.get(path)
    assert READER in page.text
    assert page.headers["cache-control"] == "no-store"
    proof = await browser.get(f"{path}/nachweis")
    assert heading(proof) == "Nachweis der Einwilligung"
    assert "Öffnen und Klicken werden nicht gemessen." in proof.text
    assert "Mailserver hat die E-Mail" in proof.text
    taken = await browser.submit(page, f"{path}/export")
    assert taken.headers["content-disposition"] == 'attachment; filename="lotse-newsletter-meine-daten.json"'
    assert [line["act"] for line in taken.json()["proof"]] == ["asked", "mailed", "confirmed"]
    assert not browser.http.cookies


async def test_one_moves_to_another_address(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    await _confirmed(world, browser)
    path = await _own(world, browser)
    wrong = await browser.submit(await browser.get(path), path, email="keine Adresse")
    assert wrong.status_code == 422
    assert 'href="#field-email"' in wrong.text
    asked = await browser.submit(await browser.get(path), path, email=NEW)
    assert "Bitte bestätigen Sie die neue Adresse" in asked.text
    moved = await browser.submit(await browser.get(await _link(world, "adresse", NEW)))
    assert heading(moved) == "Ihre neue Adresse gilt"
    await _send(world)
    [told, *_] = await world.mails_to(READER)
    assert told.subject == "Ihr Newsletter geht an eine neue Adresse"
    assert (await browser.get(path)).status_code == 404


async def test_one_erases_everything(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    await _confirmed(world, browser)
    path = await _own(world, browser)
    asked = await browser.get(f"{path}/loeschen")
    assert await Subscriber.filter(address=READER).exists()
    assert heading(await browser.submit(asked, f"{path}/loeschen")) == "Ihre Daten sind gelöscht"
    assert not await Subscriber.filter(address=READER).exists()
    assert (await browser.get(path)).status_code == 404


async def test_from_the_preferences_the_way_to_the_data_is_mailed_to_the_reader(
    open_browser: Opener, world: World
) -> None:
    browser = await open_browser()
    confirmed = await _confirmed(world, browser)
    found = re.search(r'href="(/newsletter/einstellungen/[^"]+)"', confirmed.text)
    assert found is not None
    preferences = await browser.get(found[1])
    sent = await browser.submit(preferences, f"{found[1]}/zugang")
    assert "Bitte schauen Sie in Ihr Postfach" in sent.text
    assert READER not in sent.text
    assert READER in (await browser.get(await _link(world, "meine-daten"))).text


async def test_frequency_and_pause_are_chosen_and_shown(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    confirmed = await _confirmed(world, browser)
    found = re.search(r'href="(/newsletter/einstellungen/[^"]+)"', confirmed.text)
    assert found is not None
    until = (datetime.now(UTC).date() + timedelta(days=100)).isoformat()
    page = await browser.get(found[1])
    wish: dict[str, Any] = {"language": "de", "frequency": "every"}
    saved = await browser.submit(page, found[1], paused_until=until, **wish)
    assert "Gespeichert" in saved.text
    assert f'value="{until}"' in saved.text
    assert 'value="every" checked' in saved.text
    wrong = await browser.submit(page, found[1], paused_until="2001-01-01", **wish)
    assert wrong.status_code == 422
    assert 'href="#field-paused_until"' in wrong.text
    silly = await browser.submit(page, found[1], paused_until="morgen", **wish)
    assert 'href="#field-paused_until"' in silly.text


async def test_programs_that_open_every_link_change_nothing(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    page = await browser.get("/newsletter")
    await browser.submit(page, "/newsletter", email="andere@example.org", language="de")
    await _confirmed(world, browser)
    path = await _own(world, browser)
    await browser.submit(await browser.get(path), path, email=NEW)
    await _send(world)
    paths = {link for address in (READER, NEW, "andere@example.org") for link in await _links(world, address)}
    assert {part.split("/")[-2] for part in paths} >= {"bestaetigen", "meine-daten", "adresse"}
    before, opened = await _stored(), set[str]()
    while paths - opened:  # what the pages link to is opened too, as a careful scanner does
        for link in sorted(paths - opened):
            opened.add(link)
            shown = await browser.get(link)
            await browser.http.head(link)
            if "/newsletter/" in link:
                paths.update(found for found in _HREF.findall(shown.text) if "/ausgaben" not in found)
    assert {"abmelden", "einstellungen", "loeschen", "nachweis"} <= {
        part for link in opened for part in link.split("/")
    }
    assert await _stored() == before


async def test_many_wishes_from_one_sender_are_slowed_down(open_browser: Opener) -> None:
    browser = await open_browser()
    page = await browser.get("/newsletter/zugang")
    for number in range(20):
        answer = await browser.submit(page, "/newsletter/zugang", email=f"p{number}@example.org")
        assert answer.status_code == 200
    slowed = await browser.submit(page, "/newsletter/zugang", email="p21@example.org")
    assert slowed.status_code == 422
    assert "Zu viele Versuche" in slowed.text
