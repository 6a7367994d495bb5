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
        self._above = {slug: self.territory.above(slug) for slug in parents}

    def count(self, kept: Mapping[str, int]) -> dict[str, int]:
        """From counts of what `reach` keeps to documents per region that is named or contains a named one.

        Regions that are not known are left out, and so is the federation, which concerns everybody.
        """
        highest: dict[str, int] = {}  # documents by the regions they name, less those that name one above it too
        below: dict[str, int] = {}  # documents that name regions below this one only
        for entry, count in kept.items():
            mark, slug = (entry[0], entry[1:]) if entry[0] in (AMONG, UP, COVERED) else ("", entry)
            if mark == UP:
                below[slug] = below.get(slug, 0) + count
            elif slug in self._above:
                highest[slug] = highest.get(slug, 0) + (-count if mark == COVERED else count)
            if not mark:
                for higher in self._above.get(slug, ()):
                    below[higher] = below.get(higher, 0) + count
        named = highest.keys() | {higher for slug in highest for higher in self._above[slug]}
        return {slug: self._count(slug, highest, below) for slug in named if self._above.get(slug)}

    def _count(self, slug: str, highest: Mapping[str, int], below: Mapping[str, int]) -> int:
        """A document is counted at the highest region it names that is this one or above it, else from below."""
        whole = highest.get(slug, 0) + below.get(slug, 0)
        for higher in self._above[slug]:
            whole += highest.get(higher, 0)
        return whole
