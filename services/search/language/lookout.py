"""Which words of a text can matter to a query at all, told before they are taken apart.

Taking a word apart costs some 20 µs where it was not met lately, and of a document that is shown hardly any word was
asked for. Stems and the parts of compounds keep the beginning of the word or part that they come from, so a word
without the first letters of any stem that was asked for cannot match. They are looked for in the whole text at once:
word by word takes four times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from services.search.language.analysis import WORD, fold, surfaces
from services.search.language.understanding import Plan

LETTERS = 6
MOST = 300
_INSTEAD = (
    *zip("äöüßé", "aouse", strict=True),
    *zip("–—„“”‚‘’…•·§€°²→\u00a0\u202f\u00ad", "-" * 19, strict=True),  # nothing of a word
)


class Lookout:
    """Looks out for the words with one of these `stems`, by themselves or in a compound."""

    def __init__(self, stems: frozenset[str]) -> None:
        self.stems = stems
        self._begins = sorted({begin for stem in stems for begin in _begins(stem)})
        self._written = re.compile("|".join(map(_as_written, self._begins)))

    def words(self, text: str) -> Iterator[re.Match[str]]:
        """The words of a text that may match, as they stand there."""
        if not self._begins:
            return iter(())
        plain = _plain(text)
        if plain is None:
            return filter(self._may_match, surfaces(text))
        return _words_at(text, self._written.finditer(plain))

    def _may_match(self, found: re.Match[str]) -> bool:
        folded = fold(found[0])
        return any(begin in folded for begin in self._begins)


@lru_cache(MOST)
def _lookout(stems: frozenset[str]) -> Lookout:
    return Lookout(stems)


def lookout_of(plan: Plan) -> Lookout:
    """The lookout for all that a plan asks for, loosely met included; the same one for the same words, since filters
    change more often and making its patterns takes as long as using them on a page."""
    wordings = (item for concept in plan.concepts for item in (*concept.wordings, *concept.loose))
    return _lookout(frozenset(stem for item in wordings for stem in item.stems if stem))


def _words_at(text: str, places: Iterator[re.Match[str]]) -> Iterator[re.Match[str]]:
    """The words in which these places of a text lie."""
    end = 0
    for place in places:
        start = place.start()
        if start < end:
            continue
        while start > end and text[start - 1].isalnum():
            start -= 1
        while end <= place.start():
            found = WORD.match(text, start)
            if found is None:
                break
            start = end = found.end()
            if end > place.start():
                yield found


def _plain(text: str) -> str | None:
    """A text in small letters without accents, letter for letter; None for one in which others stand, too."""
    plain = text.lower()
    if not plain.isascii():
        for letter, instead in _INSTEAD:
            plain = plain.replace(letter, instead)
            if plain.isascii():
                break
    return plain if plain.isascii() and len(plain) == len(text) else None


def _begins(stem: str) -> Iterator[str]:
    """How a word with this stem, or a compound with a part of this stem, goes on somewhere in its folded form."""
    yield (stem.removesuffix("ung").removesuffix("e") or stem)[:LETTERS]  # as it stands before others: Leit-ziele
    if stem.endswith("enn"):  # of "-annt": see `analysis.stem`
        yield f"{stem[:-3]}ann"[:LETTERS]


def _as_written(begin: str) -> str:
    """The pattern of what folding takes to `begin`: ä may be written ae, ß is one letter before it is folded."""
    return re.sub("[aou]", r"\g<0>e?", re.escape(begin)).replace("ss", "ss?")
