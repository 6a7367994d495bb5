"""The map of results, and outlines that are simpler but still fit together."""

from __future__ import annotations

import re

from gateway import maps, outlines
from infra.contracts.contacts import ContactPointPublished
from tests.gateway.conftest import Opener
from tests.gateway.page import parse
from tests.gateway.world import World

SQUARES = [
    [(0, 0), (5, 1), (10, 0), (10, 5), (10, 10), (0, 10)],
    [(20, 0), (20, 10), (10, 10), (10, 5), (10, 0)],
]
ENCLAVE = [[(0, 0), (90, 0), (90, 90), (0, 90)], [(40, 40), (45, 41), (50, 40), (50, 50), (40, 50)]]


def test_a_shared_border_stays_shared() -> None:
    left, right = outlines.simplified(SQUARES, 2)
    assert left == [(10, 0), (10, 10), (0, 10), (0, 0)]
    assert right == [(10, 10), (10, 0), (20, 0), (20, 10)]
    around, hole = outlines.simplified(ENCLAVE, 2)
    assert len(around) == 4
    assert set(hole) == {(40, 40), (50, 40), (50, 50), (40, 50)}
    assert outlines.simplified(SQUARES, 0)[0] == [(10, 0), (10, 10), (0, 10), (0, 0), (5, 1)]


def test_maps_are_small_and_numbers_lie_inside() -> None:
    germany = maps.germany(maps.SMALL)
    assert len(germany.shapes) == 16
    assert sum(len(shape.outline) for shape in germany.shapes) < 7_000
    room = {shape.slug: shape.room for shape in germany.shapes}
    assert room["bremen"] is None
    berlin = germany.frame.point(13.4, 52.52)
    assert room["brandenburg"] is not None
    assert abs(room["brandenburg"][1] - berlin[1]) > 20


async def test_the_numbers_on_the_map_are_those_of_the_filters(open_browser: Opener) -> None:
    page = await (await open_browser()).get("/suche?q=beratung&kind=offer")
    drawn = dict(re.findall(r"<title>([^<:]+): (\d+)</title>", page.text))
    listed = dict(re.findall(r'name="district"[^>]*><span>([^<]+) <small>\((\d+)\)', page.text))
    assert drawn
    assert {name: count for name, count in listed.items() if name != "Bundesweit"} == drawn
    assert "/suche?q=beratung&kind=offer&district=hessen" in parse(page.text).links
    assert "© GeoBasis-DE / BKG 2021" in page.text
    assert page.text.index('class="entries"') < page.text.index("map--results")


async def test_a_place_shows_its_surroundings_and_the_hits_with_a_place(world: World, open_browser: Opener) -> None:
    await world.kit.deliver(
        "search",
        ContactPointPublished(
            id="0199f000-0000-7000-8000-000000000001",
            version=1,
            slug="beratung-am-markt",
            name="Beratung am Markt",
            region="landkreis-harz",
            lat=51.9,
            lon=11.05,
        ),
    )
    await world.tell()
    browser = await open_browser()
    page = await browser.get("/suche?q=Beratung+am+Markt&near=38820&radius=50")
    figure = page.text.partition("map--results")[2].partition("</figure>")[0]
    assert "<title>Landkreis Goslar" in figure  # in another Land
    assert ">Goslar</text>" in figure
    assert "<title>Burgenlandkreis" not in figure
    assert '<a href="/ansprechstellen/beratung-am-markt"><title>Beratung am Markt</title><circle' in figure
    assert 'class="around"' in figure
    assert "<span>unter 1\u00a0km</span>" in page.text
    assert "Ganz Deutschland" in page.text
    land = await browser.get("/suche?q=Beratung&near=38820&radius=100")
    assert land.text.partition("map--results")[2].partition("</figure>")[0].count("<path") == 14


async def test_pages_stay_small(open_browser: Opener) -> None:
    browser = await open_browser()
    for query in ("q=", "q=beratung&district=bayern", "q=beratung&near=80331&radius=100&kind=offer&kind=organisation"):
        page = await browser.get(f"/suche?{query}")
        assert page.status_code == 200
        assert len(page.text.encode()) < 60_000, query
