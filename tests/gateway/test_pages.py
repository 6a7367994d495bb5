"""What holds for every public page, in both languages: status, one heading, its language, policy, no third party."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.assets import STATIC
from gateway.security import CSP
from tests.gateway.conftest import Opener
from tests.gateway.page import Parsed, parse
from tests.gateway.world import COORDINATOR, ORIGIN, heading

PAGES = (
    "/",
    "/suche",
    "/suche?q=sprachkurs",
    "/suche?q=xyzzyqwert",
    "/suche?q=beratung&district=sachsen-anhalt&stage=language&kind=offer",
    "/regionen",
    "/regionen/sachsen-anhalt",
    "/regionen/landkreis-harz",
    "/regionen/berlin",
    "/angebote",
    "/angebote?stage=language&district=landkreis-harz",
    "/angebote/eures-portal",
    "/netzwerke",
    "/netzwerke?region=sachsen",
    "/netzwerke/fachkraeftesicherungspakt",
    "/netzwerke/iq-landesnetzwerk-sachsen-anhalt",
    "/organisationen",
    "/organisationen/bmbf",
    "/ansprechstellen",
    "/dokumente",
    "/dokumente/uebersicht-strukturen-laender-2020",
    "/termine",
    "/termine/workshop-thueringen-2020",
    "/laender",
    "/laender/profil-brandenburg",
    "/glossar",
    "/anmelden",
    "/barrierefreiheit",
    "/impressum",
    "/datenschutz",
    "/dev/mail",
)


def assert_sound(page: Parsed, language: str, path: str) -> None:
    """The rules for every page."""
    assert page.language == language, path
    assert page.levels.count(1) == 1, path
    assert page.levels[0] == 1, path
    assert all(below - above <= 1 for above, below in zip(page.levels, page.levels[1:], strict=False)), path
    assert page.title.endswith("– Lotse"), path
    assert not page.inline, path
    assert [address for address in page.loaded if not address.startswith("/") or address.startswith("//")] == [], path
    assert len(page.ids) == len(set(page.ids)), path


@pytest.mark.parametrize("language", ["de", "en"])
async def test_every_public_page_is_sound(open_browser: Opener, language: str) -> None:
    browser = await open_browser()
    prefix = "/en" if language == "en" else ""
    for path in PAGES:
        answer = await browser.get(prefix + path)
        assert answer.status_code == 200, path
        assert answer.headers["content-security-policy"] == CSP, path
        assert "set-cookie" not in answer.headers, path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert_sound(parse(answer.text), language, path)


async def test_each_page_names_its_other_language(open_browser: Opener) -> None:
    browser = await open_browser()
    page = parse((await browser.get("/en/suche?q=kurs")).text)
    assert page.alternates["de"] == f"{ORIGIN}/suche?q=kurs"
    assert page.alternates["en"] == f"{ORIGIN}/en/suche?q=kurs"
    assert "/suche?q=kurs" in page.links


async def test_every_local_link_of_main_pages_leads_somewhere(open_browser: Opener) -> None:
    browser = await open_browser()
    starts = ("/", "/regionen/landkreis-harz", "/netzwerke/iq-landesnetzwerk-sachsen-anhalt", "/angebote")
    links = {address.split("#")[0] for start in starts for address in parse((await browser.get(start)).text).links}
    local = sorted(address for address in links if address.startswith("/") and not address.startswith("/api"))
    broken = [address for address in local if (await browser.get(address)).status_code != 200]
    assert local
    assert not broken


async def test_a_signed_in_page_is_sound_and_not_kept(open_browser: Opener) -> None:
    browser = await open_browser(COORDINATOR)
    for path in ("/", "/konto", "/netzwerke/iq-landesnetzwerk-sachsen-anhalt"):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert_sound(parse(answer.text), "de", path)
        assert "Abmelden" in answer.text


@pytest.mark.parametrize(
    ("path", "words"),
    [("/gibt-es-nicht", "Diese Seite gibt es nicht"), ("/en/nothing-here", "This page does not exist")],
)
async def test_unknown_address(open_browser: Opener, path: str, words: str) -> None:
    answer = await (await open_browser()).get(path)
    assert answer.status_code == 404
    assert heading(answer) == words


@pytest.mark.parametrize("kind", ["regionen", "angebote", "netzwerke", "organisationen", "dokumente", "laender"])
async def test_unknown_entry(open_browser: Opener, kind: str) -> None:
    answer = await (await open_browser()).get(f"/{kind}/gibt-es-nicht")
    assert answer.status_code == 404
    assert heading(answer) == "Diese Seite gibt es nicht"


async def test_wrong_method_is_said(open_browser: Opener) -> None:
    browser = await open_browser()
    answer = await browser.http.put("/suche", headers={"origin": ORIGIN})
    assert answer.status_code == 405
    assert heading(answer) == "Das hat nicht geklappt"


async def test_a_closing_slash_does_not_matter(open_browser: Opener) -> None:
    assert (await (await open_browser()).get("/en/suche/")).status_code == 200


async def test_static_files_name_their_content_and_are_kept(open_browser: Opener) -> None:
    browser = await open_browser()
    page = parse((await browser.get("/")).text)
    for address in page.loaded:
        if address.startswith("/static/"):
            answer = await browser.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
    stale = await browser.get("/static/000000000000/lotse.css")
    assert stale.headers["cache-control"] == "no-cache"
    assert (await browser.get("/static/x/../../app.py")).status_code == 404
    assert (await browser.get("/static/x/gibt-es-nicht.css")).status_code == 404


async def test_small_files(open_browser: Opener) -> None:
    browser = await open_browser()
    assert (await browser.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"
    assert "Disallow: /api/" in (await browser.get("/robots.txt")).text


def test_style_sheets_load_only_from_here() -> None:
    for path in STATIC.rglob("*.css"):
        outside = re.findall(r"url\(\s*[\"']?(?!data:)(?:https?:)?//[^)]*", path.read_text("utf-8"))
        assert not outside, path


def test_vendored_parts_bear_their_licence() -> None:
    for folder in (STATIC / "vendor").iterdir():
        assert any(Path(name).stem == "LICENSE" for name in folder.iterdir()), folder
