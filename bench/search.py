"""How fast search answers: the judged queries over the shipped content, one after the other, through the service.

Each query is asked with facets and highlights, ten hits a page, as the gateway asks; suggestions by prefix of a query.
"""

from __future__ import annotations

import time

from bench.content import shipped_content
from bench.kit import Context, Figure, percentile
from bench.search_quality import read_queries
from tests.kit import Running

ROUNDS = 5


async def figures(context: Context) -> list[Figure]:
    """p50 and p99 in milliseconds of searches and suggestions."""
    queries = [judged.query for judged in read_queries()]
    async with shipped_content(context.folder) as kit:
        await _times(kit, "/search", queries)
        searches = [took for _ in range(ROUNDS) for took in await _times(kit, "/search", queries)]
        begun = [query[:4] for query in queries]
        suggestions = [took for _ in range(ROUNDS) for took in await _times(kit, "/suggest", begun)]
    return [
        Figure("search_p50", percentile(searches, 0.5), "ms", aim="< 5 ms", values=searches),
        Figure("search_p99", percentile(searches, 0.99), "ms", aim="< 20 ms"),
        Figure("suggest_p50", percentile(suggestions, 0.5), "ms", values=suggestions),
        Figure("suggest_p99", percentile(suggestions, 0.99), "ms", aim="< 15 ms"),
    ]


async def _times(kit: Running, path: str, queries: list[str]) -> list[float]:
    taken: list[float] = []
    for query in queries:
        started = time.perf_counter()
        answer = await kit.get("search", path, query={"q": query, "limit": 10})
        taken.append(1000 * (time.perf_counter() - started))
        assert answer.ok, answer.content
    return taken
