"""From text to terms: words, their folded spelling, their stem, and the parts of compounds.

Folding comes after the stemmer, which needs the umlauts: so Häuser finds Haus, Voegel finds Vögel and Strasse finds
Straße. The same code treats documents and queries; an index keeps the list of constituents it was built with.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import tantivy

from services.search.language.compounds import Compounds
from services.search.language.remembered import Remembered
from services.search.language.words import CONSTITUENTS, STOP_WORDS

MAX_WORD = 60
# What is longer falls to pieces: words are remembered, and nobody fills the memory with long ones.
WORD = re.compile(rf"[^\W_]{{1,{MAX_WORD}}}(?:[*:_](?:innen|in)\b)?")
_DIGRAPH = re.compile(r"(?<![aeiouq])(?:ae|oe|ue)")
_ACCENT = re.compile(r"[^\x00-\x7fäöüßÄÖÜẞ]")
_PLAIN = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "é": "e"})
_GENDER_MARKS = "*:_"
_BEFORE_IN = ("er", "or", "ant", "ent", "ist", "at")
_DERIVED = (("ation", 5), ("ator", 5), ("iert", 5), ("ativ", 5), ("ier", 5), ("ium", 5), ("um", 4), ("i", 5))
_DERIVING = tuple(ending for ending, _ in _DERIVED)
_BEFORE_S = frozenset("bdfghklmnrt")
_stemmer = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    .filter(tantivy.Filter.lowercase())
    .filter(tantivy.Filter.stemmer("german"))
    .build()
)
_english_stemmer = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.stemmer("english")).build()
)


class Forms(NamedTuple):
    """What a word comes to wherever it stands: see Word; `told` is its stem, "" where it says nothing about what is
    looked for, and `terms` are that and its parts."""

    text: str
    folded: str
    stem: str
    parts: tuple[str, ...]
    told: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """One word of a text with its place in it; `parts` are the stems of a compound's parts, empty for a simple word."""

    text: str
    start: int
    end: int
    folded: str
    stem: str
    parts: tuple[str, ...] = ()


def folded(word: str) -> str:
    """One spelling for all ways to type a word: lower case, no accents, ä = ae = a, ß = ss."""
    plain = (word if word.isalnum() else _without_gender(word)).lower()
    if not plain.isascii():
        plain = plain.translate(_PLAIN)
    if not plain.isascii():
        parted = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in parted if not unicodedata.combining(letter))[:MAX_WORD]
    if "ae" in plain or "oe" in plain or "ue" in plain:
        return _DIGRAPH.sub(lambda found: found[0][0], plain)
    return plain


fold = lru_cache(maxsize=20_000)(folded)
"""`folded`, remembered for words that come again."""


def stemmed(word: str) -> str:
    """The folded stem, the same for all forms of a word, feminine ones included where that is certain.

    Latin families come together too: Koordination, Koordinator, koordinieren; Zentrum, Zentren; and so do
    participles like anerkannt with anerkennen.
    """
    found = _stemmer.analyze(_masculine(_without_accents(word) if _ACCENT.search(word) else word)[:MAX_WORD])
    if not found:
        return ""
    bare = folded(found[0])
    if bare.endswith(_DERIVING):
        bare = _without_derivation(bare)
    if bare.endswith("s") and len(bare) > 3 and bare[-2] in _BEFORE_S:
        bare = bare[:-1]  # the stemmer takes Kurs to "kur", but Kurse to "kurs"
    return f"{bare[:-4]}enn" if bare.endswith("annt") and len(bare) > 5 else bare


stem = lru_cache(maxsize=20_000)(stemmed)
"""`stemmed`, remembered for words that come again."""


def _without_accents(word: str) -> str:
    """Without accents but the German ones: to the stemmer, Cafe has an ending and Café has none."""
    letters = unicodedata.normalize("NFC", word)
    return "".join(one if one in "äöüßÄÖÜẞ" else unicodedata.normalize("NFD", one)[0] for one in letters)


def _without_derivation(folded: str) -> str:
    for ending, left in _DERIVED:
        if folded.endswith(ending) and len(folded) - len(ending) >= left:
            return folded[: -len(ending)]
    return folded


def _without_gender(word: str) -> str:
    """Less an ending of both genders: Berater*innen."""
    for ending in ("innen", "in"):
        if word.endswith(ending) and word[-len(ending) - 1 : -len(ending)] in _GENDER_MARKS:
            return word[: -len(ending) - 1] or word
    return word


def _masculine(word: str) -> str:
    plain = word if word.isalnum() else _without_gender(word)
    if plain.endswith("innen") and len(plain) > 7:
        return plain[:-5]
    if plain.endswith("in") and len(plain) > 4 and plain[:-2].endswith(_BEFORE_IN):
        return plain[:-2]
    return plain


def surfaces(text: str) -> Iterator[re.Match[str]]:
    """The words of a text as they stand there."""
    return WORD.finditer(text)


def name_key(text: str) -> str:
    """A name as a key: folded words joined by single spaces."""
    return " ".join(fold(found[0]) for found in surfaces(text))


def is_stop_word(word: str) -> bool:
    """Whether a word says nothing about what is looked for."""
    return word.lower() in STOP_WORDS


@lru_cache(maxsize=20_000)
def phrase(text: str) -> tuple[str, ...]:
    """The stems of a text without stop words (with them, if there is nothing else): a key for equal meaning."""
    words = [found[0] for found in surfaces(text)]
    return tuple(stem(word) for word in words if not is_stop_word(word)) or tuple(stem(word) for word in words)


def telling_words(text: str) -> list[str]:
    """The folded words of a text without stop words (with them, if there is nothing else)."""
    words = WORD.findall(text)
    return [fold(word) for word in words if not is_stop_word(word)] or list(map(fold, words))


@lru_cache(maxsize=5_000)
def english_stem(folded: str) -> str:
    """The stem of a folded word that is taken for English."""
    return "".join(_english_stemmer.analyze(folded[:MAX_WORD]))


def english_key(text: str) -> tuple[str, ...]:
    """`phrase` for English."""
    return tuple(map(english_stem, telling_words(text)))


class Analyzer:
    """Takes texts apart with a list of constituents; remembers the words it has met lately."""

    REMEMBERED = 50_000

    def __init__(self, constituents: Iterable[str] = (), stems: Iterable[str] = ()) -> None:
        """`stems`: those of the constituents, from an earlier time, since working them out takes a while."""
        known = {fold(word) for word in CONSTITUENTS}.union(constituents)
        self._compounds = Compounds(known, set(stems) or map(stem, known), stem)
        self.forms = Remembered(self._forms_of, self.REMEMBERED).__getitem__
        self._between_spaces = Remembered(self._forms_of_all, self.REMEMBERED).__getitem__

    @property
    def stems(self) -> frozenset[str]:
        """Those of the constituents."""
        return self._compounds.stems

    def words(self, text: str) -> list[Word]:
        """All words of a text in their order."""
        return [Word(found[0], found.start(), found.end(), *self.forms(found[0])[1:4]) for found in surfaces(text)]

    def text_forms(self, text: str) -> list[Forms]:
        """What all words of a text come to, in their order; no word has a space in it, so that they can be met again
        with whatever else stands between two spaces."""
        return list(chain.from_iterable(map(self._between_spaces, text.split())))

    def parts(self, word: str) -> tuple[str, ...]:
        """The stems of the parts of a compound, and of their parts; empty for a simple word."""
        return self.forms(word).parts

    def split(self, word: str) -> tuple[str, ...]:
        """The folded parts of a compound as it is first taken apart; empty for a simple word."""
        return self._compounds.split(folded(_masculine(word)))

    def _forms_of_all(self, text: str) -> tuple[Forms, ...]:
        return tuple(map(self.forms, WORD.findall(text)))

    def _forms_of(self, word: str) -> Forms:
        """What a word as it is written comes to."""
        plain, masculine = folded(word), _masculine(word)
        whole = plain if masculine == word else folded(masculine)
        parts, bare = self._compounds.stems_of_parts(whole), stemmed(word)
        told = "" if is_stop_word(word) else bare
        return Forms(word, plain, bare, parts, told, (told, *parts) if told else parts)
