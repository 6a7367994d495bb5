"""What is looked for and not found: for whom the page is, its filters, and the file for a spreadsheet."""

from __future__ import annotations

import csv
import io

from gateway import spreadsheets
from tests.gateway.conftest import Opener
from tests.gateway.page import parse
from tests.gateway.world import COORDINATOR, EDITOR, MEMBER, MODERATOR, Browser, heading
from tests.services.search.test_demand import written

PAGE = "/koordination/nachfrage"
ADMIN = "admin@example.org"


async def looked_for(browser: Browser, text: str, times: int) -> None:
    """Search so often, and have it counted."""
    for _time in range(times):
        await browser.get(f"/suche?q={text}")
    await written()


async def test_the_page_is_for_those_who_see_to_offers(open_browser: Opener) -> None:
    visitor = await open_browser()
    asked = await visitor.http.get(PAGE)
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/anmelden?next=")
    for email in (MEMBER, MODERATOR):
        browser = await open_browser(email)
        for path in (PAGE, f"{PAGE}.csv"):
            assert (await browser.get(path)).status_code == 403
        assert PAGE not in (await browser.get("/konto")).text
    for email in (COORDINATOR, EDITOR, ADMIN):
        browser = await open_browser(email)
        assert heading(await browser.get(PAGE)) == "Nachfrage"
        assert PAGE in (await browser.get("/konto")).text


async def test_words_that_are_looked_for_often_are_shown_with_their_misses(open_browser: Opener) -> None:
    visitor, browser = await open_browser(), await open_browser(COORDINATOR)
    await looked_for(visitor, "xyzzyqwert", 6)
    await looked_for(visitor, "seltenesding", 2)
    page = await browser.get(PAGE)
    assert ">xyzzyqwert</a>" in page.text
    assert "seltenesding" not in page.text
    assert "8 Suchen, davon 8 ohne Treffer" in page.text
    assert "/suche?q=xyzzyqwert" in parse(page.text).links
    english = await browser.get(f"/en{PAGE}?missed=true&order=misses")
    assert ">xyzzyqwert</a>" in english.text
    assert "Demand" in heading(english)
    nothing = await browser.get(f"{PAGE}?since=2020-01-01&until=2020-01-31")
    assert "Nach keinem Wort wurde mindestens 5 Mal gesucht" in nothing.text
    assert 'value="2020-01-31"' in nothing.text


async def test_what_is_wrong_stands_at_its_field(open_browser: Opener) -> None:
    browser = await open_browser(COORDINATOR)
    for query, field in (("since=gestern", "since"), ("region=mond", "region"), ("by=people", "by")):
        answer = await browser.get(f"{PAGE}?{query}")
        assert answer.status_code == 422
        page = parse(answer.text)
        assert f"#field-{field}" in page.links
        assert f"field-{field}" in page.ids
        assert "RFC" not in answer.text


async def test_the_file_opens_in_a_spreadsheet(open_browser: Opener) -> None:
    visitor, browser = await open_browser(), await open_browser(EDITOR)
    await looked_for(visitor, "xyzzyqwert", 5)
    answer = await browser.get(f"{PAGE}.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="nachfrage-20')
    assert answer.headers["cache-control"] == "no-store"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows == [["Suchwörter", "Anzahl der Suchen", "davon ohne Treffer"], ["xyzzyqwert", "5", "5"]]
    assert (await browser.get(f"{PAGE}.csv?since=gestern")).status_code == 422


def test_nothing_in_a_file_runs_as_a_formula() -> None:
    evil = ["=1+1", "+49", "-1", "@SUM(A1)", "\t=1", 'ein; "Wort"\nzwei']
    rows = list(csv.reader(io.StringIO(spreadsheets.write([evil]).decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows == [["'=1+1", "'+49", "'-1", "'@SUM(A1)", "'\t=1", 'ein; "Wort"\nzwei']]
    assert spreadsheets.write([("a", -1)]).decode("utf-8-sig") == "a;-1\r\n"
