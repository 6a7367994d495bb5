"""Search in a whole installation of processes: pages at eight connections, and from an event to "found".

The tables of search are filled with 100,000 documents, and the indexer takes them in. Pages are asked by eight callers
at once, each one after the other. Then contacts records events as its commands do: single ones, and 5,000 at once; the
clock stops when search has them all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from tortoise.backends.base.executor import EXECUTOR_CACHE

from bench.corpus import Corpus, fill
from bench.kit import Figure, percentile, seconds_of
from bench.large_search import FILTERS
from bench.processes import NO_SERVERS, ProcessesOnServers, processor_seconds, servers, table
from bench.search_quality import read_queries
from infra.db import transaction
from infra.db.connect import databases
from infra.ids import new_id
from infra.outbox import record
from infra.settings import DEMO_SECRET
from infra.web.identity import ANONYMOUS, HEADER, sign
from services.contacts.service import service as contacts
from services.search.schemas import Stats
from services.search.service import service as search

LARGE = 100_000
CONNECTIONS = 8
AGAIN = 200  # fewer than search remembers
SINGLES = 40
BURST = 5_000
OFTEN_SECONDS, LOOK_SECONDS = 0.02, 0.1
PATIENCE_SECONDS = 600.0
BUILDING = "lotse_search_rebuilding 1.0"


async def figures(folder: Path) -> AsyncIterator[Figure]:
    """Milliseconds of pages and of single events; seconds of a burst. Each part as it is done."""
    if not servers():
        print(f"  {NO_SERVERS}", flush=True)
        return
    async with ProcessesOnServers(folder) as lotse, _databases(lotse):
        await fill(LARGE)
        await _until_documents(lotse, LARGE)
        await _until_built(lotse)
        for part in (_pages, _singles, _burst):
            for figure in await part(lotse):
                yield figure


@asynccontextmanager
async def _databases(lotse: ProcessesOnServers) -> AsyncIterator[None]:
    """The databases of contacts and search, to write what their processes then find."""
    EXECUTOR_CACHE.clear()  # keyed by alias, not by kind of server: the statements of an SQLite before would be used
    async with databases(lotse.database.settings(), [contacts.schema, search.schema]):
        yield


async def _pages(lotse: ProcessesOnServers) -> list[Figure]:
    """Pages of questions that nobody asked before, then of the same ones again, which search remembers."""
    questions = list(_questions())
    await _asked(lotse, [{"q": query.query, "sort": "newest"} for query in read_queries()])
    return [*await _rate(lotse, "search_page", questions), *await _rate(lotse, "search_page_again", questions[-AGAIN:])]


def _questions() -> Iterator[dict[str, str]]:
    """The judged queries, each with every filter."""
    for turn in range(len(FILTERS)):
        for number, judged in enumerate(read_queries(), turn):
            yield {"q": judged.query, **FILTERS[number % len(FILTERS)]}


async def _rate(lotse: ProcessesOnServers, name: str, questions: Sequence[Mapping[str, str]]) -> list[Figure]:
    involved = {part: lotse.pids[part] for part in ("gateway", "search-service")}
    before = {part: seconds_of([pid]) for part, pid in involved.items()}
    each = await asyncio.gather(*(_asked(lotse, questions[number::CONNECTIONS]) for number in range(CONNECTIONS)))
    taken = [milliseconds for callers in each for milliseconds in callers]
    used = {part: 1000 * (seconds_of([pid]) - before[part]) / len(questions) for part, pid in involved.items()}
    note = ", ".join(f"{part} {value:.1f}" for part, value in used.items()) + " ms of processor time a page"
    return [
        Figure(f"{name}_p50", percentile(taken, 0.5), "ms", values=taken, note=note),
        Figure(f"{name}_p99", percentile(taken, 0.99), "ms", aim="< 60 ms"),
    ]


async def _asked(lotse: ProcessesOnServers, questions: Sequence[Mapping[str, str]]) -> list[float]:
    """Milliseconds of the pages that answer these questions, one after the other."""
    taken: list[float] = []
    for question in questions:
        started = time.perf_counter()
        async with lotse.session.get(f"{lotse.url}/suche", params=question) as answer:
            await answer.read()
            assert answer.status == 200, answer.status
        taken.append(1000 * (time.perf_counter() - started))
    return taken


async def _singles(lotse: ProcessesOnServers) -> list[Figure]:
    singles = [1000 * await _seconds_until_found(lotse, 1, OFTEN_SECONDS) for _ in range(SINGLES)]
    return [
        Figure("search_single_p50", percentile(singles, 0.5), "ms", values=singles),
        Figure("search_single_p99", percentile(singles, 0.99), "ms", aim="< 300 ms"),
    ]


async def _burst(lotse: ProcessesOnServers) -> list[Figure]:
    """`BURST` offers at once; whoever hears of an offer has its share of the machine meanwhile."""
    before = await processor_seconds(lotse)
    seconds = await _seconds_until_found(lotse, BURST, LOOK_SECONDS)
    used = {name: taken - before.get(name, 0.0) for name, taken in (await processor_seconds(lotse)).items()}
    note = f"from the commit in contacts, by relay and RabbitMQ; seconds of the processor: {table(used)}"
    return [Figure("search_burst_5000", seconds, "s", aim="< 5 s", note=note)]


async def _seconds_until_found(lotse: ProcessesOnServers, count: int, pause: float) -> float:
    """From the commit of `count` events in contacts until search has all of them; asked with pauses of that length."""
    before = (await _stats(lotse)).documents
    corpus = Corpus(seed=2)
    async with transaction("contacts") as tx:
        for _ in range(count):
            await record(tx, corpus.offer(str(new_id())))
    started = time.perf_counter()
    await _until_documents(lotse, before + count, pause)
    return time.perf_counter() - started


async def _until_documents(lotse: ProcessesOnServers, count: int, pause: float = 1.0) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await _stats(lotse)).documents < count:
            await asyncio.sleep(pause)


async def _until_built(lotse: ProcessesOnServers) -> None:
    """Return when no index is built any more: one was begun while the tables were filled."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while BUILDING in await _metrics(lotse):
            await asyncio.sleep(1.0)


async def _metrics(lotse: ProcessesOnServers) -> str:
    async with lotse.session.get(f"{lotse.address_of('search')}/metrics") as answer:
        assert answer.status == 200, answer.status
        return await answer.text()


async def _stats(lotse: ProcessesOnServers) -> Stats:
    headers = {HEADER: sign(ANONYMOUS, "search", DEMO_SECRET)}
    async with lotse.session.get(f"{lotse.address_of('search')}/stats", headers=headers) as answer:
        return msgspec.json.decode(await answer.read(), type=Stats)
