"""The searches in an account: kept, run with what is new marked, renamed, told by mail, deleted, by their owner."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gateway.app import create_app
from infra.web.client import ServiceClient
from services.search.models import SavedSearch
from tests.gateway.conftest import Opener
from tests.gateway.test_coordination import FORM
from tests.gateway.test_keep_search import KEEP, link, mail, publish, text_of
from tests.gateway.test_parts_away import Without
from tests.gateway.world import COORDINATOR, EDITOR, MEMBER, Browser, World, heading
from tests.services.search.alerts import morning

LIST = "/konto/suchen"


async def kept(browser: Browser, **fields: str) -> str:
    """Keep the search; the path of its page."""
    sent: dict[str, Any] = {"frequency": "none", **fields}
    page = await browser.submit(await browser.get(KEEP), KEEP, **sent)
    assert page.url.path == LIST, page.text
    found = re.search(rf'<h2 class="kern-title"><a href="({LIST}/[\w-]+)"', page.text)
    assert found is not None
    return found[1]


async def test_a_member_keeps_runs_changes_and_deletes_a_search(open_browser: Opener, world: World) -> None:
    member = await open_browser(MEMBER)
    form = await member.get(KEEP)
    assert 'value="„Lernwerkstatt“, Angebot, Landkreis Harz"' in form.text
    assert 'name="email"' not in form.text
    path = await kept(member, name="Werkstätten im Harz")
    overview = await member.get(LIST)
    assert "Werkstätten im Harz" in overview.text
    assert "nichts Neues" in overview.text
    assert LIST in (await member.get("/konto")).text

    await publish(await open_browser(COORDINATOR))
    await world.tell()
    assert "1 neuer Treffer" in (await member.get(LIST)).text
    run = await member.get(path)
    assert heading(run) == "Werkstätten im Harz"
    assert "Holz in Quedlinburg" in run.text
    assert run.text.count("<strong>neu</strong>") == 1
    again = await member.get(path)
    assert "<strong>neu</strong>" not in again.text
    assert "nichts Neues" in (await member.get(LIST)).text

    page = await member.get(f"{path}/aendern")
    wrong = await member.submit(page, f"{path}/aendern", name="x" * 400, frequency="weekly")
    assert wrong.status_code == 422
    assert 'href="#field-name"' in wrong.text
    changed = await member.submit(page, f"{path}/aendern", name="Harz", frequency="weekly")
    assert "Die Änderung ist gespeichert." in changed.text
    assert "montags um 6 Uhr" in changed.text

    asked = await member.get(f"{path}/loeschen")
    assert heading(asked) == "Suche löschen?"
    assert (await member.get(path)).status_code == 200
    gone = await member.submit(asked, f"{path}/loeschen")
    assert "Die Suche ist gelöscht." in gone.text
    assert "Sie haben noch keine Suche gemerkt." in gone.text
    assert (await member.get(path)).status_code == 404


async def test_a_member_gets_mails_and_stops_them_without_signing_in(open_browser: Opener, world: World) -> None:
    member, visitor = await open_browser(MEMBER), await open_browser()
    path = await kept(member, frequency="daily")
    await publish(await open_browser(COORDINATOR))
    await world.tell()
    await morning()
    await world.tell()
    told = await mail(world, "contacts", MEMBER)
    assert str(FORM["title"]) in text_of(told)
    assert path in text_of(told)
    stop = link(told, "stoppen")
    assert stop.startswith("/konto/meldung/stoppen/")
    headers = {"sec-fetch-site": "cross-site", "origin": "https://mail.example"}
    answer = await visitor.http.post(stop, headers=headers, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "In Ihrem Konto stellen Sie es wieder ein." in answer.text
    await world.tell()
    overview = await member.get(LIST)
    assert "keine E-Mails" in overview.text
    pressed = await visitor.submit(await visitor.get(stop), stop)
    assert heading(pressed) == "Die Suchmeldung ist beendet"


async def test_nobody_else_gets_there(open_browser: Opener) -> None:
    path = await kept(await open_browser(MEMBER))
    visitor, other = await open_browser(), await open_browser(EDITOR)
    for page in (LIST, path, f"{path}/aendern", f"{path}/loeschen"):
        asked = await visitor.http.get(page)
        assert asked.status_code == 303
        assert asked.headers["location"].startswith("/anmelden?next=")
    for page in (path, f"{path}/aendern", f"{path}/loeschen", f"{LIST}/keine"):
        assert (await other.get(page)).status_code == 404
    token = await other.get(KEEP)
    for page in (f"{path}/aendern", f"{path}/loeschen"):
        assert (await other.submit(token, page, name="x", frequency="none")).status_code == 404


async def test_more_searches_than_fit_are_refused_in_words(open_browser: Opener) -> None:
    member = await open_browser(MEMBER)
    page = await member.get(KEEP)
    for _number in range(50):
        assert (await member.submit(page, KEEP, follow=False, frequency="none")).status_code == 303
    full = await member.submit(page, KEEP, frequency="none", name="Noch eine")
    assert full.status_code == 422
    assert "50 Suchen" in full.text
    assert 'value="Noch eine"' in full.text


async def test_a_search_that_is_out_of_date_and_an_old_page_of_it_are_no_dead_end(open_browser: Opener) -> None:
    member = await open_browser(MEMBER)
    path = await kept(member)
    old = await member.get(f"{path}?cursor=kaputt")
    assert old.url.path == path
    assert not old.url.query
    row = await SavedSearch.filter().get()
    criteria = {**row.criteria, "district": ["aufgeloester-kreis"]}
    await SavedSearch.filter(id=row.id).update(criteria=criteria)
    page = await member.get(path)
    assert page.status_code == 200
    assert "Diese Suche lässt sich so nicht mehr machen." in page.text
    assert "aufgeloester-kreis" in page.text
    assert f"{path}/loeschen" in page.text


async def test_while_search_is_away_nothing_is_promised(world: World) -> None:
    settings = world.kit.settings
    transport = Without(world.kit.client._transport, "none", broken=False)
    world.__dict__["gateway"] = create_app(settings, ServiceClient(transport, settings.secret), {})
    async with Browser(world) as member:
        await member.sign_in(MEMBER)
        path = await kept(member)
        transport.missing = "search"
        assert "Ihre Suchen lassen sich gerade nicht zeigen." in (await member.get(LIST)).text
        assert (await member.get(path)).status_code == 503
        form = await member.get(KEEP)
        assert "Zurzeit" not in form.text
        failed = await member.submit(form, KEEP, name="Später", frequency="daily")
        assert failed.status_code == 503
        assert 'value="Später"' in failed.text
        assert 'value="daily" checked' in failed.text


@pytest.mark.parametrize("prefix", ["", "/en"])
async def test_what_a_person_wrote_is_shown_as_text(open_browser: Opener, prefix: str) -> None:
    member = await open_browser(MEMBER)
    page = await member.get(f"{prefix}/suche/merken?q=<b>kurs</b>")
    assert "<b>kurs" not in page.text
    name = '"><script>alert(1)</script>'
    listed = await member.submit(page, str(page.url), name=name, frequency="none")
    assert "<script>alert" not in listed.text
    assert "&lt;script&gt;" in listed.text
