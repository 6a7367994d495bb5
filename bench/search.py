"""How fast search answers: the judged queries over the shipped content, one after the other, through the service.

Each query is asked with facets and highlights, ten hits a page, as the gateway asks; suggestions by prefix of a query.
With MEILI_URL and MEILI_KEY the same on that Meilisearch.
"""

from __future__ import annotations

import time

from bench.content import EMBEDDED, ENGINES, shipped_content
from bench.kit import Context, Figure, percentile
from bench.search_quality import read_queries
from tests.kit import Running

ROUNDS = 5


async def figures(context: Context) -> list[Figure]:
    """p50 and p99 in milliseconds of searches and suggestions, per engine."""
    return [figure for engine in ENGINES for figure in await _figures(context, engine)]


async def _figures(context: Context, engine: str) -> list[Figure]:
    queries = [judged.query for judged in read_queries()]
    async with shipped_content(context.folder / engine, engine) as kit:
        await _times(kit, "/search", queries)
        searches = [took for _ in range(ROUNDS) for took in await _times(kit, "/search", queries)]
        begun = [query[:4] for query in queries]
        suggestions = [took for _ in range(ROUNDS) for took in await _times(kit, "/suggest", begun)]
    named = "" if engine == EMBEDDED else f"_{engine}"
    aims = ("< 5 ms", "< 20 ms", "< 15 ms") if engine == EMBEDDED else (None, None, None)
    return [
        Figure(f"search{named}_p50", percentile(searches, 0.5), "ms", aim=aims[0], values=searches),
        Figure(f"search{named}_p99", percentile(searches, 0.99), "ms", aim=aims[1]),
        Figure(f"suggest{named}_p50", percentile(suggestions, 0.5), "ms", values=suggestions),
        Figure(f"suggest{named}_p99", percentile(suggestions, 0.99), "ms", aim=aims[2]),
    ]


async def _times(kit: Running, path: str, queries: list[str]) -> list[float]:
    taken: list[float] = []
    for query in queries:
        started = time.perf_counter()
        answer = await kit.get("search", path, query={"q": query, "limit": 10})
        taken.append(1000 * (time.perf_counter() - started))
        assert answer.ok, answer.content
    return taken
