"""Search answers real questions over the shipped content: a floor below the published figures."""

from __future__ import annotations

import statistics
from pathlib import Path

from bench.content import shipped_content
from bench.search_quality import Judged, Outcome, outcomes


async def test_judged_queries_are_answered(tmp_path: Path) -> None:
    async with shipped_content(tmp_path) as kit:
        results = await outcomes(kit)
    assert statistics.mean(outcome.in_top_10 for outcome in results) >= 0.95
    assert statistics.mean(outcome.ndcg for outcome in results) >= 0.93


def test_the_measure_itself() -> None:
    judged = Judged("q", "Kurs", ["a"], ["b"], ["c"], 2)
    perfect = Outcome(judged, ["a", "b", "c"])
    assert (perfect.in_top_10, perfect.ndcg, perfect.reciprocal_rank) == (True, 1.0, 1.0)
    poor = Outcome(judged, ["x", "y", "z", "u", "v", "a"])
    assert (poor.missing, poor.late, poor.enough, poor.in_top_10) == (["b"], ["a"], False, False)
    assert poor.reciprocal_rank == 1 / 6
    assert "not in the first ten: b; not in the first five: a; fewer than 2" in poor.line()
