"""The desk's pages around releasing an issue, and the archive: by browser, without JavaScript, with both rights."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import fromstring

from services.newsletter.service import service as newsletter
from tests.gateway.api_client import Program
from tests.gateway.conftest import Opener
from tests.gateway.first_issue import SLUG, first_issue
from tests.gateway.world import EDITOR, SECOND_EDITOR, World, heading

WRITER = "redaktion3@example.org"
DESK = f"/redaktion/ausgaben/{SLUG}"
ATOM = "{http://www.w3.org/2005/Atom}"


async def begun(api: Program) -> Program:
    """The issue of the quarter, begun by its writer."""
    writer = await api.signed_in(WRITER)
    answer = await writer.post("/issues", {"quarter": SLUG.upper()})
    assert answer.status_code == 201, answer.text
    return writer


async def test_who_only_writes_finds_no_way_to_release(open_browser: Opener, api: Program) -> None:
    await begun(api)
    writer = await open_browser(WRITER)
    page = await writer.get(DESK)
    assert "/einreichen" in page.text
    assert "/freigeben" not in page.text
    for part in ("sendezeit", "versenden"):
        assert (await writer.get(f"{DESK}/{part}")).status_code == 403
    submitted = await writer.submit(page, f"{DESK}/einreichen")
    assert "zur Freigabe" in submitted.text
    publisher = await open_browser(SECOND_EDITOR)
    assert "/freigeben" in (await publisher.get(DESK)).text


async def test_what_the_checks_found_stands_on_a_page_and_at_the_refused_step(
    open_browser: Opener, api: Program
) -> None:
    writer = await begun(api)
    read = await writer.get(f"/issues/{SLUG}")
    change = {"sections": [{"kind": "legislation", "text": {"de": "Neu: [Gesetz](http://10.0.0.1/)"}}]}
    assert (await writer.patch(f"/issues/{SLUG}", change, read.headers["etag"])).status_code == 200
    browser = await open_browser(SECOND_EDITOR)
    refused = await browser.submit(await browser.get(DESK), f"{DESK}/freigeben")
    assert refused.status_code == 422
    assert 'href="#field-legislation"' in refused.text
    assert 'id="field-legislation"' in refused.text
    await newsletter.jobs.run("check_links")
    page = await browser.get(f"{DESK}/pruefung")
    assert "Zu beheben" in page.text
    assert "http://10.0.0.1/ ist nicht öffentlich erreichbar." in page.text
    assert f"{DESK}/abschnitte/legislation" in page.text
    assert "Die englische Fassung fehlt" in page.text
    english = await browser.get(f"/en{DESK}/pruefung")
    assert "To mend" in english.text
    assert heading(english).startswith("Check:")


async def test_an_hour_is_set_shown_and_taken_back(open_browser: Opener, api: Program) -> None:
    await begun(api)
    browser = await open_browser(EDITOR)
    await browser.submit(await browser.get(DESK), f"{DESK}/freigeben")
    form = await browser.get(f"{DESK}/sendezeit")
    past = await browser.submit(form, f"{DESK}/sendezeit", day="2020-01-01", time="10:00")
    assert past.status_code == 422
    assert "schon vorbei" in past.text
    day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    done = await browser.submit(form, f"{DESK}/sendezeit", day=day, time="09:30")
    assert "geht von selbst hinaus" in done.text
    assert "9:30" in done.text
    form = await browser.get(f"{DESK}/sendezeit")
    assert f'value="{day}"' in form.text
    assert 'value="09:30"' in form.text
    back = await browser.submit(form, f"{DESK}/sendezeit", action="clear")
    assert "geht von selbst hinaus" not in back.text


async def test_a_test_mail_goes_to_oneself_unless_another_address_is_typed(
    world: World, open_browser: Opener, api: Program
) -> None:
    await begun(api)
    browser = await open_browser(WRITER)
    form = await browser.get(f"{DESK}/testmail")
    assert f'value="{WRITER}"' in form.text
    wrong = await browser.submit(form, f"{DESK}/testmail", to="keine", language="de")
    assert 'href="#field-to"' in wrong.text
    sent = await browser.submit(form, f"{DESK}/testmail", to=WRITER, language="en")
    assert "Die Testmail ist unterwegs." in sent.text
    await newsletter.jobs.run("send_tests")
    [mail] = await world.mails_to(WRITER)
    assert mail.subject.startswith("[Test] Lotse newsletter")


async def test_a_preview_is_narrow_and_dark_when_asked(open_browser: Opener, api: Program) -> None:
    await begun(api)
    browser = await open_browser(WRITER)
    page = await browser.get(f"{DESK}/vorschau?width=phone&scheme=dark&language=en")
    assert "mail--phone" in page.text
    frame = re.findall(r'<iframe[^>]*src="([^"]+)"', page.text)[0].replace("&amp;", "&")
    assert "@media all" in (await browser.get(frame)).text
    assert "@media not all" in (await browser.get(frame.replace("dark", "light"))).text


async def test_the_first_issue_reaches_readers_of_all_districts_and_stands_in_the_archive(
    world: World, open_browser: Opener
) -> None:
    outcome = await first_issue(world, readers=28)
    assert outcome.faults == {}
    assert outcome.report["sent"] == outcome.report["audience"] == sum(outcome.languages.values()) >= 28
    assert outcome.languages.keys() == {"de", "en"}
    assert outcome.largest < 102_000
    [mail] = await world.mails_to("welcome.office@example.org")
    assert f"/en/newsletter/ausgaben/{SLUG}/stadt-magdeburg" in mail.parts[0].content
    browser = await open_browser()
    whole, own = await browser.get(f"/newsletter/ausgaben/{SLUG}"), f"/newsletter/ausgaben/{SLUG}/stadt-magdeburg"
    district = await browser.get(own)
    assert "Gemeinsamer Sprechtag Anerkennung in Stendal" in whole.text
    assert "Gemeinsamer Sprechtag Anerkennung in Stendal" not in district.text
    assert "Die ganze Ausgabe lesen" in district.text
    chosen = await browser.get(f"/newsletter/ausgaben/{SLUG}?district=stadt-magdeburg")
    assert chosen.url.path == own
    both = await browser.get(f"/newsletter/ausgaben/{SLUG}?district=stadt-magdeburg&district=landkreis-stendal")
    assert "Gemeinsamer Sprechtag Anerkennung in Stendal" in both.text
    assert (await browser.get(f"/newsletter/ausgaben/{SLUG}/atlantis")).status_code == 404


async def test_issues_are_a_feed(open_browser: Opener) -> None:
    browser = await open_browser()
    assert "/newsletter/ausgaben.atom" in (await browser.get("/newsletter/ausgaben")).text
    feed = await browser.get("/newsletter/ausgaben.atom?district=landkreis-harz")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    root = fromstring(feed.content)
    [entry] = root.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}updated") == "2018-01-01T00:00:00+00:00"
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href", "").endswith("/newsletter/ausgaben/2018-01/landkreis-harz")
    assert (await browser.get("/newsletter/ausgaben.atom?district=quatsch")).status_code == 404
    again = await browser.get("/newsletter/ausgaben.atom", headers={"if-none-match": feed.headers["etag"]})
    assert again.status_code == 200, "another feed"
    same = await browser.get(str(feed.url), headers={"if-none-match": feed.headers["etag"]})
    assert same.status_code == 304
