"""Finds the places in a query: postal codes, towns and villages, landscapes, with what was typed around them.

Regions of the register are recognised with all their names by `knowledge`; here is what the register does not have.
Where a place is named like a region, the region is meant. A place whose name is an ordinary word, or very short, needs
a word like “in” before it, unless it is all that was typed and nothing has that word: Singen, Bergen, Aue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from services.search.domain import Point, Understood
from services.search.language.analysis import Word, is_stop_word, name_key
from services.search.language.gazetteer import LONGEST_NAME, Spot, shipped
from services.search.language.knowledge import Knowledge
from services.search.language.landscapes import AROUND_PLACES, BEFORE_PLACES, LANDSCAPES, ORDINARY
from services.search.language.lexicon import Lexicon

SHORTEST_NAME = 4
SHORTEST_MISSPELT, SHORTEST_UNMARKED, SHORTEST_VILLAGE = 6, 8, 10
_LANDSCAPES = {name_key(name): (name, circle) for name, circle in LANDSCAPES.items()}


@dataclass(frozen=True)
class Place:
    """Words `start` to `end` of a query that name a place; `regions` are the districts meant."""

    start: int
    end: int
    name: str
    regions: tuple[str, ...]
    point: Point | None

    def understood(self, words: Sequence[Word], knowledge: Knowledge) -> Understood:
        """What was understood, for the reader."""
        typed = " ".join(word.text for word in words[self.start : self.end])
        name = self.name or knowledge.region_name(self.regions[0])
        return Understood(typed, name, self.regions[0], self.point)


class PlaceFinder:
    """Finds places with what is known of regions at the moment."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def find(self, words: Sequence[Word], *, alone: bool = False) -> list[Place]:
        """The places among `words`, in their order; they do not overlap. `alone`: there is one word, and as a word it
        leads to nothing."""
        found: list[Place] = []
        at = 0
        while at < len(words):
            place = self._at(words, at, alone)
            if place is not None:
                found.append(place)
            at = place.end if place else at + 1
        return found

    def corrected(self, word: Word, edits: int, *, marked: bool) -> Place | None:
        """The place that a misspelt word means, if it is nearer than `edits` typing errors.

        Many a word is one letter away from some village (Rädern from Rödern, Bescheid from Berscheid), so without a
        mark before it only a single error is forgiven, and shorter words are taken for towns alone.
        """
        length = len(word.folded)
        if length < (SHORTEST_MISSPELT if marked else SHORTEST_UNMARKED):
            return None
        allowed = edits if marked else min(edits, 2)
        least = 1 if marked or length >= SHORTEST_VILLAGE else 2
        near = [(key, far) for key, far in place_lexicon().near(word.folded) if key not in ORDINARY and far < allowed]
        spots = [spot for key, far in near if far == near[0][1] for spot in self._known(shipped().named(key))]
        towns = [spot for spot in spots if spot.size >= least]
        return self._place(0, 1, max(towns, key=lambda spot: spot.size, default=None), towns)

    def _at(self, words: Sequence[Word], at: int, alone: bool) -> Place | None:
        for end in range(min(len(words), at + LONGEST_NAME), at, -1):
            key = " ".join(word.folded for word in words[at:end])
            if self._knowledge.is_region(key):
                return None
            place = self._named(words, at, end, key, alone)
            if place is not None:
                return place
        return None

    def _named(self, words: Sequence[Word], at: int, end: int, key: str, alone: bool) -> Place | None:
        spot = shipped().code(key) if end == at + 1 else None
        if spot is not None and spot.region in self._knowledge.regions:
            return self._place(at, self._end_of_code(words, end, spot), spot, [spot])
        if key in _LANDSCAPES:
            name, circle = _LANDSCAPES[key]
            districts = tuple(sorted(filter(self._knowledge.is_district, self._knowledge.touched(circle))))
            return Place(at, end, name, districts, circle.centre) if districts else None
        spots = self._known(shipped().named(key))
        if not spots or (end == at + 1 and not self._is_meant(words, at, alone)):
            return None
        largest = [spot for spot in spots if spot.size == spots[0].size]
        return self._place(at, end, spots[0], largest)

    def _is_meant(self, words: Sequence[Word], at: int, alone: bool) -> bool:
        """Whether a single word is meant as a place and not as a word."""
        word = words[at]
        if at and words[at - 1].folded in BEFORE_PLACES:
            return not is_stop_word(word.text)
        unusual = len(word.folded) >= SHORTEST_NAME and word.folded not in ORDINARY
        if not (unusual or alone) or is_stop_word(word.text):
            return False
        return self._knowledge.meant([word]) is None

    def _end_of_code(self, words: Sequence[Word], end: int, spot: Spot) -> int:
        """After a postal code its place may be named: “38820 Halberstadt”."""
        for further in range(min(len(words), end + LONGEST_NAME), end, -1):
            key = " ".join(word.folded for word in words[end:further])
            if any(other.region == spot.region for other in shipped().named(key)):
                return further
        return end

    def _known(self, spots: Sequence[Spot]) -> list[Spot]:
        return [spot for spot in spots if spot.region in self._knowledge.regions]

    def _place(self, at: int, end: int, spot: Spot | None, alike: Sequence[Spot]) -> Place | None:
        """`spot`, and further places of the same name and size; of many it is not known which one is meant."""
        if spot is None:
            return None
        regions = tuple(dict.fromkeys(other.region for other in alike))
        single = len(regions) == 1
        return Place(at, end, spot.name, regions, spot.point if single else None)


def after_marks(words: Sequence[Word]) -> frozenset[int]:
    """Where the words begin that have a word before them which places have: “in”, “bei”."""
    return frozenset(word.start for before, word in pairwise(words) if before.folded in BEFORE_PLACES)


def without_surroundings(words: Sequence[Word]) -> list[Word]:
    """`words` before a place, less those that only say how near it has to be: “in der Nähe von”, “Raum”."""
    kept = list(words)
    while kept and (is_stop_word(kept[-1].text) or kept[-1].folded in AROUND_PLACES):
        kept.pop()
    return kept


@lru_cache(maxsize=1)
def place_lexicon() -> Lexicon:
    """All names of places that are one word, to correct misspelt ones."""
    lexicon = Lexicon()
    lexicon.learn(key for key in shipped().names() if " " not in key and len(key) >= SHORTEST_MISSPELT - 1)
    return lexicon
