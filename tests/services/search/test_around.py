"""Places in a search: around a postal code, a town or a district, and the nearest where a choice has nothing."""

from __future__ import annotations

from typing import Any

from infra.contracts.contacts import ContactPointPublished, EventPublished, RegionPublished
from tests.services.search.conftest import Search
from tests.services.search.test_finding import offer

MUNICH = RegionPublished(
    id="r5", version=1, slug="stadt-muenchen", name="München", name_full="Stadt München", kind="kreisfreie-stadt"
)


def point(slug: str, lat: float, lon: float, **fields: Any) -> ContactPointPublished:
    """A contact point with a place of its own."""
    return ContactPointPublished(
        id=f"c-{slug}", version=1, slug=slug, name=f"Beratung {slug}", lat=lat, lon=lon, **fields
    )


async def world(search: Search) -> None:
    """Contact points in the middle of Magdeburg, at its edge and in Halberstadt, and offers for larger regions."""
    await search.tell_all()
    await search.tell(
        MUNICH,
        point("mitte", 52.131, 11.640, region="stadt-magdeburg"),
        point("rand", 52.21, 11.70, region="stadt-magdeburg"),
        point("halberstadt", 51.896, 11.046, region="landkreis-harz"),
        offer("land", "Beratung des Landes", region="sachsen-anhalt"),
        offer("hessen", "Beratung in Hessen", region="hessen"),
    )


async def test_a_place_is_understood_however_it_is_named(search: Search) -> None:
    assert (await search.get("/search", near="39104")).status == 503
    await search.tell_all()
    for near, name, region in (
        ("39104", "Magdeburg", "stadt-magdeburg"),
        ("39104 Magdeburg", "Magdeburg", "stadt-magdeburg"),
        ("  magdeburg ", "Magdeburg", "stadt-magdeburg"),
        ("stadt-magdeburg", "Magdeburg", "stadt-magdeburg"),
        ("Stadt Magdeburg", "Magdeburg", "stadt-magdeburg"),
        ("Wernigerode", "Wernigerode", "landkreis-harz"),
    ):
        told = (await search.get("/search", near=near)).json()["near"]
        assert (told["text"], told["name"], told["region"]) == (" ".join(near.split()), name, region)
        assert told["radius"] == 25
        assert 51.5 < told["lat"] < 52.5


async def test_around_a_place_the_nearer_come_first_with_their_distance(search: Search) -> None:
    await world(search)
    answer = (await search.get("/search", q="Beratung", near="39104", radius=20)).json()
    assert [hit["slug"] for hit in answer["hits"]] == ["mitte", "rand", "land"]
    near, further, larger = (hit["distance_km"] for hit in answer["hits"])
    assert near < 2 < further < 12
    assert larger is None
    wide = (await search.get("/search", q="Beratung", near="39104", radius=100)).json()
    assert [hit["slug"] for hit in wide["hits"]] == ["mitte", "rand", "halberstadt", "land"]
    assert not wide["nearest"]


async def test_a_date_lies_in_the_town_that_it_names_unless_several_are_called_so(search: Search) -> None:
    await search.tell_all()
    dates = {"stralsund": "Stralsund", "neustadt": "Neustadt", "irgendwo": "online", "nirgends": ""}
    await search.tell(
        *(EventPublished(id=slug, version=1, slug=slug, name="Treffen", place=town) for slug, town in dates.items())
    )
    hits = {hit["slug"]: hit for hit in (await search.get("/search", q="Treffen")).json()["hits"]}
    assert round(hits["stralsund"]["lat"], 1) == 54.3
    assert [hits[slug]["lat"] for slug in ("neustadt", "irgendwo", "nirgends")] == [None, None, None]


async def test_a_land_is_taken_as_a_whole(search: Search) -> None:
    await world(search)
    answer = (await search.get("/search", q="Beratung", near="Sachsen-Anhalt", radius=5)).json()
    assert {hit["slug"] for hit in answer["hits"]} == {"mitte", "rand", "halberstadt", "land"}
    assert answer["near"]["radius"] == 0


async def test_where_a_choice_has_nothing_the_nearest_are_shown(search: Search) -> None:
    await world(search)
    await search.tell(*(point(f"p{number:02}", 50.1 + number / 10, 8.7, region="hessen") for number in range(12)))
    both = {"near": "80331", "district": "stadt-muenchen"}
    choices: tuple[dict[str, Any], ...] = ({"near": "80331"}, {"district": "stadt-muenchen"}, both)
    for choice in choices:
        answer = (await search.get("/search", q="Beratung", kind="contact_point", limit=5, **choice)).json()
        assert answer["nearest"]
        assert answer["total"] == 15
        shown = [hit["distance_km"] for hit in answer["hits"]]
        assert 300 < shown[0] <= shown[-1]
        seen = [hit["slug"] for hit in answer["hits"]]
        while answer["next"]:
            more = {"limit": 5, "cursor": answer["next"], **choice}
            answer = (await search.get("/search", q="Beratung", kind="contact_point", **more)).json()
            assert answer["nearest"]
            seen += [hit["slug"] for hit in answer["hits"]]
        assert len(seen) == len(set(seen)) == 15


async def test_words_that_find_nothing_anywhere_say_so(search: Search) -> None:
    await world(search)
    answer = (await search.get("/search", q="Zahnspange", near="39104")).json()
    assert (answer["hits"], answer["total"], answer["nearest"]) == ([], 0, False)
    mistyped = (await search.get("/search", q="Bertung", district="stadt-muenchen")).json()
    assert mistyped["nearest"]
    assert mistyped["corrections"] == ["Beratung"]
    strict = (await search.get("/search", q="Beratung", district="stadt-muenchen", strict=True)).json()
    assert (strict["total"], strict["nearest"]) == (0, False)


async def test_newest_first_goes_by_day(search: Search) -> None:
    await search.tell_all()
    await search.tell(
        offer("alt", "Kurs Kurs Kurs", published_at="2024-01-01T00:00:00Z", region="stadt-magdeburg"),
        offer("neu", "Ein Kurs", published_at="2026-01-01T00:00:00Z", region="landkreis-harz"),
    )
    assert await search.find("Kurs", sort="newest") == ["neu", "alt"]
    assert await search.find("Kurs", sort="newest", near="39104", radius=100) == ["neu", "alt"]


async def test_one_request_for_results_and_completions_and_without_counts(search: Search) -> None:
    await search.tell_all()
    await search.tell(offer("a", "Magdeburger Sprachtreff"))
    answer = (await search.get("/search", q="magd", suggest=True, facets=False)).json()
    assert [item["text"] for item in answer["suggestions"]] == ["Magdeburg", "Magdeburger Sprachtreff"]
    assert answer["facets"] == {}
    assert (await search.get("/search", suggest=True)).json()["suggestions"] == []
