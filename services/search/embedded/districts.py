"""Counts per region, although one document may name several regions and each of them concerns others too.

A document counts once for a region if it names the region, one above it or one below it. What lies in what is known
when it is indexed, so each document keeps what makes the sum come out right without looking at it again: the regions
it names, the further ones that it reaches upwards, and those that it names besides one above them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from infra.contracts.territory import Territory

UP, COVERED = "+", "="


def reach(regions: Iterable[str], territory: Territory) -> list[str]:
    """What the index keeps of a document's regions: their slugs, `+slug` reached upwards, `=slug` covered."""
    named = set(regions)
    above = {slug: territory.above(slug) for slug in named}
    reached = {higher for chain in above.values() for higher in chain} - named
    return [
        *sorted(named),
        *sorted(UP + slug for slug in reached if named.isdisjoint(territory.above(slug))),
        *sorted(COVERED + slug for slug in named if not named.isdisjoint(above[slug])),
    ]


def count_regions(kept: Mapping[str, int], territory: Territory) -> dict[str, int]:
    """From counts of what `reach` keeps to documents per region that is named or contains a named one.

    Regions that the territory does not know are left out, and so is the federation, which concerns everybody.
    """
    named = {slug for slug in kept if slug in territory}
    named |= {higher for slug in named for higher in territory.above(slug)}
    return {slug: _count(slug, territory.above(slug), kept) for slug in named if territory.above(slug)}


def _count(slug: str, above: Iterable[str], kept: Mapping[str, int]) -> int:
    """A document is counted at the highest region it names that is this one or above it, else from below."""
    highest = sum(kept.get(region, 0) - kept.get(COVERED + region, 0) for region in (slug, *above))
    return highest + kept.get(UP + slug, 0)
