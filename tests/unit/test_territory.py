"""The place rule, shared by lists, search and the newsletter."""

from __future__ import annotations

from infra.contracts.territory import Territory

TERRITORY = Territory(
    {
        "deutschland": "",
        "sachsen": "deutschland",
        "sachsen-anhalt": "deutschland",
        "stadt-magdeburg": "sachsen-anhalt",
        "landkreis-harz": "sachsen-anhalt",
        "stadt-leipzig": "sachsen",
    }
)


def test_above_is_nearest_first() -> None:
    assert TERRITORY.above("landkreis-harz") == ["sachsen-anhalt", "deutschland"]
    assert TERRITORY.above("nowhere") == []


def test_below_names_everything_inside() -> None:
    assert TERRITORY.below("sachsen-anhalt") == ["stadt-magdeburg", "landkreis-harz"]
    assert set(TERRITORY.below("deutschland")) == {
        "sachsen",
        "sachsen-anhalt",
        "stadt-magdeburg",
        "landkreis-harz",
        "stadt-leipzig",
    }


def test_an_entry_concerns_its_place_what_contains_it_and_what_lies_inside() -> None:
    assert TERRITORY.concerns(["landkreis-harz"], "landkreis-harz")
    assert TERRITORY.concerns(["sachsen-anhalt"], "landkreis-harz")
    assert TERRITORY.concerns(["deutschland"], "landkreis-harz")
    assert TERRITORY.concerns(["landkreis-harz"], "sachsen-anhalt")
    assert not TERRITORY.concerns(["stadt-magdeburg"], "landkreis-harz")
    assert not TERRITORY.concerns(["sachsen"], "landkreis-harz")
    assert not TERRITORY.concerns([], "landkreis-harz")


def test_concerning_is_the_same_rule_as_a_list() -> None:
    for region in ("landkreis-harz", "sachsen-anhalt", "deutschland"):
        listed = set(TERRITORY.concerning(region))
        for own in ("deutschland", "sachsen", "sachsen-anhalt", "stadt-magdeburg", "landkreis-harz", "stadt-leipzig"):
            assert (own in listed) == TERRITORY.concerns([own], region)


def test_a_circle_of_parents_ends() -> None:
    assert Territory({"a": "b", "b": "a"}).above("a") == ["b", "a"]
    assert "a" in Territory({"a": ""})
