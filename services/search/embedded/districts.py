"""Counts per region, although one document may name several regions and each of them concerns others too.

A document counts once for a region if it names the region, one above it or one below it. One that names a single region
needs nothing more. Of one that names several the index keeps what makes the sum come out right without looking at it
again, with what lies in what when it was indexed: the regions it names, the further ones that it reaches upwards, and
those that it names besides one above them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from infra.contracts.territory import Territory

AMONG, UP, COVERED = "&", "+", "="
_MARKS = frozenset((AMONG, UP, COVERED))


def reach(regions: Sequence[str], territory: Territory) -> list[str]:
    """What the index keeps of a document's regions: the slug of a single one, else `&slug` named, `+slug` reached
    upwards, `=slug` covered."""
    named = set(filter(None, regions))
    if len(named) < 2:
        return sorted(named)
    above = {slug: territory.above(slug) for slug in named}
    reached = {higher for chain in above.values() for higher in chain} - named
    return [
        *sorted(AMONG + slug for slug in named),
        *sorted(UP + slug for slug in reached if named.isdisjoint(territory.above(slug))),
        *sorted(COVERED + slug for slug in named if not named.isdisjoint(above[slug])),
    ]


class Districts:
    """The tree of regions, ready for counting."""

    def __init__(self, parents: Mapping[str, str]) -> None:
        self.territory = Territory(parents)
        self._above = {slug: tuple(self.territory.above(slug)) for slug in parents}
        self._counted_above = {slug: tuple(filter(self._above.get, chain)) for slug, chain in self._above.items()}
        self._chains = frozenset(self._above.values())

    def count(self, kept: Mapping[str, int]) -> dict[str, int]:
        """From counts of what `reach` keeps to documents per region that is named or contains a named one.

        Regions that are not known are left out, and so is the federation, which concerns everybody.
        """
        highest: dict[str, int] = {}  # documents by the regions they name, less those that name one above it too
        below: dict[str, int] = {}  # documents that name regions below this one only
        for entry, count in kept.items():
            mark, slug = (entry[0], entry[1:]) if entry[0] in _MARKS else ("", entry)
            if mark == UP:
                below[slug] = below.get(slug, 0) + count
            elif slug in self._above:
                highest[slug] = highest.get(slug, 0) + (-count if mark == COVERED else count)
                for higher in () if mark else self._counted_above[slug]:
                    below[higher] = below.get(higher, 0) + count
        return self._counts(highest, below)

    def _counts(self, highest: Mapping[str, int], below: Mapping[str, int]) -> dict[str, int]:
        """A document is counted at the highest region it names that is this one or above it, else from below.

        Districts of one Land have the same regions above them, which are added up once.
        """
        above = {chain: sum(highest.get(slug, 0) for slug in chain) for chain in self._chains}
        named = set(highest).union(*{self._above[slug] for slug in highest})
        return {
            slug: highest.get(slug, 0) + below.get(slug, 0) + above[chain]
            for slug in named
            if (chain := self._above.get(slug))
        }
