"""What the search page makes of its address: places, order, and input that nobody meant to send."""

from __future__ import annotations

import re

import pytest

from gateway.pages.search_request import MAX_QUERY
from tests.gateway.conftest import Opener
from tests.gateway.page import parse


async def test_a_place_narrows_and_tells_how_far(open_browser: Opener) -> None:
    browser = await open_browser()
    answer = await browser.get("/suche?q=&near=38820&radius=10&kind=contact_point")
    assert "im Umkreis von 10\u00a0km um Halberstadt" in answer.text
    assert "\u00a0km</span>" not in answer.text  # somewhere in this district: nobody knows how far
    farther = await browser.get("/suche?q=&near=Magdeburg&radius=100&kind=contact_point")
    assert re.search(r"<span>Harz</span><span>etwa \d+\u00a0km</span>", farther.text)
    assert '<option value="10" selected>' in answer.text
    assert "/suche?kind=contact_point" in parse(answer.text).links  # the same without the place
    english = await browser.get("/en/suche?q=&near=38820&kind=contact_point")
    assert "within 25\u00a0km of Halberstadt" in english.text


async def test_where_nothing_lies_near_the_nearest_is_shown(open_browser: Opener) -> None:
    browser = await open_browser()
    answer = await browser.get("/suche?q=&district=kreis-nordfriesland&kind=contact_point")
    assert "das Nächste:" in answer.text
    assert 'class="entries"' in answer.text


@pytest.mark.parametrize(
    ("query", "field", "way_on"),
    [
        ("q=kurs&near=Gibtesnicht", "near", "/suche?q=kurs"),
        ("q=kurs&near=Gibtesnicht", "near", "/suche?q=kurs+Gibtesnicht"),
        ("q=kurs&near=Wernigrode", "near", "/suche?q=kurs&near=Wernigerode"),
        ("q=kurs&near=Halle&radius=9000", "radius", "/suche?q=kurs&near=Halle"),
        ("q=%3F%21&kind=offer", "q", "/suche?kind=offer"),
        ("q=kurs&topic=unbekannt", "", "/suche?q=kurs"),
        ("q=kurs&sort=zufall", "", "/suche?q=kurs"),
        ("q=kurs&cursor=abc", "", "/suche?q=kurs"),
    ],
)
async def test_what_cannot_be_searched_for_is_said_with_a_way_on(
    open_browser: Opener, query: str, field: str, way_on: str
) -> None:
    answer = await (await open_browser()).get(f"/suche?{query}")
    assert answer.status_code in (400, 422)
    assert "<title>Fehler:" in answer.text
    assert 'role="alert"' in answer.text
    assert way_on in parse(answer.text).links
    if field:
        assert f'href="#{field}"' in answer.text
        assert re.search(rf'id="{field}"[^>]* aria-invalid="true" aria-describedby="error-{field}"', answer.text)
    else:
        assert "aria-invalid" not in answer.text


async def test_a_long_text_is_searched_by_its_beginning_and_that_is_said(open_browser: Opener) -> None:
    browser = await open_browser()
    answer = await browser.get("/suche?q=" + "Sprachkurs+Pflege+" * 600)
    assert answer.status_code == 200
    assert f"länger als {MAX_QUERY} Zeichen" in answer.text
    searched = re.findall(r'id="q"[^>]* value="([^"]*)"', answer.text)[0]
    assert MAX_QUERY - len("Sprachkurs") <= len(searched) <= MAX_QUERY
    assert searched.endswith(("Sprachkurs", "Pflege"))
    endless = await browser.get("/suche?q=" + "x" * 10_000)
    assert endless.status_code == 200


async def test_invisible_characters_and_repetitions_do_no_harm(open_browser: Opener) -> None:
    browser = await open_browser()
    clean = await browser.get("/suche?q=Sprachkurs+Pflege")
    dirty = await browser.get("/suche?q=erst&q=Sprach%C2%ADkurs%00%1B%E2%80%AE%0APflege&page=1000000000&near=%07")
    assert dirty.status_code == 200
    assert re.findall(r"\d+ Treffer", dirty.text)[0] == re.findall(r"\d+ Treffer", clean.text)[0]
    assert 'value="Sprachkurs Pflege"' in dirty.text
    twice = await browser.get("/suche?q=kurs&kind=offer&kind=offer&sort=newest")
    assert twice.text.count("entfernen</span>") == 1
    assert '<option value="newest" selected>' in twice.text


async def test_places_in_the_words_are_told_and_lead_to_their_surroundings(open_browser: Opener) -> None:
    browser = await open_browser()
    page = await browser.get("/suche?q=Beratung+Wernigrode")
    assert "Als Ort verstanden:" in page.text
    assert "/suche?q=Beratung&near=Wernigerode" in parse(page.text).links
    assert 'class="centre"' in page.text
    city = (await browser.get("/suche?q=Sprachkurs+Hamburg")).text
    assert city.count("nur im Umkreis suchen") == 1
    assert "Als Ort verstanden" not in (await browser.get("/suche?q=Schweißer+Kurs")).text
