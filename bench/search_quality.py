"""How well search answers: judged queries over the shipped content, with the list of failures.

There are the 80 public ones and a second set of our own, written from the content before any rule of this form of the
search was: it tells whether rules are general.

A query counts as met when all its compulsory answers stand where they must (and, for broad ones, enough of the first
ten are right). nDCG weighs answers of the first five with 3, further compulsory ones with 2, other right ones with 1.
With MEILI_URL and MEILI_KEY the same on that Meilisearch.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.content import ENGINES, shipped_content
from bench.kit import Context, Figure
from tests.kit import Running

DATA = Path(__file__).resolve().parent / "data"
QUERIES = DATA / "search_queries_public.jsonl"
SETS = {"search_quality": QUERIES, "search_quality_own": DATA / "search_queries_own.jsonl"}
TOP = 10


class Judged(msgspec.Struct, frozen=True):
    """One query and what must, and what may, answer it (slugs)."""

    id: str
    query: str
    top5: list[str]
    top10: list[str]
    also_relevant: list[str]
    min_relevant_in_top10: int

    @property
    def compulsory(self) -> list[str]:
        """What must be among the first ten."""
        return [*self.top5, *self.top10]

    @property
    def gains(self) -> dict[str, int]:
        """What each right answer is worth."""
        return dict.fromkeys(self.also_relevant, 1) | dict.fromkeys(self.top10, 2) | dict.fromkeys(self.top5, 3)


@dataclass(frozen=True)
class Outcome:
    """One query with the slugs that were found, best first."""

    judged: Judged
    found: Sequence[str]

    @property
    def missing(self) -> list[str]:
        """Compulsory answers that are not among the first ten."""
        return [slug for slug in self.judged.compulsory if slug not in self.found]

    @property
    def late(self) -> list[str]:
        """Answers that are not among the first five although they must."""
        return [slug for slug in self.judged.top5 if slug not in self.found[:5]]

    @property
    def enough(self) -> bool:
        """Whether enough of the first ten are right answers."""
        return sum(slug in self.judged.gains for slug in self.found) >= self.judged.min_relevant_in_top10

    @property
    def in_top_10(self) -> bool:
        """Whether the query is met with respect to the first ten."""
        return not self.missing and self.enough

    @property
    def reciprocal_rank(self) -> float:
        """1 / rank of the first right answer, 0 without one."""
        return next((1 / rank for rank, slug in enumerate(self.found, 1) if slug in self.judged.gains), 0.0)

    @property
    def ndcg(self) -> float:
        """Normalised discounted cumulative gain over the first ten."""
        gains = self.judged.gains
        best = _dcg(sorted(gains.values(), reverse=True)[:TOP])
        return _dcg([gains.get(slug, 0) for slug in self.found]) / best if best else 1.0

    def line(self) -> str:
        """What a person needs to see about a failure."""
        wrong = f"not in the first ten: {', '.join(self.missing)}" if self.missing else ""
        late = f"not in the first five: {', '.join(self.late)}" if self.late else ""
        few = "" if self.enough else f"fewer than {self.judged.min_relevant_in_top10} right answers"
        return f"{self.judged.id} “{self.judged.query}”: {'; '.join(filter(None, (wrong, late, few)))}"


def _dcg(gains: Sequence[int]) -> float:
    return sum((2.0**gain - 1.0) / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


async def outcomes(kit: Running, path: Path = QUERIES) -> list[Outcome]:
    """Every query of the file put to the running search."""
    return [Outcome(judged, await _found(kit, judged.query)) for judged in read_queries(path)]


def read_queries(path: Path = QUERIES) -> list[Judged]:
    """The judged queries of a file."""
    return [msgspec.json.decode(line, type=Judged) for line in path.read_bytes().splitlines() if line.strip()]


async def _found(kit: Running, query: str) -> list[str]:
    answer = await kit.get("search", "/search", query={"q": query, "limit": TOP})
    assert answer.ok, answer.content
    return [hit["slug"] for hit in answer.json()["hits"]]


async def figures(context: Context) -> list[Figure]:
    """Shares of queries met, recall, mean reciprocal rank and nDCG, per engine and set of queries."""
    found: list[Figure] = []
    for engine in ENGINES:
        async with shipped_content(context.folder / engine, engine) as kit:
            for name, path in SETS.items():
                found += _figures(name, engine, await outcomes(kit, path))
    return found


def _figures(name: str, engine: str, results: Sequence[Outcome]) -> list[Figure]:
    for outcome in results:
        if not outcome.in_top_10 or outcome.late:
            print(f"  {engine}: {outcome.line()}", flush=True)
    slots = sum(len(outcome.judged.compulsory) for outcome in results)
    lost = sum(len(outcome.missing) for outcome in results)
    met = statistics.mean(outcome.in_top_10 for outcome in results)
    strictly = statistics.mean(outcome.in_top_10 and not outcome.late for outcome in results)
    return [
        Figure(f"{name}_top10_{engine}", met, "share of queries", aim=">= 0.95"),
        Figure(f"{name}_top5_{engine}", strictly, "share of queries"),
        Figure(f"{name}_recall10_{engine}", 1 - lost / slots, "share of answers", aim="> 0.84 (a plain BM25)"),
        Figure(f"{name}_mrr_{engine}", statistics.mean(item.reciprocal_rank for item in results), "1"),
        Figure(f"{name}_ndcg10_{engine}", statistics.mean(item.ndcg for item in results), "1", aim=">= 0.85"),
    ]
