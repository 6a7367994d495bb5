"""Understanding of queries, without an engine: places, compounds, other words, completions, reasons, marks."""

from __future__ import annotations

import csv
import gzip
import time
from functools import lru_cache
from itertools import islice

import msgspec
import pytest

from bench.content import CONTENT
from infra.contracts.contacts import Term
from services.search.answering import respelt, spellings
from services.search.domain import Circle, Point, Reason, Request
from services.search.language.analysis import MAX_WORD, Analyzer, name_key, phrase, stem
from services.search.language.gazetteer import FILE, shipped
from services.search.language.geography import BANDS_KM, distance_km
from services.search.language.highlighting import Highlighter
from services.search.language.knowledge import Knowledge, RegionFacts
from services.search.language.lexicon import Lexicon
from services.search.language.lookout import lookout_of
from services.search.language.reasons import Reasons
from services.search.language.suggesting import suggester
from services.search.language.understanding import MAX_CONCEPTS, Interpreter, Plan
from services.search.language.vocabulary import ENGLISH_WORDS, EVERYDAY_WORDS
from tests.services.search.engine_kit import document


def _regions() -> list[RegionFacts]:
    rows = map(msgspec.json.decode, (CONTENT / "regions.jsonl").read_bytes().splitlines())
    return [
        RegionFacts(row["id"], row["name"], row["name_full"], row["kind"], row["parent"], row["lat"], row["lon"])
        for row in rows
    ]


GERMANY = Knowledge(
    _regions(),
    {
        "topics": [
            Term("ausbildung", "Ausbildung", "Vocational training", ["Lehre", "Lehrstelle"]),
            Term("sprachfoerderung", "Sprachförderung", "Language support", ["Sprachkurs"]),
        ],
        "target_groups": [Term("refugees", "Geflüchtete", "Refugees", ["Flüchtlinge"])],
    },
    [["Geflüchtete", "Flüchtlinge", "Asylsuchende"]],
)
TEXTS = [
    "Sprachkurs Berufssprachkurs Beratung Geflüchtete Ausbildung Pflege Arbeitsmarkt Welcome Center Förderung Haus"
]
WERNIGERODE = Point(51.8365, 10.7822)


@lru_cache(maxsize=1)
def _content() -> tuple[Analyzer, Lexicon, frozenset[str]]:
    """What an index of `TEXTS` would have: analyzer, lexicon and the stems that occur."""
    analyzer, lexicon = Analyzer(), Lexicon()
    words = [word for text in TEXTS for word in text.split()]
    lexicon.learn([*words, *GERMANY.words()])
    return analyzer, lexicon, frozenset(item for word in words for item in (stem(word), *analyzer.parts(word)))


def _plan(q: str, *, hidden: frozenset[str] = frozenset()) -> Plan:
    """The plan of a query over `TEXTS`; stems in `hidden` occur in nothing the asking person may see."""
    analyzer, lexicon, stems = _content()
    return Interpreter(analyzer, GERMANY, lexicon, (stems - hidden).__contains__).plan(q)


def _marked(text: str, q: str, summary: str = "") -> tuple[str, str]:
    analyzer = Analyzer()
    found = Highlighter(_plan(q), analyzer, loose=False).mark(document("d", "Titel", text=text), "Titel", summary)
    return found.title, found.text


def test_every_place_lies_in_a_known_district_and_every_code_has_five_digits() -> None:
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["plz"] for row in rows}) == 8195
    assert all(len(row["plz"]) == 5 and row["plz"].isdigit() for row in rows)
    assert {row["region"] for row in rows} <= {slug for slug in GERMANY.regions if GERMANY.is_district(slug)}


@pytest.mark.parametrize(
    ("typed", "name", "region"),
    [
        ("38820", "Halberstadt", "landkreis-harz"),
        ("38855", "Harz", "landkreis-harz"),  # of several villages, so the district's name
        ("Wernigerode", "Wernigerode", "landkreis-harz"),
        ("stralsund", "Stralsund", "landkreis-vorpommern-ruegen"),
        ("Köln", "Köln", "stadt-koeln"),
        ("koeln", "Köln", "stadt-koeln"),
        ("Munich", "München", "stadt-muenchen"),
        ("landkreis-harz", "Harz", "landkreis-harz"),
        ("Landkreis Harz", "Harz", "landkreis-harz"),
        ("Frankfurt (Oder)", "Frankfurt (Oder)", "stadt-frankfurt-oder"),
        ("Thuringia", "Thüringen", "thueringen"),
    ],
)
def test_places_named(typed: str, name: str, region: str) -> None:
    found = GERMANY.places_named(typed)[0]
    assert (found.text, found.name, found.region) == (typed, name, region)
    assert found.point is not None


def test_what_is_no_place_names_none() -> None:
    assert GERMANY.places_named("00000") == GERMANY.places_named("Nirgendwo") == GERMANY.places_named("") == []


@pytest.mark.parametrize(
    ("q", "regions", "things"),
    [
        ("Sprachkurs 38820", ["landkreis-harz"], 1),
        ("Sprachkurs 38820 Halberstadt", ["landkreis-harz"], 1),
        ("Sprachkurs in der Nähe von Wernigerode", ["landkreis-harz"], 1),
        ("Sprachkurs Raum Stralsund", ["landkreis-vorpommern-ruegen"], 1),
        ("Beratung in Bad Doberan", ["landkreis-rostock"], 1),
        ("language course in Wernigerode", ["landkreis-harz"], 1),
        ("Sprachkurs in Lage", ["kreis-lippe", "landkreis-grafschaft-bentheim"], 1),
        ("Sprachkurs in Wernigrode", ["landkreis-harz"], 1),
        ("Sprachkurs Stralsnd", ["landkreis-vorpommern-ruegen"], 1),
        ("Singen", ["landkreis-konstanz"], 0),  # a word of German, but nothing has it
        ("12345", [], 1),
        ("Pflege aus Indien", [], 2),  # not Inden
        ("Lage am Arbeitsmarkt", [], 2),
        ("Bescheid über Förderung", [], 2),
        ("Wissen für Ehrenamtliche", [], 2),
        ("wie viele fehlen", [], 1),  # Fellen is a village
        ("alle an Bord", [], 1),  # as the stemmer has it, Bord and Börde are one
        ("Magdeburger Beratung", ["stadt-magdeburg"], 1),
    ],
)
def test_a_place_is_taken_as_a_place_and_a_word_as_a_word(q: str, regions: list[str], things: int) -> None:
    plan = _plan(q)
    assert list(plan.regions) == regions
    assert len([concept for concept in plan.concepts if not concept.regions]) == things
    assert len(plan.places) == bool(regions)


@pytest.mark.parametrize(("q", "slug"), [("Kurs Berlin", "stadt-berlin"), ("Kurs Leipzig", "stadt-leipzig")])
def test_of_regions_with_one_name_the_city_is_shown(q: str, slug: str) -> None:
    assert [place.region for place in _plan(q).places] == [slug]
    assert len(_plan(q).regions) == 2


def test_a_landscape_means_its_districts() -> None:
    plan = _plan("Sprachkurs im Schwarzwald")
    assert {"landkreis-freudenstadt", "schwarzwald-baar-kreis", "ortenaukreis"} <= set(plan.regions)
    assert all(GERMANY.is_district(slug) for slug in plan.regions)
    assert plan.places[0].name == "Schwarzwald"


def test_a_misspelt_place_is_corrected_in_the_query() -> None:
    assert _plan("Sprachkurs in Wernigrode").corrections == ("Sprachkurs in Wernigerode",)


def test_nothing_is_proposed_that_the_person_cannot_find() -> None:
    assert _plan("Beratnug").corrections == ("Beratung",)
    assert _plan("Beratnug", hidden=frozenset(phrase("Beratung"))).corrections == ()


def test_a_long_query_of_nonsense_is_read_quickly() -> None:
    started = time.process_time()
    plan = _plan(" ".join(f"Quatschw{number:02}rt Berlin" for number in range(16)))
    assert 0 < len(plan.concepts) <= MAX_CONCEPTS
    assert time.process_time() - started < 1


def test_words_longer_than_any_are_read_quickly() -> None:
    """One of these letters becomes eighteen when it is folded."""
    started = time.process_time()
    for q in ("\ufdfa" * 300, "x" * 300):
        assert _plan(q).corrections == ()
        assert suggester(GERMANY).proposals(q, 8) == []
        assert max(len(word.folded) for word in Analyzer().words(q)) == MAX_WORD
    assert time.process_time() - started < 1


def test_of_many_typed_words_only_the_last_are_respelt() -> None:
    lexicon = Lexicon()
    lexicon.learn(["Sprachkurs", "Beratung"])
    ways = spellings(["beratnug"] * 30 + ["sprachkusr"], lexicon)
    assert ways == [["beratnug"]] * 27 + [["beratnug", "beratung"]] * 3 + [["sprachkusr", "sprachkurs"]]
    assert respelt(ways, {"sprachkurs"}.__contains__) == ["beratnug"] * 30 + ["sprachkurs"]


def test_an_unknown_compound_is_looked_for_in_other_words() -> None:
    stems = {wording.stems for wording in _plan("Flüchtlingsberatung").concepts[0].wordings}
    assert {phrase("Flüchtling Beratung"), phrase("Geflüchtete Beratung")} <= stems
    assert [wording.stems for wording in _plan("Teilberatung").concepts[0].loose] == [phrase("Beratung")]


def test_facet_values_of_a_compounds_parts_count_loosely() -> None:
    concept = _plan("Flüchtlingsberatung").concepts[0]
    assert not [tag for tag in concept.tags_if(loose=False) if tag.value == "refugees"]
    assert [tag for tag in concept.tags_if(loose=True) if tag.value == "refugees"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Firma", "Unternehmen"), ("nurses", "Pflege"), ("companies", "Unternehmen"), ("job fair", "Jobmesse")],
)
def test_people_and_authorities_say_it_differently(typed: str, meant: str) -> None:
    assert phrase(meant) in [wording.stems for wording in _plan(typed).concepts[0].wordings]


def test_english_words_stand_for_the_facet_values_of_german_ones() -> None:
    assert "ausbildung" in [tag.value for tag in _plan("apprenticeship").concepts[0].tags]


def test_every_entry_of_the_vocabulary_leads_somewhere_else() -> None:
    for typed, meant in (EVERYDAY_WORDS | ENGLISH_WORDS).items():
        assert phrase(typed)
        assert all(phrase(word) for word in meant), typed


def test_distances_and_bands() -> None:
    magdeburg, berlin = GERMANY.places_named("Magdeburg")[0].point, GERMANY.places_named("stadt-berlin")[0].point
    assert magdeburg is not None
    assert berlin is not None
    assert 120 < distance_km(magdeburg, berlin) < 140
    bands = GERMANY.bands(WERNIGERODE)
    assert bands[0] == (BANDS_KM[0], frozenset({"landkreis-harz"}))
    assert [slugs for _, slugs in bands[-2:]] == [frozenset({"sachsen-anhalt"}), frozenset({"deutschland"})]
    placed = [slug for _, slugs in bands for slug in slugs]
    assert len(placed) == len(set(placed))


def test_regions_that_lie_in_one_another_are_survived() -> None:
    odd = Knowledge([RegionFacts("a", "Anders", parent="b"), RegionFacts("b", "Besser", parent="a")])
    assert odd.concerning("a") == {"a", "b"}
    assert odd.territory.below("a") == ["b"]


def test_circles_touch_districts_and_what_lies_above() -> None:
    assert GERMANY.touched(Circle(WERNIGERODE, 1)) == {"landkreis-harz", "sachsen-anhalt", "deutschland"}
    assert "landkreis-goslar" in GERMANY.touched(Circle(WERNIGERODE, 25))
    assert GERMANY.touched(Circle(Point(48.85, 2.35), 50)) == frozenset()


def test_where_documents_lie() -> None:
    own = document("own", "Kurs", lat=51.0, lon=11.0, regions=["stadt-berlin"])
    assert GERMANY.point_of(own) == Point(51.0, 11.0)
    assert GERMANY.point_of(document("land", "Kurs", regions=["sachsen-anhalt"])) is None
    assert GERMANY.point_of(document("city", "Kurs", regions=["berlin"])) is not None  # a Land and its only district
    assert GERMANY.geography.distance_to(document("home", "Kurs", regions=["landkreis-harz"]), WERNIGERODE) == 0


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Werniger", ("Wernigerode", "place")),
        ("Wernigro", ("Wernigerode", "place")),
        ("3882", ("38820 Halberstadt", "place")),
        ("Magd", ("Magdeburg", "region")),
        ("be", ("Berlin", "region")),
        ("Landkreis Harz", ("Harz", "region")),
        ("Ausb", ("Ausbildung", "term")),
        ("Ausbildnug", ("Ausbildung", "term")),
        ("Sprachkurs Wernig", ("Sprachkurs Wernigerode", "query")),
    ],
)
def test_completions(typed: str, first: tuple[str, str]) -> None:
    found = suggester(GERMANY).proposals(typed, 8)[0]
    assert (found.text, found.kind) == first


def test_completions_are_few_and_different() -> None:
    assert suggester(GERMANY).proposals("Flücht", 8, forgiving=False) == []  # otherwise Feucht and Frücht
    found = suggester(GERMANY).proposals("ber", 4)
    assert len(found) == len({item.text for item in found}) <= 4
    assert suggester(GERMANY).proposals("xyzzy", 8) == []


def test_reasons_are_few_and_true() -> None:
    plan = _plan("Sprachkurs 38820")
    reasons = Reasons(plan, GERMANY, Request(q="Sprachkurs 38820"), lookout_of(plan))
    typed = document("typed", "Sprachkurs", regions=["landkreis-harz"])
    tagged = document("tagged", "Angebot", topics=["sprachfoerderung"], regions=["sachsen-anhalt"])
    assert reasons.of(typed, frozenset(phrase("Sprachkurs"))) == [Reason("place", "Harz")]
    assert reasons.of(tagged, frozenset()) == [Reason("tag", "Sprachförderung"), Reason("around", "Sachsen-Anhalt")]
    assert reasons.of(document("far", "Garten", regions=["hessen"]), frozenset()) == []
    assert reasons.distance(typed) == 0
    within = Reasons(plan, GERMANY, Request(within=Circle(WERNIGERODE, 5.0)), lookout_of(plan))
    assert reasons.distance(tagged) is within.distance(document("t", "Kurs", regions=["landkreis-goslar"])) is None


def test_a_summary_is_marked_where_there_is_no_text() -> None:
    assert _marked("", "Sprachkurs", "Ein Sprachkurs für alle.")[1] == "Ein <mark>Sprachkurs</mark> für alle."


def test_a_word_that_comes_again_and_again_costs_one_pass() -> None:
    started = time.process_time()
    assert _marked("Haus " * 2_000, "Haus")[1].count("<mark>") > 10
    assert time.process_time() - started < 1


def test_names_of_places_are_keys() -> None:
    assert all(name == name_key(name) for name in islice(shipped().names(), 500))
