"""What comes back: the desk's pages of it, and the address where a mail server posts it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

from services.contacts.service import service as contacts
from services.newsletter.bounces.intake import take
from services.newsletter.bounces.models import Reply, ReturnedMail
from services.newsletter.service import service as newsletter
from tests.gateway.conftest import Opener
from tests.gateway.page import parse
from tests.gateway.world import COORDINATOR, EDITOR, Browser, World, heading
from tests.kit import Database, counted_queries, running
from tests.services.newsletter.bounce_desk import BOUNCES, KEY, incoming, letter, report

BOUNCES_PAGE, REPLIES_PAGE = "/redaktion/ruecklaeufer", "/redaktion/zuschriften"
HOSTILE = "Guten Tag <script>alert(1)</script>&body=x\r\nich möchte mich abmelden."


async def test_an_editor_reads_a_letter_answers_it_and_ticks_it_off(open_browser: Opener) -> None:
    await take([incoming(letter(BOUNCES, HOSTILE, "Frage?cc=x@y.example"))])
    found = await Reply.get()
    browser = await open_browser(EDITOR)
    listed = await browser.get(REPLIES_PAGE)
    assert "offen (1)" in listed.text
    assert "möchte sich vielleicht abmelden" in listed.text
    page = await browser.get(f"{REPLIES_PAGE}/{found.id}")
    assert heading(page) == "Frage?cc=x@y.example"
    assert "<script>alert" not in page.text
    assert "Guten Tag &lt;script&gt;" in page.text
    answer = next(link for link in parse(page.text).links if link.startswith("mailto:frau@example.net?"))
    fields = parse_qs(urlsplit(answer).query)
    assert set(fields) == {"subject", "body"}  # nothing that was written becomes a field
    assert fields["subject"] == ["Re: Frage?cc=x@y.example"]
    assert "> ich möchte mich abmelden." in unquote(fields["body"][0])
    done = await browser.submit(page, action="done")
    assert "Wieder öffnen" in done.text
    assert "offen (0)" in (await browser.get(REPLIES_PAGE)).text
    assert "Frage?cc" in (await browser.get(f"{REPLIES_PAGE}?stand=done")).text
    gone = await browser.submit(done, action="delete")
    assert "Die Nachricht ist gelöscht." in gone.text
    assert (await browser.get(f"{REPLIES_PAGE}/{found.id}")).status_code == 404


async def test_bounces_are_counted_for_editors_only(open_browser: Opener) -> None:
    await take([incoming(report(BOUNCES)), incoming(letter(BOUNCES, "x", Auto_Submitted="auto-replied"))])
    await ReturnedMail.filter(kind="unknown").update(kind="hard", domain="gone.example")
    browser = await open_browser(EDITOR)
    with counted_queries("newsletter") as queries:
        page = await browser.get(BOUNCES_PAGE)
    assert len(queries) <= 8
    assert heading(page) == "Rückläufer"
    assert "gone.example" in page.text
    assert "automatische Antwort" in page.text
    assert 'aria-current="page"' in page.text
    english = await browser.get(f"/en{BOUNCES_PAGE}?tage=365&art=hard")
    assert "no such address" in english.text
    assert (await browser.get(f"{BOUNCES_PAGE}?ausgabe=gibt-es-nicht")).status_code == 404
    stranger = await open_browser(COORDINATOR)
    for path in (BOUNCES_PAGE, REPLIES_PAGE):
        assert (await stranger.get(path)).status_code == 403


async def test_a_mail_server_posts_with_its_key_and_nobody_else_does(sqlite: Database) -> None:
    headers = {"content-type": "message/rfc822", "x-envelope-to": BOUNCES, "x-envelope-from": "frau@example.net"}
    with_key = {**headers, "authorization": f"Bearer {KEY}"}
    large = letter(BOUNCES, "x" * 3_000_000)
    async with running([contacts, newsletter], sqlite, bounce_address=BOUNCES, bounce_http_key=KEY) as kit:
        async with Browser(World(kit)) as server:
            for wrong in (headers, {**headers, "authorization": "Bearer guess"}):
                assert (await server.http.post("/eingang/mail", content=large, headers=wrong)).status_code == 401
            assert await Reply.all().count() == 0
            assert (await server.http.post("/eingang/mail", content=large, headers=with_key)).status_code == 204
            assert (await Reply.get()).shortened
        without = World(replace(kit, settings=replace(kit.settings, bounce_http_key="")))
        async with Browser(without) as server:
            assert (await server.http.post("/eingang/mail", content=large, headers=with_key)).status_code == 404
        async with Browser(without) as server:  # nor is the service's own address reached by the public API
            assert (await server.http.post("/api/v1/incoming", content=large, headers=with_key)).status_code == 404
