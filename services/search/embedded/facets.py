"""Counts per facet value: how many documents choosing that value would give.

A chosen facet is counted as if nothing were chosen in it, since values of one facet widen. Districts follow the rule of
the territory: a document of a district counts for its Land, one of a Land for its districts, a nation-wide one for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import tantivy

from services.search.domain import FACETS
from services.search.language.knowledge import Knowledge

MOST_VALUES = 10_000
QueryWithout = Callable[[str], tantivy.Query]


def count_facets(
    searcher: tantivy.Searcher, query_without: QueryWithout, chosen: Iterable[str], knowledge: Knowledge
) -> dict[str, list[tuple[str, int]]]:
    """Values and counts of every facet, the most frequent first. `query_without(f)` is the query less facet `f`."""
    picked = set(chosen)
    free = [facet for facet in FACETS if facet not in picked]
    counted = _counts(searcher, query_without(""), free) if free else {}
    for facet in picked:
        counted |= _counts(searcher, query_without(facet), [facet])
    counted["district"] = _by_territory(counted["district"], knowledge)
    return {facet: sorted(counted[facet].items(), key=lambda item: (-item[1], item[0])) for facet in FACETS}


def count_kinds(searcher: tantivy.Searcher, query: tantivy.Query) -> dict[str, int]:
    """Documents by kind."""
    return _counts(searcher, query, ["kind"])["kind"]


def _counts(searcher: tantivy.Searcher, query: tantivy.Query, facets: list[str]) -> dict[str, dict[str, int]]:
    asked: dict[str, Any] = {
        facet: {"terms": {"field": "territory" if facet == "district" else facet, "size": MOST_VALUES}}
        for facet in facets
    }
    answer = searcher.aggregate(query, asked)
    return {facet: {bucket["key"]: bucket["doc_count"] for bucket in answer[facet]["buckets"]} for facet in facets}


def _by_territory(combinations: Mapping[str, int], knowledge: Knowledge) -> dict[str, int]:
    """From counts per combination of own regions to counts per region that is named or contains a named one."""
    own = {
        combination: [slug for slug in combination.split("|") if slug in knowledge.regions]
        for combination in combinations
    }
    shown = {slug for slugs in own.values() for slug in slugs}
    shown |= {above for slug in shown for above in knowledge.territory.above(slug)}
    shown = {slug for slug in shown if knowledge.territory.above(slug)}  # the federation concerns everybody
    counts = dict.fromkeys(shown, 0)
    for combination, slugs in own.items():
        for slug in shown & frozenset[str]().union(*map(knowledge.concerning, slugs)):
            counts[slug] += combinations[combination]
    return counts
