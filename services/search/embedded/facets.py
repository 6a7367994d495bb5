"""Counts: how many documents match, and per facet value how many documents choosing that value would give.

All is counted in one pass over what matches. A chosen facet is counted as if nothing were chosen in it, since values of
one facet widen; that takes a pass of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import tantivy

from services.search.answering import sorted_facets
from services.search.domain import FACETS
from services.search.embedded.districts import Districts

MOST_VALUES = 10_000
Facets = dict[str, list[tuple[str, int]]]
QueryWithout = Callable[[str], tantivy.Query]


@dataclass(frozen=True)
class Counted:
    """The number of documents, and values and counts of some facets as the index keeps them."""

    total: int
    values: Mapping[str, Mapping[str, int]]


def count(searcher: tantivy.Searcher, query: tantivy.Query, facets: Iterable[str]) -> Counted:
    """Count what matches, and the values of these facets."""
    asked: dict[str, Any] = {
        facet: {"terms": {"field": "territory" if facet == "district" else facet, "size": MOST_VALUES}}
        for facet in facets
    }
    answer = searcher.aggregate(query, asked | {"": {"value_count": {"field": "kind"}}})
    total = int(answer.pop("")["value"])
    values = {facet: {item["key"]: item["doc_count"] for item in found["buckets"]} for facet, found in answer.items()}
    return Counted(total, values)


def facets_of(
    searcher: tantivy.Searcher, counted: Counted, query_without: QueryWithout, districts: Districts
) -> Facets:
    """Values and counts of every facet, the most frequent first; those that were not `counted` yet are chosen ones.

    `query_without(f)` is the query less facet `f`.
    """
    values = dict(counted.values)
    for facet in FACETS:
        if facet not in values:
            values |= count(searcher, query_without(facet), [facet]).values
    return sorted_facets({**values, "district": districts.count(values["district"])})
