"""The rules without a database: documents from events, requests, words."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from typing import Any

import pytest

from infra.contracts.contacts import OfferPublished, OfferWithdrawn
from infra.errors import Invalid
from services.search.documents import SUMMARY_LETTERS, document_of
from services.search.domain import Document, audience_for, audience_of, check_filters, checked_query
from services.search.embedded.engine import _guarded
from services.search.engine import DamagedError
from services.search.language.analysis import Analyzer, fold, phrase, stem
from services.search.language.compounds import Compounds
from services.search.language.knowledge import Knowledge, RegionFacts
from services.search.language.lexicon import Lexicon, distance
from services.search.language.remembered import Remembered
from services.search.language.terms import NEVER_OVER, until


def test_long_description_gives_a_summary_of_whole_words() -> None:
    event = OfferPublished(id="o", version=1, slug="o", name="Kurs", title="Kurs", description="Wort " * 200)
    summary = document_of(event).summary
    assert len(summary) <= SUMMARY_LETTERS + 2
    assert summary.endswith("Wort …")


def test_what_makes_an_offer_easy_to_join_is_found_in_its_text() -> None:
    event = OfferPublished(
        id="o",
        slug="o",
        name="Kurs",
        title="Kurs",
        description="Für alle.",
        description_en="For everybody.",
        language_level_from="A2",
        language_level_to="B2",
        childcare=True,
        part_time=False,
        open_entry=True,
        costs="nichts.",
        accessibility="Aufzug",
        format="online",
    )
    document = document_of(event)
    assert document.text.splitlines() == [
        "Für alle.",
        "For everybody.",
        "Mit Kinderbetreuung. Einstieg jederzeit möglich. Deutschniveau A2, B1, B2."
        " Kosten: nichts. Barrierefreiheit: Aufzug",
    ]
    assert document.formats == ["online"]


@pytest.mark.parametrize(
    ("lowest", "highest", "words"),
    [("B1", "", "Deutschniveau B1."), ("", "C1", "Deutschniveau C1."), ("B2", "A1", "Deutschniveau A1, A2, B1, B2.")],
)
def test_levels_of_german_may_be_open_on_one_side(lowest: str, highest: str, words: str) -> None:
    event = OfferPublished(
        id="o", slug="o", name="Kurs", title="Kurs", language_level_from=lowest, language_level_to=highest
    )
    assert document_of(event).text == words


@pytest.mark.parametrize(
    ("kind", "dates", "last"),
    [
        ("event", {"date": "2026-05-01"}, 20260501),
        ("event", {"date": "2026-05-01", "date_end": "2026-05"}, 20260599),
        ("event", {"date": "2026"}, 20269999),
        ("event", {}, NEVER_OVER),
        ("offer", {"date": "2020-01-01"}, NEVER_OVER),
        ("offer", {"date": "2020-01-01", "date_end": "2026-12-31"}, 20261231),
        ("offer", {"date_end": "2026-12-31", "status": "ended"}, 0),
        ("document", {"date": "2020-01-01"}, NEVER_OVER),
    ],
)
def test_until_when_a_thing_is_of_use(kind: str, dates: dict[str, Any], last: int) -> None:
    assert until(Document(id="x", kind=kind, slug="x", version=1, title="x", **dates)) == last


def test_no_document_is_made_from_a_withdrawal() -> None:
    with pytest.raises(TypeError, match=r"offer\.withdrawn"):
        document_of(OfferWithdrawn(id="o", version=1, slug="o"))


def test_a_closed_topic_is_for_its_space_and_its_network() -> None:
    assert audience_of("public", "iq") == ["public"]
    assert audience_of("space-1", "iq") == ["space:space-1", "network:iq", "role:moderator"]
    assert audience_of("space-1", "") == ["space:space-1", "role:moderator"]
    assert audience_for(["iq"], ["member", "coordinator"]) == {"public", "network:iq"}
    assert audience_for([], ["moderator"]) == audience_for([], ["admin"]) == {"public", "role:moderator"}


@pytest.mark.parametrize(
    ("typed", "cleaned"), [("", ""), ("  ", ""), ("a\u0308", "ä"), (" Kurs \x00\n für ", "Kurs für")]
)
def test_queries_are_cleaned(typed: str, cleaned: str) -> None:
    assert checked_query(typed) == cleaned


def test_of_many_known_values_the_similar_ones_are_named() -> None:
    known = [f"landkreis-{number}" for number in range(30)] + ["stadt-halle", "stadt-hamm"]
    with pytest.raises(Invalid) as caught:
        check_filters({"district": ["stadt-hale", "xyz"]}, {"district": known})
    first, second = caught.value.fields
    assert "stadt-halle, stadt-hamm." in first.text.de
    assert "landkreis-0, landkreis-1," in second.text.en


def test_facets_of_which_nothing_is_known_yet_are_not_checked() -> None:
    check_filters({"topic": ["x"], "stage": ["y"]}, {"topic": []})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Häuser", "haus"),
        ("Größe", "Groesse"),
        ("Kurse", "Kurs"),
        ("Beraterinnen", "Berater"),
        ("Berater:in", "Berater"),
        ("Zentren", "Zentrum"),
        ("anerkannt", "Anerkennung"),
        ("Koordinatorin", "koordinieren"),
    ],
)
def test_words_of_one_family_have_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["Berlin", "Steuer", "neue", "Quelle", "Frauen"])
def test_folding_leaves_letters_that_are_no_umlaut(word: str) -> None:
    assert fold(word) == word.lower()


def test_a_sign_alone_has_no_stem_and_a_phrase_of_stop_words_keeps_them() -> None:
    assert stem("") == ""
    assert phrase("der die das") == ("der", "die", "das")


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Berufssprachkurs", ("beruf", "sprach", "kur")),
        ("Arbeitserlaubnis", ("arbeit", "erlaubnis")),
        ("Lupinenprojekt", ("lupin", "projekt")),
        ("Niedersachsen", ()),
        ("Kurs", ()),
        ("2030-Kurs", ()),
    ],
)
def test_compounds(word: str, parts: tuple[str, ...]) -> None:
    assert Analyzer(["sachsen"]).parts(word) == parts


def test_a_text_comes_to_the_same_words_by_its_spaces_as_a_whole() -> None:
    text = "Die Berater*innen (Köln),\u00a0E-Mail:\tSprachkurs/-beratung\n" + 70 * "x" + " A1–B2_in Café … 2030"
    words = Analyzer().words(text)
    forms = Analyzer().text_forms(text)
    assert [(one.text, one.folded, one.stem, one.parts) for one in forms] == [
        (word.text, word.folded, word.stem, word.parts) for word in words
    ]
    assert forms[0].told == "" and forms[1].told == forms[1].stem == "berat"


def test_an_analyzer_forgets_words_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Analyzer, "REMEMBERED", 2)
    monkeypatch.setattr(Compounds, "REMEMBERED", 1)
    analyzer = Analyzer()
    for word in ("Sprachkurs", "Fachkraft", "Netzwerk", "Weiterbildungsberatung", "Fachkräftenetzwerktreffen"):
        assert analyzer.parts(word)
    assert analyzer.parts("Sprachkurs") == ("sprach", "kur")


def test_what_was_asked_for_long_ago_is_forgotten() -> None:
    made: list[int] = []

    def square(number: int) -> int:
        made.append(number)
        return number**2

    squares = Remembered(square, 2)
    assert [squares[number] for number in (1, 2, 1, 3, 4, 2, 5, 6, 7, 1)] == [1, 4, 1, 9, 16, 4, 25, 36, 49, 1]
    assert (made.count(1), made.count(2), made.count(3)) == (2, 1, 1)


def test_an_analyzer_goes_without_waiting_for_the_cycle_collector() -> None:
    analyzer = Analyzer()
    assert analyzer.parts("Sprachkurs")
    gone = weakref.ref(analyzer)
    gc.disable()
    try:
        del analyzer
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("pflege", "pflege", 0), ("pflege", "pfelge", 1), ("kurs", "kus", 1), ("kurs", "kreis", 3), ("", "abc", 3)],
)
def test_distance_counts_a_transposition_once(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == edits


def test_lexicon_knows_how_words_are_written() -> None:
    lexicon = Lexicon()
    lexicon.learn(["Anerkennung", "anerkennung", "Anerkennungen"])
    assert "anerkennung" in lexicon
    assert lexicon.shown("anerkennung") == "Anerkennung"
    assert lexicon.shown("fehlt") == "fehlt"
    assert lexicon.near("anerkenung")[0] == ("anerkennung", 1)
    assert lexicon.near("amt") == []


def test_short_names_of_places_mean_all_that_are_called_so_unless_one_has_just_that_name() -> None:
    knowledge = Knowledge(
        [
            RegionFacts("main", "Frankfurt am Main", kind="kreisfreie-stadt"),
            RegionFacts("oder", "Frankfurt (Oder)", kind="kreisfreie-stadt"),
            RegionFacts("brandenburg", "Brandenburg", kind="land"),
            RegionFacts("havel", "Brandenburg an der Havel", kind="kreisfreie-stadt"),
            RegionFacts("mv", "Mecklenburg-Vorpommern", kind="land"),
            RegionFacts("erz", "Erzgebirgskreis", kind="landkreis"),
        ]
    )

    def regions(text: str) -> set[str]:
        meaning = knowledge.meaning(phrase(text))
        return set(meaning.regions) if meaning else set()

    assert regions("Frankfurt") == {"main", "oder"}
    assert regions("Brandenburg") == {"brandenburg"}
    assert regions("Brandenburg an der Havel") == {"havel"}
    assert regions("Mecklenburg") == {"mv"}
    assert regions("Erzgebirge") == {"erz"}


class PanicException(BaseException):
    """Named like what tantivy raises when its own code fails."""


def test_a_panic_in_the_engine_is_damage_and_other_signals_are_not() -> None:
    def panic() -> None:
        raise PanicException("index out of bounds")

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(DamagedError):
        _guarded(panic)
    with pytest.raises(KeyboardInterrupt):
        _guarded(interrupt)


def test_the_client_of_meilisearch_is_imported_only_where_it_is_used() -> None:
    script = (
        "import sys; from infra.settings import load; from services.search import hosting; "
        "hosting.choose_engine(load({'LOTSE_DEMO': '1', 'LOTSE_DATA_DIR': '/nonexistent'})); "
        "print([name for name in ('meilisearch_python_sdk', 'httpx2', 'camel_converter') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout == "[]\n"
