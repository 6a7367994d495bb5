"""Counts: how many documents match, and per facet value how many documents choosing that value would give.

A chosen facet is counted as if nothing were chosen in it, since values of one facet widen. All is counted in one pass
over what matches before anything is chosen; going through it once for each chosen facet took twice as long. Beside a
column for each facet the index has one with the values of all, which are counted in half the time of seven.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import tantivy

ALL_FACETS = "facets"
MOST_VALUES = 100_000
_OF = ":"

Values = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Counted:
    """The number of documents, and values and counts of facets as the index keeps them."""

    total: int
    values: Values


def entries(values: Mapping[str, Iterable[str]]) -> list[str]:
    """What the column of all facets keeps of one document with these values by facet; each has one kind."""
    return [f"{facet}{_OF}{value}" for facet, some in values.items() for value in some]


def count(searcher: tantivy.Searcher, query: tantivy.Query, chosen: Mapping[str, str]) -> Counted:
    """Count what matches `query` and what is `chosen`, and the values of all facets.

    `chosen` has by facet a condition in tantivy's query language, for which there is no other form here.
    """
    asked = {ALL_FACETS: _where(chosen.values(), ALL_FACETS)}
    for facet in chosen:
        asked[facet] = _where([condition for other, condition in chosen.items() if other != facet], facet)
    answer = searcher.aggregate(query, asked)
    counted = {name: {item["key"]: item["doc_count"] for item in _buckets(part)} for name, part in answer.items()}
    values = _by_facet(counted.pop(ALL_FACETS))
    return Counted(sum(values.get("kind", {}).values()), {**values, **counted})


def number_of(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    """How many documents match."""
    return int(searcher.aggregate(query, {"all": {"value_count": {"field": "freshness"}}})["all"]["value"])


def _where(conditions: Iterable[str], column: str) -> dict[str, Any]:
    """The counts of a column's values in what meets all conditions."""
    counts = {"terms": {"field": column, "size": MOST_VALUES}}
    met = " AND ".join(conditions)
    return {"filter": met, "aggs": {column: counts}} if met else counts


def _buckets(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The counts of one column, which stand a level deeper where there were conditions."""
    inner = next((item for item in part.values() if isinstance(item, dict)), part)
    found: list[dict[str, Any]] = inner["buckets"]
    return found


def _by_facet(counted: Mapping[str, int]) -> dict[str, dict[str, int]]:
    values: dict[str, dict[str, int]] = {}
    for entry, number in counted.items():
        facet, _, value = entry.partition(_OF)
        values.setdefault(facet, {})[value] = number
    return values
