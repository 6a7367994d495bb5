"""The part of the suite of engines about places: around a point, the nearest first, how far, which place was meant.

Distances are chosen far from every border of a circle or a band, since engines measure the earth a little differently.
"""

from __future__ import annotations

import pytest

from services.search.domain import Circle, Document, Point, Request
from services.search.engine import Engine
from tests.services.search.engine_kit import KNOWLEDGE, batch, document, slugs

MAGDEBURG = Point(52.1316, 11.6399)
KASSEL = Point(51.3127, 9.4797)
WERNIGERODE = Point(51.8363, 10.7846)


def around(point: Point, km: float) -> Circle:
    """A circle, shorter to read."""
    return Circle(point, km)


def at(slug: str, point: Point, **fields: object) -> Document:
    """A course that takes place at a point."""
    return document(slug, "Kurs", lat=point.lat, lon=point.lon, **fields)


class PlacesSuite:
    """What is found where, and in what order."""

    async def test_around_a_point_lies_what_takes_place_there(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(batch(1, at("here", MAGDEBURG), at("there", KASSEL), at("off", WERNIGERODE)))
        assert await slugs(engine, "Kurs", within=around(MAGDEBURG, 25)) == ["here"]
        assert sorted(await slugs(engine, within=around(MAGDEBURG, 120))) == ["here", "off"]
        assert await slugs(engine, "Kurs", within=around(Point(54.3, 10.1), 25)) == []

    async def test_around_a_point_lies_what_concerns_a_district_there_or_its_land_as_a_whole(
        self, engine: Engine
    ) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(
            batch(
                1,
                document("stadt", "Kurs", regions=["stadt-magdeburg"]),
                document("land", "Kurs", regions=["sachsen-anhalt"]),
                document("bund", "Kurs", regions=["deutschland"]),
                document("harz", "Kurs", regions=["landkreis-harz"]),
                document("both", "Kurs", regions=["landkreis-harz", "stadt-magdeburg"]),
                document("hessen", "Kurs", regions=["hessen"]),
                document("nowhere", "Kurs"),
            )
        )
        assert sorted(await slugs(engine, "Kurs", within=around(MAGDEBURG, 10))) == ["both", "bund", "land", "stadt"]
        assert sorted(await slugs(engine, "Kurs", within=around(KASSEL, 5))) == ["bund", "hessen"]
        assert "harz" in await slugs(engine, "Kurs", within=around(MAGDEBURG, 100))

    async def test_a_things_own_place_counts_more_than_its_district(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        moved = at("moved", KASSEL, regions=["stadt-magdeburg", "deutschland"])
        await engine.apply(batch(1, moved, at("stays", MAGDEBURG, regions=["hessen"])))
        assert await slugs(engine, "Kurs", within=around(MAGDEBURG, 25)) == ["stays"]
        assert await slugs(engine, "Kurs", nearest_to=MAGDEBURG) == ["stays", "moved"]

    async def test_a_circle_narrows_together_with_everything_else(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        here = at("here", MAGDEBURG, stages=["language"])
        hidden = at("hidden", MAGDEBURG, stages=["language"], audience=["network:iq"])
        await engine.apply(batch(1, here, at("other", MAGDEBURG), at("far", KASSEL, stages=["language"]), hidden))
        narrow = Request(q="Kurs", within=around(MAGDEBURG, 25))
        page = await engine.search(narrow)
        assert (page.total, page.facets["stage"]) == (2, [("language", 1)])
        assert await slugs(engine, "Kurs", filters={"stage": ("language",)}, within=narrow.within) == ["here"]

    async def test_the_nearest_come_first_and_nothing_is_left_out(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(
            batch(
                1,
                document("kassel", "Kurs", regions=["stadt-kassel"]),
                document("harz", "Kurs", regions=["landkreis-harz"]),
                document("bund", "Kurs", regions=["deutschland"]),
                document("burgenland", "Kurs", regions=["burgenlandkreis"]),
                at("hall", Point(52.14, 11.63)),
                at("suburb", Point(52.28, 11.41)),
                at("munich", Point(48.1372, 11.5755)),
                document("land", "Kurs", regions=["sachsen-anhalt"]),
                document("several", "Kurs", regions=["stadt-kassel", "landkreis-harz"]),
                document("nowhere", "Kurs"),
            )
        )
        for q in ("Kurs", ""):
            found = await slugs(engine, q, nearest_to=MAGDEBURG)
            assert found[:2] == ["hall", "suburb"]
            assert sorted(found[2:4]) == ["harz", "several"]
            assert found[4:7] == ["burgenland", "kassel", "munich"]
            assert sorted(found[7:]) == ["bund", "land", "nowhere"]

    async def test_equally_near_things_come_by_relevance(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        titled = document("titled", "Lupinenbeet", regions=["landkreis-harz"], date="2019")
        mentioned = document("mentioned", "Garten", text="Lupinenbeet", regions=["landkreis-harz"], date="2026")
        near = document("near", "Garten", text="Ein Lupinenbeet", regions=["stadt-magdeburg"])
        await engine.apply(batch(1, mentioned, titled, near))
        assert await slugs(engine, "Lupinenbeet", nearest_to=MAGDEBURG) == ["near", "titled", "mentioned"]
        assert await slugs(engine, nearest_to=MAGDEBURG) == ["near", "mentioned", "titled"]
        newest = {"nearest_to": MAGDEBURG, "newest_first": True}  # the day alone has a say then
        assert await slugs(engine, "Lupinenbeet", **newest) == ["mentioned", "titled", "near"]

    async def test_pages_of_the_nearest_show_everything_once(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        regions = ["stadt-magdeburg", "landkreis-harz", "burgenlandkreis", "stadt-kassel", "deutschland"]
        await engine.apply(
            batch(1, *(document(f"d{number:02}", "Kurs", regions=[regions[number % 5]]) for number in range(25)))
        )
        whole = await slugs(engine, "Kurs", nearest_to=MAGDEBURG, limit=50)
        seen: list[str] = []
        page = await engine.search(Request(q="Kurs", nearest_to=MAGDEBURG, limit=7))
        while True:
            seen += [found.document.slug for found in page.hits]
            if page.next_offset is None:
                break
            page = await engine.search(
                Request(q="Kurs", nearest_to=MAGDEBURG, limit=7, offset=page.next_offset, snapshot=page.snapshot)
            )
        assert seen == whole
        assert sorted(seen) == [f"d{number:02}" for number in range(25)]

    @pytest.mark.parametrize("asked", [{"within": Circle(MAGDEBURG, 100)}, {"nearest_to": MAGDEBURG}])
    async def test_hits_say_how_far_away_they_are(self, engine: Engine, asked: dict[str, object]) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(batch(1, at("off", WERNIGERODE), document("bund", "Kurs", regions=["deutschland"])))
        page = await engine.search(Request(q="Kurs", **asked))  # type: ignore[arg-type]
        far = {found.document.slug: found.distance_km for found in page.hits}
        assert far == {"off": pytest.approx(67, abs=2), "bund": None}
        assert [found.distance_km for found in (await engine.search(Request(q="Kurs"))).hits] == [None, None]

    @pytest.mark.parametrize(
        ("typed", "region"),
        [("Magdeburg", "stadt-magdeburg"), ("39104", "stadt-magdeburg"), ("Wernigerode", "landkreis-harz")],
    )
    async def test_a_place_in_a_query_is_a_place_and_no_word(self, engine: Engine, typed: str, region: str) -> None:
        await engine.learn(KNOWLEDGE)
        there = document("there", "Kurs", regions=[region])
        await engine.apply(batch(1, document("far", "Kurs", regions=["stadt-kassel"]), there))
        page = await engine.search(Request(q=f"Kurs {typed}", strict=True))
        assert [found.document.slug for found in page.hits] == ["there"]
        assert [(place.text, place.region) for place in page.places] == [(typed, region)]
        assert page.places[0].point is not None
        assert page.regions == (region,)
