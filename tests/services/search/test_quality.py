"""Search answers real questions over the shipped content: a floor below the published figures."""

from __future__ import annotations

import statistics
from pathlib import Path

from bench.content import shipped_content
from bench.search_quality import Judged, Outcome, outcomes, read_queries
from tests.kit import Running


async def test_judged_queries_are_answered(tmp_path: Path) -> None:
    async with shipped_content(tmp_path) as kit:
        results = await outcomes(kit)
    assert statistics.mean(outcome.in_top_10 for outcome in results) >= 0.95
    assert statistics.mean(outcome.ndcg for outcome in results) >= 0.93


async def test_what_is_counted_is_what_is_put_in_order(tmp_path: Path) -> None:
    async with shipped_content(tmp_path) as kit:
        for judged in read_queries():
            total, shown = await _gone_through(kit, judged.query)
            assert len(shown) == len(set(shown)) == total, judged.query


async def _gone_through(kit: Running, query: str) -> tuple[int, list[str]]:
    """The number of results that a query's first page tells, and the ids on all its pages."""
    asked = {"q": query, "limit": 100}
    first = page = (await kit.get("search", "/search", query=asked)).json()
    shown = [hit["id"] for hit in page["hits"]]
    while page["next"]:
        page = (await kit.get("search", "/search", query={**asked, "cursor": page["next"]})).json()
        shown += [hit["id"] for hit in page["hits"]]
    return first["total"], shown


def test_the_measure_itself() -> None:
    judged = Judged("q", "Kurs", ["a"], ["b"], ["c"], 2)
    perfect = Outcome(judged, ["a", "b", "c"])
    assert (perfect.in_top_10, perfect.ndcg, perfect.reciprocal_rank) == (True, 1.0, 1.0)
    poor = Outcome(judged, ["x", "y", "z", "u", "v", "a"])
    assert (poor.missing, poor.late, poor.enough, poor.in_top_10) == (["b"], ["a"], False, False)
    assert poor.reciprocal_rank == 1 / 6
    assert "not in the first ten: b; not in the first five: a; fewer than 2" in poor.line()
