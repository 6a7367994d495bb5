"""Completions while typing, for our pages and for the browser's own search bar, and what is found in which language."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

from gateway.pages.suggestions import COMPLETIONS, DESCRIPTION
from tests.gateway.conftest import Opener
from tests.gateway.test_parts_away import visitor
from tests.gateway.world import ORIGIN, World

NAMES = {"o": "http://a9.com/-/spec/opensearch/1.1/"}


async def test_completions_say_what_they_are_and_lead_there(open_browser: Opener) -> None:
    browser = await open_browser()
    answer = await browser.get("/suche/vorschlaege?q=Burgen")
    assert answer.headers["content-type"].startswith(COMPLETIONS)
    typed, texts, kinds, addresses = answer.json()
    assert typed == "Burgen"
    assert len(texts) == len(kinds) == len(addresses) > 0
    region = kinds.index("Region")
    assert addresses[region] == ORIGIN + "/regionen/burgenlandkreis"
    for address in addresses:
        assert (await browser.get(address)).status_code == 200
    assert ORIGIN + "/en/regionen/burgenlandkreis" in (await browser.get("/en/suche/vorschlaege?q=Burgen")).json()[3]
    typed, texts, kinds, addresses = (await browser.get("/suche/vorschlaege?q=38820")).json()
    assert kinds[0] == "Ort"
    around = await browser.get(addresses[0])
    assert "im Umkreis von 25\u00a0km" in around.text
    typed, texts, kinds, addresses = (await browser.get("/suche/orte?q=Mag")).json()
    assert "Magdeburg" in texts
    assert set(kinds) <= {"Ort", "Region"}
    assert not addresses
    for nothing in ("B", "%3F%3F", "x" * 400, ""):
        assert (await browser.get(f"/suche/vorschlaege?q={nothing}")).json()[1] == []


async def test_without_search_there_are_no_completions(world: World) -> None:
    async with visitor(world, "search") as browser:
        answer = await browser.get("/suche/vorschlaege?q=Burgen")
        assert answer.status_code == 200
        assert answer.json() == ["Burgen", [], [], []]


async def test_browsers_can_add_the_search_in_both_languages(open_browser: Opener) -> None:
    browser = await open_browser()
    for prefix, language, words in (("", "de", "Angebote"), ("/en", "en", "Offers")):
        page = await browser.get(f"{prefix}/")
        assert f'<link rel="search" href="{prefix}/opensearch.xml"' in page.text
        answer = await browser.get(f"{prefix}/opensearch.xml")
        assert answer.headers["content-type"].startswith(DESCRIPTION)
        described = ElementTree.fromstring(answer.text)
        assert described.findtext("o:Language", namespaces=NAMES) == language
        assert described.findtext("o:Description", "", NAMES).startswith(words)
        urls = {url.get("type"): url.get("template", "") for url in described.findall("o:Url", NAMES)}
        assert urls["text/html"] == f"{ORIGIN}{prefix}/suche?q={{searchTerms}}"
        assert (await browser.get(urls[COMPLETIONS].replace("{searchTerms}", "sprach"))).json()[1]
        assert (await browser.get(urlsplit(described.findtext("o:Image", "", NAMES)).path)).status_code == 200


async def test_hits_on_english_pages_say_which_language_they_are(open_browser: Opener) -> None:
    browser = await open_browser()
    english = await browser.get("/en/suche?q=Vocational+German+for+metal+workers")
    translated, *others = re.findall(r'<h3 class="kern-title"><a href="/en/[^"]*"([^>]*)>', english.text)
    assert not translated
    assert ' lang="de"' in others
    assert "lang=" not in (await browser.get("/suche?q=Beratung")).text.partition('class="entries"')[2]
