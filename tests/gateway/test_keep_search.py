"""Keeping a search without an account: from the results to the mail, and what is said when a part of it fails."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx2

from gateway.app import create_app
from infra.mail import StoredMail
from infra.web.client import ServiceClient
from tests.gateway.conftest import Opener
from tests.gateway.page import parse
from tests.gateway.test_coordination import FORM, NEW
from tests.gateway.test_parts_away import Without
from tests.gateway.world import COORDINATOR, ORIGIN, Browser, World, heading
from tests.services.search.alerts import morning

ADDRESS = "leserin@example.org"
SEARCH = "q=Lernwerkstatt&kind=offer&district=landkreis-harz"
KEEP = f"/suche/merken?{SEARCH}"


async def order(browser: Browser, path: str = KEEP, **changes: str) -> httpx2.Response:
    """Send the form at `path`."""
    fields: dict[str, Any] = {"email": ADDRESS, "frequency": "daily", **changes}
    return await browser.submit(await browser.get(path), path, **fields)


async def mail(world: World, service: str = "newsletter", address: str = ADDRESS) -> StoredMail:
    """The newest mail to somebody, after all that waits was sent."""
    await world.kit.services[service].jobs.run("send_alerts")
    return (await world.mails_to(address))[0]


def text_of(found: StoredMail) -> str:
    """What the mail says."""
    return next(part.content for part in found.parts if part.type == "text/plain")


def link(found: StoredMail, part: str) -> str:
    """The path of a link in a mail."""
    said = re.search(rf"{ORIGIN}(/\S*/{part}/[\w.~-]+)", text_of(found))
    assert said is not None, text_of(found)
    return said[1]


async def confirmed(world: World, browser: Browser, path: str = KEEP) -> httpx2.Response:
    """The page after the order was confirmed by the mail."""
    await order(browser, path)
    return await browser.submit(await browser.get(link(await mail(world), "bestaetigen")))


async def publish(browser: Browser, **changes: str) -> None:
    """Publish the offer of the coordinator's form."""
    answer = await browser.submit(await browser.get(NEW), NEW, **{**FORM, "action": "publish", **changes})
    assert "Veröffentlicht" in answer.text


async def test_from_the_results_to_the_mail_and_out_again(open_browser: Opener, world: World) -> None:
    visitor = await open_browser()
    results = await visitor.get(f"/suche?{SEARCH}")
    assert html.escape(KEEP) in results.text or KEEP in {html.unescape(one) for one in parse(results.text).links}
    form = await visitor.get(KEEP)
    assert heading(form) == "Suche merken"
    assert "„Lernwerkstatt“, Angebot, Landkreis Harz" in form.text
    assert "Zurzeit 0 Treffer" in form.text
    assert "Öffnen und Klicken werden nicht gemessen." in form.text
    assert (await order(visitor)).url.path == "/suche/merken/danke"

    asked_for = await mail(world)
    path = link(asked_for, "bestaetigen")
    for _time in range(2):  # a scanner that opens the link confirms nothing
        page = await visitor.get(path)
        assert heading(page) == "Suchmeldung bestätigen"
    done = await visitor.submit(page)
    assert heading(done) == "Ihre Suchmeldung ist eingerichtet"
    assert ADDRESS not in done.text
    assert any(one.startswith("/suche?") for one in parse(done.text).links)
    await world.tell()

    await publish(await open_browser(COORDINATOR))
    await world.tell()
    await morning()
    await world.tell()
    told = await mail(world)
    assert str(FORM["title"]) in text_of(told)
    assert "/angebote/lernwerkstatt-holz-in-quedlinburg" in text_of(told)
    assert "One-Click" in dict(told.headers)["List-Unsubscribe-Post"]

    stop = link(told, "stoppen")
    assert heading(await visitor.get(stop)) == "Suchmeldung beenden"
    # A mail provider posts from elsewhere, without cookie, form token or origin of ours.
    headers = {"sec-fetch-site": "cross-site", "origin": "https://mail.example"}
    data = {"List-Unsubscribe": "One-Click"}
    answer = await visitor.http.post(stop, headers=headers, data=data, follow_redirects=False)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert heading(answer) == "Die Suchmeldung ist beendet"
    assert not visitor.http.cookies
    await world.tell()
    await publish(await open_browser(COORDINATOR), title="Lernwerkstatt Metall in Thale")
    await world.tell()
    before = len(await world.mails_to(ADDRESS))
    await morning(20)
    await world.tell()
    await mail(world)
    assert len(await world.mails_to(ADDRESS)) == before


async def test_the_button_of_the_page_stops_as_well_and_twice_says_the_same(open_browser: Opener, world: World) -> None:
    visitor = await open_browser()
    done = await confirmed(world, visitor, f"/en{KEEP}")
    assert heading(done) == "Your search alert is set up"
    stop = re.search(r'href="(/en/suche/meldung/stoppen/[^"]+)"', done.text)
    assert stop is not None
    for _time in range(2):
        gone = await visitor.submit(await visitor.get(stop[1]), stop[1])
        assert heading(gone) == "The search alert is stopped"


async def test_what_is_wrong_stands_at_its_field_and_the_form_stays_filled(open_browser: Opener) -> None:
    browser = await open_browser()
    for field, value in (("email", "ohne-at"), ("email", ""), ("frequency", "hourly")):
        answer = await order(browser, **{"frequency": "weekly", field: value})
        assert answer.status_code == 422
        page = parse(answer.text)
        assert page.title.startswith("Fehler:")
        assert f"#field-{field}" in page.links
        assert f"field-{field}" in page.ids
        assert f'value="{value if field == "email" else ADDRESS}"' in answer.text
        assert ('value="weekly" checked' in answer.text) == (field == "email")


async def test_a_search_that_cannot_be_made_is_explained_on_its_page(open_browser: Opener) -> None:
    browser = await open_browser()
    answer = await browser.get("/suche/merken?q=kurs&near=Nirgendwostadt")
    assert answer.url.path == "/suche"
    assert answer.status_code == 422
    fields: dict[str, Any] = {"email": ADDRESS, "frequency": "daily"}
    posted = await browser.submit(await browser.get(KEEP), "/suche/merken?near=Nirgendwostadt", **fields)
    assert posted.status_code == 422
    assert "#field-search" in parse(posted.text).links


async def test_what_is_searched_is_said_in_words(open_browser: Opener) -> None:
    browser = await open_browser()
    for query, words in (
        ("", "alle Einträge"),
        ("near=Sachsen-Anhalt", "in Sachsen-Anhalt"),
        ("q=kurs&near=39104&radius=50", "„kurs“, bis 50 km um 39104"),
        ("stage=language&language=uk", "Sprache, Ukrainisch"),
    ):
        assert f"<strong>{words}</strong>" in (await browser.get(f"/suche/merken?{query}")).text


async def test_many_orders_from_one_sender_are_slowed_down(open_browser: Opener) -> None:
    browser = await open_browser()
    page = await browser.get(KEEP)
    for _number in range(30):
        await browser.submit(page, KEEP, follow=False, email="ohne-at", frequency="daily")
    slowed = await browser.submit(page, KEEP, email=ADDRESS, frequency="daily")
    assert "Zu viele Versuche" in slowed.text
    assert f'value="{ADDRESS}"' in slowed.text


async def test_a_form_of_another_site_keeps_nothing(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    fields = {"email": ADDRESS, "frequency": "daily"}
    foreign = {"sec-fetch-site": "cross-site"}
    assert (await browser.http.post(KEEP, data=fields, headers=foreign)).status_code == 403
    assert (await browser.http.post(KEEP, data=fields)).status_code == 403
    await world.kit.services["newsletter"].jobs.run("send_alerts")
    assert not await world.mails_to(ADDRESS)


async def test_forged_links_open_nothing(open_browser: Opener) -> None:
    browser = await open_browser()
    for path in ("/suche/meldung/bestaetigen/x", "/suche/meldung/stoppen/x", "/konto/meldung/stoppen/x"):
        page = await browser.get(path)
        assert page.status_code == 200
        answer = await browser.submit(page, path)
        assert answer.status_code in (404, 422)
        assert "Dieser Link ist ungültig" in answer.text


async def test_when_the_second_half_fails_nothing_is_promised_and_trying_again_works(world: World) -> None:
    settings = world.kit.settings
    transport = Without(world.kit.client._transport, "newsletter", broken=False)
    world.__dict__["gateway"] = create_app(settings, ServiceClient(transport, settings.secret), {})
    async with Browser(world) as browser:
        refused = await browser.get(KEEP)
        assert "Suchmeldungen lassen sich gerade nicht bestellen." in refused.text
        assert '<form class="form"' not in refused.text
        transport.missing = "nobody"
        page = await browser.get(KEEP)
        transport.missing = "newsletter"
        failed = await browser.submit(page, KEEP, email=ADDRESS, frequency="daily")
        assert failed.status_code == 503
        assert "gerade nicht erreichbar" in failed.text
        assert "geschickt" not in failed.text
        assert f'value="{ADDRESS}"' in failed.text
        transport.missing = "nobody"
        again = await browser.submit(failed, KEEP, email=ADDRESS, frequency="daily")
        assert again.url.path == "/suche/merken/danke"
        assert ADDRESS in (await mail(world)).recipient
