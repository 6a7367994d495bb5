"""Searches that cannot be answered as they are: each is told at its field, in both languages, with a way out."""

from __future__ import annotations

from typing import Any

import pytest

from infra.web.cursors import encode_cursor
from services.search import running
from services.search.language.knowledge import Knowledge, RegionFacts
from tests.services.search.conftest import Search
from tests.services.search.test_finding import offer

UNUSABLE: list[tuple[dict[str, Any], str]] = [
    ({"q": "a" * 10_000}, "q"),
    ({"language": [f"a{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in range(61)]}, "language"),
    ({"district": [f"nirgends-{number}" for number in range(3_000)], "kind": ["offer"]}, "district"),
    ({"q": "+-()!"}, "q"),
    ({"q": "\x01\x02\x1f"}, "q"),
    ({"stage": "unbekannt"}, "stage"),
    ({"target_group": "x' OR 1=1"}, "target_group"),
    ({"topic": "nope"}, "topic"),
    ({"district": "atlantis"}, "district"),
    ({"kind": "account"}, "kind"),
    ({"language": "Deutsch!"}, "language"),
    ({"limit": "0"}, "limit"),
    ({"limit": "101"}, "limit"),
    ({"limit": "viele"}, "limit"),
    ({"cursor": "x"}, "cursor"),
    ({"cursor": "WzAsMTAwMDAwMDAwMF0"}, "cursor"),
    ({"cursor": "Wy0xLC0xXQ"}, "cursor"),
    ({"cursor": "WzAsIDAsIDdd"}, "cursor"),
    ({"cursor": "WzE4MDE0Mzk4NTA5NDgxOTg0MDAwLDBd"}, "cursor"),
    ({"cursor": "a" * 10_000}, "cursor"),
    ({"page": "1000000000"}, "page"),
    ({"filter": "audience = public"}, "filter"),
    ({"near": "Atlantis"}, "near"),
    ({"near": "00000"}, "near"),
    ({"near": "9" * 10_000}, "near"),
    ({"near": "\x01"}, "near"),
    ({"near": "39104", "radius": "0"}, "radius"),
    ({"near": "39104", "radius": "201"}, "radius"),
    ({"near": "39104", "radius": "weit"}, "radius"),
    ({"sort": "beliebt"}, "sort"),
    ({"suggest": "vielleicht"}, "suggest"),
    ({"q": "Kurs\x00"}, "q"),
]


async def test_unusable_input_is_named_at_its_field(search: Search) -> None:
    await search.tell_all()
    for query, field in UNUSABLE:
        german, english = [await search.get("/search", speaks=language, **query) for language in ("de", "en")]
        assert german.status == english.status == 422, query
        assert german.headers["content-type"] == "application/problem+json"
        (said,), (told,) = german.json()["fields"], english.json()["fields"]
        assert said["field"] == field, query
        assert 10 < len(said["message"]) < 500, query
        assert said["message"] != told["message"], query


async def test_a_cursor_from_before_places_and_broken_letters_are_understood(search: Search) -> None:
    await search.tell(offer("a", "Kurs"), offer("b", "Kurs"))
    assert len(await search.find("Kurs", cursor=encode_cursor((0, 1)))) == 1
    assert (await search.get("/search?q=%FF%FEKurs%C3")).json()["total"] == 2
    assert (await search.get("/search?q=%FF")).status == 422


async def test_unknown_values_are_answered_with_the_known_ones(search: Search) -> None:
    await search.tell_all()
    answer = await search.get("/search", near="Magdburg")
    assert "Magdeburg" in answer.json()["fields"][0]["message"]
    answer = await search.get("/search", speaks="en", stage="nope,language")
    assert "language, recognition" in answer.json()["fields"][0]["message"]
    answer = await search.get("/search", district="landkreis-hartz")
    assert "landkreis-harz" in answer.json()["fields"][0]["message"]


async def test_a_value_that_is_just_being_learned_is_not_refused(search: Search) -> None:
    await search.tell_all()
    parts = running.current()
    elsewhere = RegionFacts("elsewhere", "Elsewhere", "Elsewhere", "district", "")
    parts.knowledge, parts.learned = Knowledge([elsewhere]), parts.learned - 1
    answer = await search.get("/search", district="landkreis-harz")
    assert answer.status == 200


@pytest.mark.parametrize(
    "q", ["Kurs\tfür\nFrauen", "  Kurs  ", "Kurs\x07", "title:Kurs", "Kurs*", '"Kurs"', "Kurs OR NOT"]
)
async def test_control_characters_and_operators_are_only_text(search: Search, q: str) -> None:
    await search.tell(offer("a", "Kurs für Frauen"))
    assert await search.find(q) == ["a"]
