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
from typing import NamedTuple

import tantivy

from services.search.language.words import CONSTITUENTS, STOP_WORDS, UNDIVIDED

WORD = re.compile(r"[^\W_]+(?:[*:_](?:innen|in)\b)?")
MAX_WORD = 60
_GENDERED = re.compile(r"[*:_]in(?:nen)?$")
_FEMININE = re.compile(r"(?<=.{3})(?:(?<=er)|(?<=or)|(?<=ant)|(?<=ent)|(?<=ist)|(?<=at))in$|(?<=.{3})innen$")
_DERIVED = re.compile(r"(?<=.{5})(?:ation|ator|iert|ier|ativ|ium|i)$|(?<=.{4})um$")
_LEFT_S = re.compile(r"(?<=.{2}[bdfghklmnrt])s$")  # the stemmer takes Kurs to "kur", but Kurse to "kurs"
_MIXED = re.compile(r"(?<=.{2})annt$")
_DIGRAPH = re.compile(r"(?<![aeiouq])(?:ae|oe|ue)")
_ENDINGS = frozenset({"ende", "enden", "innen", "ungen", "heit", "keit", "schaft", "lich", "bare", "aussen", "unter"})
_LINKING = frozenset({"s", "es", "n", "en", "er", "e"})
_LINKS = {"s": (1, 2), "n": (1, 2), "r": (2,), "e": (1,)}  # how long they may be, by their last letter
_stemmer = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
    .filter(tantivy.Filter.lowercase())
    .filter(tantivy.Filter.stemmer("german"))
    .build()
)


class Forms(NamedTuple):
    """What a word comes to wherever it stands: see Word; `silent` words say nothing about what is looked for."""

    folded: str
    stem: str
    parts: tuple[str, ...]
    silent: bool


@dataclass(frozen=True)
class Word:
    """One word of a text with its place in it; `parts` are the stems of a compound's parts, empty for a simple word."""

    text: str
    start: int
    end: int
    folded: str
    stem: str
    parts: tuple[str, ...] = ()


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """One spelling for all ways to type a word: lower case, no accents, ä = ae = a, ß = ss."""
    lower = _GENDERED.sub("", word).lower().replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", lower)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _DIGRAPH.sub(lambda found: found[0][0], bare)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The folded stem, the same for all forms of a word, feminine ones included where that is certain.

    Latin families come together too: Koordination, Koordinator, koordinieren; Zentrum, Zentren; and so do
    participles like anerkannt with anerkennen.
    """
    found = _stemmer.analyze(_masculine(word)[:MAX_WORD])
    if not found:
        return ""
    return _MIXED.sub("enn", _LEFT_S.sub("", _DERIVED.sub("", fold(found[0]))))


def _masculine(word: str) -> str:
    return _FEMININE.sub("", _GENDERED.sub("", word))


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


def constituents_of(texts: Iterable[str]) -> set[str]:
    """Folded nouns of `texts`: what compounds may be made of.

    German writes nouns with a capital, so capitals tell; very long words are compounds themselves.
    """
    seen = {
        found[0]
        for text in texts
        for found in surfaces(text)
        if found[0][0].isupper() and 4 <= len(found[0]) <= 16 and found[0][1:].islower()
    }
    return {fold(word) for word in seen if not is_stop_word(word)} - _ENDINGS


class Analyzer:
    """Takes texts apart with a list of constituents; remembers every word it has seen."""

    SHORTEST_COMPOUND = 8
    SHORTEST_PART = 4
    SHORTEST_HEAD = 5
    REMEMBERED = 200_000

    def __init__(self, constituents: Iterable[str] = ()) -> None:
        self.constituents = {fold(word) for word in CONSTITUENTS} | set(constituents)
        self._stems = {stem(word) for word in self.constituents}
        self._forms: dict[str, Forms] = {}

    def words(self, text: str) -> list[Word]:
        """All words of a text in their order."""
        return [Word(found[0], found.start(), found.end(), *self.forms(found[0])[:3]) for found in surfaces(text)]

    def forms(self, word: str) -> Forms:
        """What a word as it is written comes to."""
        known = self._forms.get(word)
        if known is None:
            if len(self._forms) >= self.REMEMBERED:
                self._forms.clear()
            parts = tuple(dict.fromkeys(map(stem, self._all_parts(fold(_masculine(word))))))
            known = self._forms[word] = Forms(fold(word), stem(word), parts, is_stop_word(word))
        return known

    def parts(self, word: str) -> tuple[str, ...]:
        """The stems of the parts of a compound, and of their parts; empty for a simple word."""
        return self.forms(word).parts

    def split(self, word: str) -> tuple[str, ...]:
        """The folded parts of a compound as it is first taken apart; empty for a simple word."""
        return self._split(fold(_masculine(word)))

    def _all_parts(self, folded: str) -> list[str]:
        found: list[str] = []
        for part in self._split(folded):
            found.append(part)
            found.extend(self._all_parts(part))
        return found

    def _split(self, folded: str) -> tuple[str, ...]:
        """The fewest constituents that make up the word (the longest last one, if several ways exist), or ()."""
        if not self.SHORTEST_COMPOUND <= len(folded) <= MAX_WORD or not folded.isalpha() or folded in UNDIVIDED:
            return ()
        best: tuple[str, ...] = ()
        for cut in range(self.SHORTEST_PART - 1, len(folded) - 2):
            modifier = self._modifier(folded[:cut])
            if not modifier:
                continue
            rest = folded[cut:]
            tail = (rest,) if self._is_head(rest) else self._split(rest)
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
        return folded in self.constituents or (len(folded) >= self.SHORTEST_PART and stem(folded) in self._stems)

    def _modifier(self, folded: str) -> str:
        """The constituent that stands at the front of a compound, without its linking letters; "" if there is none."""
        known = self.constituents
        if folded in known:
            return folded
        for length in _LINKS.get(folded[-1], ()):
            bare = folded[:-length]
            if len(bare) >= self.SHORTEST_PART and bare in known and folded[-length:] in _LINKING:
                return bare
        for ending in ("e", "ung"):
            if folded + ending in known:
                return folded + ending
        return ""
