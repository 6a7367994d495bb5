"""Completions from what is known besides the documents: regions, labels, places, postal codes.

All of it is public knowledge, so nothing about anybody's documents can be learnt from it. Where nothing begins as it
was typed, one typing error is forgiven.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile

from services.search.language.analysis import name_key, surfaces
from services.search.language.gazetteer import shipped
from services.search.language.knowledge import LARGER, Knowledge, RegionFacts
from services.search.language.lexicon import allowed_edits, distance
from services.search.language.places import place_lexicon

REGION, TERM, PLACE, QUERY = "region", "term", "place", "query"
_SHORTEST_TOWN, _SHORTEST_VILLAGE = 3, 5
_LOOKED_AT = 60


@dataclass(frozen=True)
class Proposal:
    """A completion: its text, what it is (region, term, place or query) and its slug (a place's is its district)."""

    text: str
    kind: str
    slug: str


class Suggester:
    """Completions of one state of knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        listed = [
            (name_key(name), Proposal(region.name, REGION, region.slug))
            for region in sorted(knowledge.regions.values(), key=_weight)
            for name in {region.name, region.name_full}
            if name
        ]
        listed += [(name_key(text), Proposal(text, TERM, slug)) for _, slug, text in knowledge.labels() if text]
        self._rank = {item: place for place, (_, item) in enumerate(listed)}
        self._listed = sorted(listed, key=lambda entry: entry[0])

    def proposals(self, typed: str, limit: int, *, forgiving: bool = True) -> list[Proposal]:
        """What begins as typed: regions and towns, then labels; else whole queries that end with one of these.

        Without `forgiving` typing errors are not considered.
        """
        key = name_key(typed)
        found = self._begun(key, limit) or self._queries(typed, lambda end: self._begun(end, limit))
        if forgiving and not found:
            found = self._misspelt(key, limit) or self._queries(typed, lambda end: self._misspelt(end, limit))
        return list({item.text: item for item in reversed(found)}.values())[::-1][:limit]

    def _begun(self, key: str, limit: int) -> list[Proposal]:
        start = bisect_left(self._listed, key, key=lambda entry: entry[0])
        begun = takewhile(lambda entry: entry[0].startswith(key), islice(self._listed, start, None))
        listed = sorted({item for _, item in begun}, key=self._rank.__getitem__)
        regions, terms = ([item for item in listed if item.kind == kind] for kind in (REGION, TERM))
        half = max(1, limit // 2)
        near = [*regions[:half], *islice(self._places(key), half)][:half]
        return [*near, *terms[: limit - len(near)]]

    def _places(self, key: str) -> Iterator[Proposal]:
        """Postal codes that begin so, or places, the largest first; few letters are not enough for a village."""
        known = self._knowledge.regions
        if key.isdigit():
            for code, spot in shipped().codes_begun(key):
                if spot.region in known:
                    yield Proposal(f"{code} {spot.name or known[spot.region].name}", PLACE, spot.region)
        elif len(key) >= _SHORTEST_TOWN:
            for spot in shipped().begun(key):
                shown = spot.size > 1 or len(key) >= _SHORTEST_VILLAGE
                if shown and spot.region in known and not self._knowledge.is_region(name_key(spot.name)):
                    yield Proposal(spot.name, PLACE, spot.region)

    def _misspelt(self, key: str, limit: int) -> list[Proposal]:
        edits = allowed_edits(key)
        if not edits:
            return []
        alike = [item for name, item in self._listed if name[:1] == key[:1] and _is_alike(name, key, edits)]
        towns = (item for name in place_lexicon().begun(key)[:_LOOKED_AT] for item in self._places(name))
        return [*alike[:limit], *islice(towns, limit)]

    def _queries(self, typed: str, endings: Callable[[str], list[Proposal]]) -> list[Proposal]:
        """“Sprachkurs Wernig” → “Sprachkurs Wernigerode”: the last word completed to a place or a label."""
        words = list(surfaces(typed))
        if len(words) < 2 or len(words[-1][0]) < _SHORTEST_TOWN:
            return []
        before = typed[: words[-1].start()]
        return [Proposal(f"{before}{end.text}", QUERY, "") for end in endings(name_key(words[-1][0]))]


@lru_cache(maxsize=2)
def suggester(knowledge: Knowledge) -> Suggester:
    """The suggester of a state of knowledge, made when it is first asked."""
    return Suggester(knowledge)


def _weight(region: RegionFacts) -> tuple[int, int, str]:
    """Länder first, then districts by the number of postal codes of the town they are named after."""
    sizes = [spot.size for spot in shipped().named(name_key(region.name)) if spot.region == region.slug]
    return LARGER.index(region.kind) - len(LARGER) if region.kind in LARGER else 0, -max(sizes, default=0), region.name


def _is_alike(name: str, key: str, edits: int) -> bool:
    """Whether a name begins like `key` but for some edits."""
    lengths = range(len(key) - edits, min(len(key) + edits, len(name)) + 1)
    return any(distance(name[:length], key) <= edits for length in lengths)
