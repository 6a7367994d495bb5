"""Looking out for words must never miss one that taking every word apart would find."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.search.language.analysis import Analyzer, surfaces
from services.search.language.constituents import constituents_of
from services.search.language.lookout import Lookout

CONTENT = Path("services/contacts/content")
WORDS = 400


def _texts() -> Iterator[str]:
    for path in sorted(CONTENT.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield " ".join(value for value in json.loads(line).values() if isinstance(value, str))


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return list(_texts())


@pytest.fixture(scope="module")
def analyzer(texts: list[str]) -> Analyzer:
    return Analyzer(constituents_of(texts))


def _asked(*stems: str) -> Lookout:
    return Lookout(frozenset(stems))


def _stems(analyzer: Analyzer, word: str) -> set[str]:
    forms = analyzer.forms(word)
    return {stem for stem in (forms.stem, *forms.parts) if stem}


def test_no_word_of_the_content_is_missed_by_any_of_its_stems(texts: list[str], analyzer: Analyzer) -> None:
    words = {found[0] for text in texts for found in surfaces(text)}
    missed = [
        (word, stem)
        for word in words
        for stem in _stems(analyzer, word)
        if word not in [found[0] for found in _asked(stem).words(f"Ein {word}, „gut“.")]
    ]
    assert missed == []


def test_whole_texts_give_the_same_words_as_word_for_word(texts: list[str], analyzer: Analyzer) -> None:
    chance = random.Random(4)
    words = sorted({found[0] for text in texts for found in surfaces(text)})
    for text in chance.sample(texts, 60):
        wanted = {stem for word in chance.sample(words, 8) for stem in _stems(analyzer, word)}
        matching = [found.span() for found in surfaces(text) if wanted & _stems(analyzer, found[0])]
        there = [found.span() for found in _asked(*wanted).words(text)]
        assert [span for span in there if span in set(matching)] == matching
        assert there == sorted(set(there))


@pytest.mark.parametrize(
    ("typed", "text", "marked"),
    [
        ("Überbrückung", "Ueberbrueckung hilft", ["Ueberbrueckung"]),
        ("Straße", "in der STRASSE, Straßen 3", ["STRASSE", "Straßen"]),
        ("Maßnahme", "Massnahmen und Maßnahmen", ["Massnahmen", "Maßnahmen"]),
        ("Café", "Cafe, Café", ["Cafe", "Café"]),
        ("Berater", "Berater*innen, Berater:in und Beraterinnen", ["Berater*innen", "Berater:in", "Beraterinnen"]),
        ("anerkennen", "anerkannt, Anerkennung; ANERKANNTE", ["anerkannt", "Anerkennung", "ANERKANNTE"]),
        ("Leitung", "Leitziele der Leitung", ["Leitziele", "Leitung"]),
        ("Señora", "Die Señora aus İzmir sprach", ["Señora"]),
        ("Kurs", "a" * 61 + "kurs " + "b" * 130, []),
    ],
)
def test_spellings(analyzer: Analyzer, typed: str, text: str, marked: list[str]) -> None:
    stems = _stems(analyzer, typed)
    there = [found[0] for found in _asked(*stems).words(text)]
    assert [word for word in there if stems & _stems(analyzer, word)] == marked


def test_a_word_without_end_is_gone_through_once() -> None:
    found = [item.span() for item in _asked("kurs").words("kurs" * 50_000)]
    assert len(found) == len(set(found)) == -(-200_000 // 60)


def test_nothing_asked_for_is_nothing_found() -> None:
    assert list(_asked().words("Kurs")) == []
