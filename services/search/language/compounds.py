"""German compounds: folded words taken apart into the constituents that the content itself provides.

Of the words that are new in a text nearly all are compounds, and what they are made of and end with comes again and
again: it is remembered, which takes a sixth off what a new word costs (24 to 20 µs on a busy machine).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from services.search.language.remembered import Remembered
from services.search.language.words import UNDIVIDED

_LINKING = frozenset({"s", "es", "n", "en", "er", "e"})


class Compounds:
    """Splits folded words. May be asked by several threads."""

    SHORTEST = 8
    SHORTEST_PART = 4
    SHORTEST_HEAD = 5
    REMEMBERED = 20_000
    BEGIN = 3

    def __init__(self, constituents: Iterable[str], stems: Iterable[str], stem: Callable[[str], str]) -> None:
        """`constituents` are folded words and `stems` what they come to by `stem`."""
        self.constituents = frozenset(constituents)
        self.stems = frozenset(stems)
        self._stem = stem
        self._begins = {bare[: self.BEGIN] for bare in self.stems}
        self._fronts = self._as_fronts()
        self._lengths = self._lengths_of_fronts()
        self._ends = Remembered(self.split, self.REMEMBERED)
        self._are_forms = Remembered(self._is_form, self.REMEMBERED)
        self._inside = Remembered(self._stems_inside, self.REMEMBERED)

    def split(self, folded: str) -> tuple[str, ...]:
        """The fewest constituents that make up the word (the longest last one, if several ways exist), or ()."""
        if len(folded) < self.SHORTEST or not folded.isalpha() or folded in UNDIVIDED:
            return ()
        modifiers = self._modifiers(folded)
        for cut, modifier in modifiers:
            if self._is_head(folded[cut:]):
                return modifier, folded[cut:]
        best: tuple[str, ...] = ()
        for cut, modifier in modifiers:
            tail = self._ends[folded[cut:]] if len(folded) - cut >= self.SHORTEST else ()
            if tail and (not best or len(tail) + 1 < len(best)):
                best = (modifier, *tail)
        return best or self._split_partly(folded)

    def stems_of_parts(self, folded: str) -> tuple[str, ...]:
        """The stems of a word's parts, and of their parts; empty for a simple word."""
        parts = self.split(folded)
        return tuple(dict.fromkeys(chain.from_iterable(map(self._inside.__getitem__, parts)))) if parts else ()

    def _stems_inside(self, part: str) -> tuple[str, ...]:
        return self._stem(part), *self.stems_of_parts(part)

    def _split_partly(self, folded: str) -> tuple[str, ...]:
        """A word of which only the end or only the front is known: Lupinen-projekt, Arbeits-erlaubnis."""
        for cut in range(self.SHORTEST_PART, len(folded) - self.SHORTEST_HEAD + 1):
            if folded[cut:] in self.constituents:
                return folded[:cut], folded[cut:]
        for cut in range(len(folded) - self.SHORTEST_HEAD, self.SHORTEST_HEAD, -1):
            if folded[cut - 1] == "s" and folded[: cut - 1] in self.constituents:
                return folded[: cut - 1], folded[cut:]
        return ()

    def _is_head(self, folded: str) -> bool:
        if folded in self.constituents:
            return True
        return len(folded) >= self.SHORTEST_PART and folded[: self.BEGIN] in self._begins and self._are_forms[folded]

    def _is_form(self, folded: str) -> bool:
        """Whether it is another form of a constituent."""
        return self._stem(folded) in self.stems

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
