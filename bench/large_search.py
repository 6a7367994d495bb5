"""Search over 100,000 documents in a process of its own: `python -m bench.large_search FOLDER` prints what it measured.

The folder holds the filled tables (`corpus.fill`). The process does what the search service does and nothing else, so
its memory is that of search. Figures go to standard output as one line of JSON, by name.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterable
from itertools import count
from pathlib import Path

import msgspec
import psutil
import uvloop

from bench.search_quality import read_queries
from infra.runtime.settling import settle
from services.search import running as search_running
from services.search.queries import changes_after
from services.search.service import service
from tests.kit import Database, Running, hosting

ROUNDS = 5
HITS = 10
TYPED = 4
FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"district": "landkreis-harz"},
    {"kind": "offer", "stage": "language"},
    {"topic": "anerkennung"},
)
MEGABYTE = 1_000_000


class Measured(msgspec.Struct):
    """Milliseconds of single requests; seconds of the whole; megabytes."""

    documents: int
    searches: list[float]
    searches_processor: float
    suggestions: list[float]
    rebuild_seconds: float
    searches_meanwhile: list[float]
    rss: float
    pss: float


async def measure(folder: Path) -> Measured:
    """Everything, on the tables in `folder`."""
    async with hosting([service], Database("sqlite", folder)) as kit:
        parts = search_running.current()
        await parts.settled()
        settle()  # as every process does that runs on its own
        documents = int((await kit.get("search", "/stats")).json()["documents"])
        await _searches(kit, [len(FILTERS) * HITS - 1])
        before = time.process_time()
        searches = await _searches(kit, range(ROUNDS))
        processor = 1000 * (time.process_time() - before) / len(searches)
        suggestions = await _suggestions(kit, ROUNDS)
        seconds, meanwhile = await _rebuilt(kit, parts)
        memory = psutil.Process(os.getpid()).memory_full_info()
        return Measured(
            documents,
            searches,
            processor,
            suggestions,
            seconds,
            meanwhile,
            memory.rss / MEGABYTE,
            memory.pss / MEGABYTE,
        )


async def asked(kit: Running, path: str, **query: object) -> float:
    """Milliseconds of one request to search."""
    started = time.perf_counter()
    answer = await kit.get("search", path, query=query)
    taken = 1000 * (time.perf_counter() - started)
    assert answer.ok, answer.content
    return taken


async def _searches(kit: Running, turns: Iterable[int]) -> list[float]:
    """All queries in each turn; forty turns have other filters or a few hits more, since equal questions are answered
    from memory."""
    return [
        await asked(
            kit, "/search", q=judged.query, limit=HITS + turn // len(FILTERS) % HITS, **FILTERS[number % len(FILTERS)]
        )
        for turn in turns
        for number, judged in enumerate(read_queries(), turn)
    ]


async def _suggestions(kit: Running, rounds: int) -> list[float]:
    return [await asked(kit, "/suggest", q=judged.query[:TYPED]) for _ in range(rounds) for judged in read_queries()]


async def _rebuilt(kit: Running, parts: search_running.Running) -> tuple[float, list[float]]:
    """Seconds of a rebuild, and the searches that one caller made meanwhile, one after the other."""
    started = time.perf_counter()
    rebuilding = asyncio.create_task(parts.engine.rebuild(changes_after))
    meanwhile: list[float] = []
    turns = count(ROUNDS)
    while not rebuilding.done():
        meanwhile += await _searches(kit, [next(turns)])
    await rebuilding
    return time.perf_counter() - started, meanwhile


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(measure(Path(sys.argv[1])))))
