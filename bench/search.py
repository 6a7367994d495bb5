"""How fast search answers: on the shipped content, on 100,000 documents, and as a page through the gateway.

The judged queries are asked one after the other with facets and highlights, ten hits a page; suggestions by the first
letters of a query. On the large content every second query has filters too. With MEILI_URL and MEILI_KEY the shipped
content is asked on that Meilisearch as well.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from bench import search_pages
from bench.content import EMBEDDED, ENGINES, shipped_content
from bench.corpus import fill
from bench.kit import Context, Figure, percentile
from bench.large_search import Measured
from bench.search_quality import read_queries
from infra.db.connect import databases
from services.search.service import service
from tests.kit import Database, Running

ROUNDS = 5
LARGE = 100_000


async def figures(context: Context) -> AsyncIterator[Figure]:
    """Milliseconds of searches, suggestions and pages; seconds of a rebuild; megabytes. Each part as it is done."""
    for engine in ENGINES:
        for figure in await _figures(context, engine):
            yield figure
    for figure in await _large(context.folder / "large"):
        yield figure
    async for figure in search_pages.figures(context.folder / "pages"):
        yield figure


async def _large(folder: Path) -> list[Figure]:
    """The service alone over `LARGE` documents and the shipped content, in a process of its own."""
    async with shipped_content(folder):
        pass  # regions and vocabularies come with it
    async with databases(Database("sqlite", folder).settings(), [service.schema]):
        await fill(LARGE)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.large_search", str(folder)), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    found = msgspec.json.decode(said, type=Measured)
    assert found.documents > LARGE, found.documents
    return _of_large(found)


def _of_large(found: Measured) -> list[Figure]:
    return [
        Figure("search_100k_p50", percentile(found.searches, 0.5), "ms", aim="< 5 ms", values=found.searches),
        Figure("search_100k_p99", percentile(found.searches, 0.99), "ms", aim="< 20 ms"),
        Figure("search_100k_processor", found.searches_processor, "ms"),
        Figure("suggest_100k_p50", percentile(found.suggestions, 0.5), "ms", values=found.suggestions),
        Figure("suggest_100k_p99", percentile(found.suggestions, 0.99), "ms", aim="< 15 ms"),
        Figure("search_100k_rebuild", found.rebuild_seconds, "s", aim="< 60 s"),
        Figure("search_100k_during_rebuild_p50", percentile(found.searches_meanwhile, 0.5), "ms"),
        Figure("search_100k_during_rebuild_p99", percentile(found.searches_meanwhile, 0.99), "ms"),
        Figure("search_100k_rss", found.rss, "MB", aim="< 600 MB", note=f"PSS {found.pss:.0f}"),
    ]


async def _figures(context: Context, engine: str) -> list[Figure]:
    queries = [judged.query for judged in read_queries()]
    async with shipped_content(context.folder / engine, engine) as kit:
        await _times(kit, "/search", queries, 10 + ROUNDS)
        # a hit more in each round, since equal questions are answered from memory
        searches = [took for turn in range(ROUNDS) for took in await _times(kit, "/search", queries, 10 + turn)]
        begun = [query[:4] for query in queries]
        suggestions = [took for _ in range(ROUNDS) for took in await _times(kit, "/suggest", begun, 10)]
    named = "" if engine == EMBEDDED else f"_{engine}"
    return [
        Figure(f"search{named}_p50", percentile(searches, 0.5), "ms", values=searches),
        Figure(f"search{named}_p99", percentile(searches, 0.99), "ms"),
        Figure(f"suggest{named}_p50", percentile(suggestions, 0.5), "ms", values=suggestions),
        Figure(f"suggest{named}_p99", percentile(suggestions, 0.99), "ms"),
    ]


async def _times(kit: Running, path: str, queries: list[str], limit: int) -> list[float]:
    taken: list[float] = []
    for query in queries:
        started = time.perf_counter()
        answer = await kit.get("search", path, query={"q": query, "limit": limit})
        taken.append(1000 * (time.perf_counter() - started))
        assert answer.ok, answer.content
    return taken
