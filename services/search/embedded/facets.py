"""Counts per facet value: how many documents choosing that value would give.

A chosen facet is counted as if nothing were chosen in it, since values of one facet widen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import tantivy

from infra.contracts.territory import Territory
from services.search.answering import sorted_facets
from services.search.domain import FACETS
from services.search.embedded.districts import count_regions

MOST_VALUES = 10_000
Facets = dict[str, list[tuple[str, int]]]
QueryWithout = Callable[[str], tantivy.Query]


def count_facets(
    searcher: tantivy.Searcher, query_without: QueryWithout, chosen: Iterable[str], territory: Territory
) -> Facets:
    """Values and counts of every facet, the most frequent first. `query_without(f)` is the query less facet `f`."""
    picked = set(chosen)
    free = [facet for facet in FACETS if facet not in picked]
    counted = _counts(searcher, query_without(""), free) if free else {}
    for facet in picked:
        counted |= _counts(searcher, query_without(facet), [facet])
    counted["district"] = count_regions(counted["district"], territory)
    return sorted_facets(counted)


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
