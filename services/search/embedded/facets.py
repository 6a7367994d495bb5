"""Counts: how many documents match, and per facet value how many documents choosing that value would give.

A chosen facet is counted as if nothing were chosen in it, since values of one facet widen. All is counted in one pass
over what matches before anything is chosen; going through it once for each chosen facet took twice as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import tantivy

MOST_VALUES = 10_000
TOTAL = "total"


@dataclass(frozen=True)
class Counted:
    """The number of documents, and values and counts of facets as the index keeps them."""

    total: int
    values: Mapping[str, Mapping[str, int]]


def count(
    searcher: tantivy.Searcher, query: tantivy.Query, facets: Iterable[str], chosen: Mapping[str, str] | None = None
) -> Counted:
    """Count what matches `query` and what is `chosen`, and the values of these facets.

    `chosen` has by facet a condition in tantivy's query language, for which there is no other form here.
    """
    conditions = chosen or {}
    free = {facet: _values_of(facet) for facet in facets if facet not in conditions}
    asked = {TOTAL: _where(conditions.values(), free | {TOTAL: {"value_count": {"field": "kind"}}})}
    for facet in facets:
        if facet in conditions:
            others = [condition for other, condition in conditions.items() if other != facet]
            asked[facet] = _where(others, {facet: _values_of(facet)})
    answer = searcher.aggregate(query, asked)
    found = {name: part for parts in answer.values() for name, part in parts.items() if isinstance(part, dict)}
    total = int(found.pop(TOTAL)["value"])
    return Counted(total, {name: {item["key"]: item["doc_count"] for item in found[name]["buckets"]} for name in found})


def _values_of(facet: str) -> dict[str, Any]:
    return {"terms": {"field": "territory" if facet == "district" else facet, "size": MOST_VALUES}}


def _where(conditions: Iterable[str], parts: dict[str, Any]) -> dict[str, Any]:
    """These counts of what meets all conditions."""
    return {"filter": " AND ".join(conditions) or "*", "aggs": parts}
