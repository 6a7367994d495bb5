"""The search page: hits with their words, facets as a form, paging, and help when nothing is found."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from gateway.pages.search_request import MAX_CHOSEN
from tests.gateway.conftest import Opener
from tests.gateway.page import parse
from tests.gateway.world import COORDINATOR, heading


async def test_hits_show_kind_place_and_the_words_found(open_browser: Opener) -> None:
    answer = await (await open_browser()).get("/suche?q=sprachkurs")
    assert heading(answer) == "Suche"
    assert "<mark>" in answer.text
    assert "Angebot (Kurs und Schulung)" in answer.text
    assert any(link.startswith("/angebote/") for link in parse(answer.text).links)


async def test_misspelt_words_find(open_browser: Opener) -> None:
    answer = await (await open_browser()).get("/suche?q=Anerkenung")
    assert "/angebote/" in answer.text


async def test_facets_narrow_and_can_be_taken_back(open_browser: Opener) -> None:
    browser = await open_browser()
    everything = await browser.get("/suche?q=beratung")
    narrowed = await browser.get("/suche?q=beratung&district=sachsen-anhalt&kind=offer")
    assert _total(narrowed.text) < _total(everything.text)
    assert re.search(r'name="district" value="sachsen-anhalt" checked', narrowed.text)
    assert 'name="district" value="burgenlandkreis"' in narrowed.text
    assert 'name="district" value="burgenlandkreis"' not in everything.text
    without = [link for link in parse(narrowed.text).links if link.startswith("/suche?") and "kind=offer" not in link]
    assert parse_qs(urlsplit(without[0]).query)["q"] == ["beratung"]


async def test_english_pages_have_english_labels(open_browser: Opener) -> None:
    answer = await (await open_browser()).get("/en/suche?q=beratung")
    assert "For whom" in answer.text
    assert "Für wen" not in answer.text
    assert any(link.startswith("/en/angebote/") for link in parse(answer.text).links)


async def test_results_are_paged(open_browser: Opener) -> None:
    browser = await open_browser()
    first = await browser.get("/suche?q=")
    following = [link for link in parse(first.text).links if "cursor=" in link]
    second = await browser.get(following[0])
    assert second.status_code == 200
    assert _hits(first.text).isdisjoint(_hits(second.text))
    assert "Zurück zum Anfang" in second.text


async def test_nothing_found_helps_on(open_browser: Opener) -> None:
    answer = await (await open_browser()).get("/suche?q=xyzzyqwert&kind=offer")
    assert "Dazu haben wir nichts gefunden" in answer.text
    links = parse(answer.text).links
    assert "/regionen" in links
    assert "/suche?q=xyzzyqwert" in links
    assert "/suche?stage=language" in links


async def test_an_offer_page_tells_everything_it_knows(open_browser: Opener) -> None:
    answer = await (await open_browser()).get("/angebote/eures-portal")
    for words in ("EURES", "Fachkräfte aus dem Ausland", "Stand der Angaben", "Februar 2020", "Quelle"):
        assert words in answer.text
    english = await (await open_browser()).get("/en/angebote/eures-portal")
    assert "described in German only" in english.text
    assert '<h1 class="kern-heading-x-large" id="titel" lang="de">' in english.text


async def test_a_district_page_has_list_before_map(open_browser: Opener) -> None:
    answer = await (await open_browser()).get("/regionen/landkreis-harz")
    assert answer.text.index('class="chain"') < answer.text.index('<svg viewBox="0 0 612')
    assert answer.text.count("<path d=") == 14
    assert 'class="here" aria-current="page"' in answer.text
    assert "© GeoBasis-DE / BKG 2021" in answer.text
    assert "http://www.bkg.bund.de" in answer.text


async def test_the_federation_leads_to_the_list(open_browser: Opener) -> None:
    assert heading(await (await open_browser()).get("/regionen/deutschland")) == "Regionen"


async def test_own_sessions_can_be_ended(open_browser: Opener) -> None:
    first, second = await open_browser(COORDINATOR), await open_browser(COORDINATOR)
    page = await first.get("/konto")
    actions = re.findall(r'action="(/konto/sitzungen/[^"]+/beenden)"', page.text)
    assert len(actions) == 2
    own = page.text.index("Diese Anmeldung")
    other = next(
        action for action in actions if abs(page.text.index(action) - own) > 900 or page.text.index(action) < own
    )
    answer = await first.submit(page, other)
    assert heading(answer) == "Mein Konto"
    assert heading(await second.get("/konto")) == "Anmelden"


async def test_the_glossary_is_complete(open_browser: Opener) -> None:
    answer = await (await open_browser()).get("/glossar")
    assert answer.text.count("<dt>") == 110
    assert 'id="glossar-ag-s"' in answer.text


def _total(text: str) -> int:
    found = re.search(r"(\d+) Treffer", text)
    assert found
    return int(found[1])


def _hits(text: str) -> set[str]:
    entries = text.split('class="entries"')[1].split("</ul>", maxsplit=1)[0]
    return set(parse(entries).links)


async def test_thousands_of_filters_make_no_huge_page(open_browser: Opener) -> None:
    browser = await open_browser()
    page = await browser.get("/suche?q=beratung&" + "&".join(f"topic=x{number}" for number in range(3000)))
    assert page.status_code == 422
    assert page.text.count("gibt es hier nicht") == MAX_CHOSEN
