"""A search as a feed and as a calendar: valid by their standards, public only, stable, and not sent twice."""

from __future__ import annotations

import re
from datetime import date, datetime
from xml.etree import ElementTree

import httpx2

from gateway import icalendar
from tests.gateway.conftest import Opener
from tests.gateway.page import parse
from tests.gateway.test_coordination import FORM
from tests.gateway.test_keep_search import publish
from tests.gateway.world import COORDINATOR, MEMBER, NETWORK, ORIGIN, World

ATOM = "{http://www.w3.org/2005/Atom}"
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+\d{2}:\d{2}")


def feed(answer: httpx2.Response) -> ElementTree.Element:
    """The feed in an answer."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content)


def said(element: ElementTree.Element, name: str) -> str:
    """The text of the one child of this name."""
    (found,) = element.findall(ATOM + name)
    return found.text or ""


def link(element: ElementTree.Element, rel: str) -> str:
    """The address of the one link of this kind."""
    (found,) = [item for item in element.findall(ATOM + "link") if item.get("rel") == rel]
    return found.get("href", "")


def unfolded(content: bytes) -> list[str]:
    """The lines of a calendar as they were before folding; every line as it stands obeys the limits."""
    assert content.endswith(b"\r\n")
    physical = content.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in physical)
    return content.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def events(answer: httpx2.Response) -> list[dict[str, str]]:
    """The properties of each event of a calendar."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/calendar")
    lines = unfolded(answer.content)
    assert (lines[0], lines[1], lines[-1]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    found: list[dict[str, str]] = []
    for block in "\n".join(lines).split("BEGIN:VEVENT\n")[1:]:
        inside = block.partition("\nEND:VEVENT")[0].split("\n")
        found.append({line.partition(":")[0]: line.partition(":")[2] for line in inside})
    return found


async def test_the_feed_is_valid_and_leads_to_the_pages(open_browser: Opener) -> None:
    browser = await open_browser()
    answer = await browser.get("/suche.atom?q=beratung&kind=offer")
    root = feed(answer)
    assert root.tag == ATOM + "feed"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"
    assert said(root, "title") == "Lotse: „beratung“, Angebot"
    assert link(root, "self") == f"{ORIGIN}/suche.atom?q=beratung&kind=offer"
    assert link(root, "alternate") == f"{ORIGIN}/suche?q=beratung&kind=offer"
    entries = root.findall(ATOM + "entry")
    assert 0 < len(entries) <= 50
    for element in (root, *entries):
        assert said(element, "id").startswith("urn:uuid:")
        assert MOMENT.fullmatch(said(element, "updated"))
        assert said(element, "title")
    assert len({said(entry, "id") for entry in entries}) == len(entries)
    assert said(root, "updated") == max(said(entry, "updated") for entry in entries)
    assert (await browser.get(link(entries[0], "alternate"))).status_code == 200
    assert [said(entry, "updated") for entry in entries] == sorted(
        (said(entry, "updated") for entry in entries), reverse=True
    )


async def test_the_english_feed_is_another_with_the_same_entries(open_browser: Opener) -> None:
    browser = await open_browser()
    german, english = feed(await browser.get("/suche.atom?q=EURES")), feed(await browser.get("/en/suche.atom?q=EURES"))
    assert english.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert said(german, "id") != said(english, "id")
    assert link(english, "self").startswith(f"{ORIGIN}/en/suche.atom?")
    for one, other in zip(german.findall(ATOM + "entry"), english.findall(ATOM + "entry"), strict=True):
        assert said(one, "id") == said(other, "id")
        assert link(other, "alternate").startswith(f"{ORIGIN}/en/")


async def test_results_lead_to_both_and_the_order_of_parameters_does_not_matter(open_browser: Opener) -> None:
    browser = await open_browser()
    page = await browser.get("/suche?q=beratung&topic=ehrenamt&topic=handwerk&sort=newest")
    links = parse(page.text).links
    (atom,) = {one for one in links if one.startswith("/suche.atom")}
    assert any(one.startswith("/suche.ics") for one in links)
    assert '<link rel="alternate" type="application/atom+xml"' in page.text
    turned = "/suche.atom?topic=handwerk&q=beratung&topic=ehrenamt"
    assert said(feed(await browser.get(atom)), "id") == said(feed(await browser.get(turned)), "id")


async def test_what_did_not_change_is_not_sent_twice(open_browser: Opener) -> None:
    browser = await open_browser()
    for path in ("/suche.atom?q=beratung", "/suche.ics?q=workshop"):
        first = await browser.get(path)
        tag = first.headers["etag"]
        assert "public" in first.headers["cache-control"]
        assert first.headers["last-modified"].endswith("GMT")
        for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            again = await browser.get(path, headers={"if-none-match": known})
            assert again.status_code == 304
            assert again.content == b""
            assert again.headers["etag"] == tag
        assert (await browser.get(path, headers={"if-none-match": '"other"'})).status_code == 200
        assert (await browser.http.head(path)).headers["etag"] == tag


async def test_a_new_offer_changes_the_feed(open_browser: Opener, world: World) -> None:
    browser = await open_browser()
    before = await browser.get("/suche.atom?kind=offer")
    await publish(await open_browser(COORDINATOR), summary='Mit <b>Zeichen</b> & "Anführung" \u2028 und \x0b mehr')
    await world.tell()
    after = await browser.get("/suche.atom?kind=offer", headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    (entry,) = [one for one in feed(after).findall(ATOM + "entry") if said(one, "title") == FORM["title"]]
    assert said(entry, "updated") == said(feed(after), "updated")
    assert "<b>Zeichen</b> & " in said(entry, "summary")


async def test_everybody_gets_what_everybody_may_see(open_browser: Opener, world: World) -> None:
    member, visitor, coordinator = await open_browser(MEMBER), await open_browser(), await open_browser(COORDINATOR)
    settings = f"/forum/{NETWORK}/einstellungen"
    await coordinator.submit(await coordinator.get(settings), settings, access="closed")
    await world.tell()
    path = "/suche.atom?kind=topic"
    answers = [await browser.get(path) for browser in (member, visitor)]
    assert answers[0].content == answers[1].content
    titles = {said(entry, "title") for entry in feed(answers[0]).findall(ATOM + "entry")}
    own = await member.get("/suche?kind=topic&sort=newest")
    shown = {re.sub(r"<[^>]+>", "", one) for one in re.findall(r'<h3 class="kern-title"><a [^>]*>(.*?)</a>', own.text)}
    assert shown - titles, "the member sees a topic that stands in no feed"


async def test_what_cannot_be_searched_for_is_answered_as_on_the_page(open_browser: Opener) -> None:
    browser = await open_browser()
    for query in ("near=Nirgendwostadt", "radius=x&near=39104", "district=mond", "language=%00", "q=!!!", "topic=x"):
        page = (await browser.get(f"/suche?{query}")).status_code
        answers = [(await browser.get(f"/suche.{kind}?{query}")).status_code for kind in ("atom", "ics")]
        assert answers == [page, page], query


async def test_the_calendar_has_the_days_of_what_takes_place(open_browser: Opener) -> None:
    browser = await open_browser()
    found = events(await browser.get("/suche.ics"))
    assert found
    for event in found:
        first, last = event["DTSTART;VALUE=DATE"], event["DTEND;VALUE=DATE"]
        assert datetime.strptime(last, "%Y%m%d") > datetime.strptime(first, "%Y%m%d")
        assert re.fullmatch(r"\d{8}T\d{6}Z", event["DTSTAMP"])
        assert event["URL"].startswith(f"{ORIGIN}/termine/")
        assert event["SUMMARY"]
    assert len({event["UID"] for event in found}) == len(found)
    again = events(await browser.get("/en/suche.ics?kind=offer"))
    assert {event["UID"] for event in again} == {event["UID"] for event in found}
    nothing = await browser.get("/suche.ics?q=xyzzyqwert")
    assert events(nothing) == []
    assert b"BEGIN:VTIMEZONE" in nothing.content  # a calendar without any component would not be valid


def test_texts_of_a_calendar_are_escaped_and_long_lines_folded() -> None:
    event = icalendar.Event(
        uid="1",
        title="Büro; Küche, Flur \\ Ö" + "ä" * 100,
        first=date(1, 1, 1),
        last=date.max,
        updated=datetime.fromisoformat("2026-06-01T02:00:00+02:00"),
        address="https://lotse.test/termine/x",
        text="Eins\r\nEND:VEVENT\nzwei\x07",
    )
    lines = unfolded(icalendar.write("Name", "de", [event]))
    assert "SUMMARY:Büro\\; Küche\\, Flur \\\\ Ö" + "ä" * 100 in lines
    assert "DESCRIPTION:Eins\\nEND:VEVENT\\nzwei" in lines
    assert "DTSTAMP:20260601T000000Z" in lines
    assert "DTSTART;VALUE=DATE:00010101" in lines
    assert lines.count("END:VEVENT") == 1
