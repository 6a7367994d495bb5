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

from services.search.language.remembered import Remembered
from services.search.language.words import CONSTITUENTS, STOP_WORDS, UNDIVIDED

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
_LINKING = frozenset({"s", "es", "n", "en", "er", "e"})
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
    looked for."""

    text: str
    folded: str
    stem: str
    parts: tuple[str, ...]
    told: str


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

    SHORTEST_COMPOUND = 8
    SHORTEST_PART = 4
    SHORTEST_HEAD = 5
    REMEMBERED = 50_000
    BEGIN = 3

    def __init__(self, constituents: Iterable[str] = (), stems: Iterable[str] = ()) -> None:
        """`stems`: those of the constituents, from an earlier time, since working them out takes a while."""
        self.constituents = {fold(word) for word in CONSTITUENTS} | set(constituents)
        self.stems = set(stems) or {stem(word) for word in self.constituents}
        self._begins = {bare[: self.BEGIN] for bare in self.stems}
        self._fronts = self._as_fronts()
        self._lengths = self._lengths_of_fronts()
        self._inside: dict[str, list[str]] = {}
        self.forms = lru_cache(self.REMEMBERED)(self._forms_of)
        self._between_spaces = Remembered(self._forms_of_all, self.REMEMBERED).__getitem__

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
        return self._split(fold(_masculine(word)))

    def _forms_of_all(self, text: str) -> tuple[Forms, ...]:
        return tuple(map(self.forms, WORD.findall(text)))

    def _forms_of(self, word: str) -> Forms:
        """What a word as it is written comes to."""
        plain, masculine = folded(word), _masculine(word)
        whole = plain if masculine == word else folded(masculine)
        parts = tuple(dict.fromkeys(map(stem, self._all_parts(whole)))) if len(whole) >= self.SHORTEST_COMPOUND else ()
        bare = stemmed(word)
        return Forms(word, plain, bare, parts, "" if is_stop_word(word) else bare)

    def _all_parts(self, folded: str) -> list[str]:
        return [further for part in self._split(folded) for further in (part, *self._parts_of_part(part))]

    def _parts_of_part(self, part: str) -> list[str]:
        """The parts of a part; of constituents, which come again and again, they are remembered."""
        if part not in self.constituents:
            return self._all_parts(part)
        known = self._inside.get(part)
        if known is None:
            known = self._inside[part] = self._all_parts(part)
        return known

    def _split(self, folded: str) -> tuple[str, ...]:
        """The fewest constituents that make up the word (the longest last one, if several ways exist), or ()."""
        if not self.SHORTEST_COMPOUND <= len(folded) <= MAX_WORD or not folded.isalpha() or folded in UNDIVIDED:
            return ()
        modifiers = self._modifiers(folded)
        for cut, modifier in modifiers:
            if self._is_head(folded[cut:]):
                return modifier, folded[cut:]
        best: tuple[str, ...] = ()
        for cut, modifier in modifiers:
            tail = self._split(folded[cut:])
            if tail and (not best or len(tail) + 1 < len(best)):
                best = (modifier, *tail)
        return best or self._split_partly(folded)

    def _split_partly(self, folded: str) -> tuple[str, ...]:
        """A word of which only the end or only the front is known: Lupinen-projekt, Arbeits-erlaubnis."""
        for cut in range(self.SHORTEST_PART, len(folded) - self.SHORTEST_HEAD + 1):
            if folded[cut:] in self.constituents:
                return folded[:cut], folded[cut:]
        for cut in range(len(folded) - self.SHORTEST_HEAD, self.SHORTEST_HEAD, -1):
            front = folded[:cut].removesuffix("s")
            if front != folded[:cut] and front in self.constituents:
                return front, folded[cut:]
        return ()

    def _is_head(self, folded: str) -> bool:
        if folded in self.constituents:
            return True
        return len(folded) >= self.SHORTEST_PART and folded[: self.BEGIN] in self._begins and stem(folded) in self.stems

    def _modifiers(self, folded: str) -> list[tuple[int, str]]:
        """Where the front of a compound may end, with the constituent that stands there, in this order."""
        last = len(folded) - self.BEGIN
        found: dict[int, str] = {}
        for length in self._lengths.get(folded[: self.BEGIN], ()):
            constituent = self._fronts.get(folded[:length])
            if constituent is None:
                continue
            if len(constituent) != length:
                found.setdefault(length, constituent)
                continue
            found[length] = constituent
            for link in (1, 2) if length >= self.SHORTEST_PART else ():
                if folded[length : length + link] in _LINKING:
                    found.setdefault(length + link, constituent)
        return [item for item in sorted(found.items()) if item[0] <= last] if found else []

    def _as_fronts(self) -> dict[str, str]:
        """Constituents as they stand before others: whole, or without “e” or “ung” (Schul-, Vermittl-)."""
        fronts = {word: word for word in self.constituents}
        for ending in ("e", "ung"):
            for word in self.constituents:
                if word.endswith(ending):
                    fronts.setdefault(word.removesuffix(ending), word)
        return fronts

    def _lengths_of_fronts(self) -> dict[str, tuple[int, ...]]:
        """How long the fronts are that begin with the same letters, the shortest first."""
        lengths: dict[str, set[int]] = {}
        for front in self._fronts:
            if len(front) >= self.BEGIN:
                lengths.setdefault(front[: self.BEGIN], set()).add(len(front))
        return {begin: tuple(sorted(found)) for begin, found in lengths.items()}
