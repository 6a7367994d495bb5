"""Start time and resident memory of the all-in-one on the shipped content.

The clock starts before the process and stops when `/readyz` answers 200: all content in, every consumer caught up.
The first start fills an empty data folder; later ones find it filled. Memory is read when ready, and again after
reading some pages.
"""

from __future__ import annotations

import time

import psutil

from bench.kit import Context, Figure, median_figure
from tests.instance import Instance

LATER_STARTS = 5
PAGES = ("/", "/en/", "/suche?q=sprachkurs", "/api/v1/offers", "/api/v1/regions", "/newsletter")
ROUNDS = 20
MEGABYTE = 1_000_000


async def figures(context: Context) -> list[Figure]:
    """Seconds of the first and of later starts (clock and processor); megabytes when ready and after reading pages."""
    instance = Instance(context.folder)
    started = time.perf_counter()
    async with instance as lotse:
        first = time.perf_counter() - started
        await lotse.stop()
        later = [await _start_again(lotse) for _ in range(LATER_STARTS)]
        clock, processor = [seconds for seconds, _ in later], [seconds for _, seconds in later]
        await lotse.start()
        when_ready = _resident(lotse)
        await _read_pages(lotse)
        after_pages = _resident(lotse)
    return [
        Figure("start_first", first, "s", aim="< 60 s"),
        median_figure("start_later", clock, "s", aim="< 3 s"),
        median_figure("start_later_processor", processor, "s"),
        Figure("memory_ready", when_ready, "MB", aim="< 250 MB"),
        Figure("memory_after_pages", after_pages, "MB", aim="< 250 MB", note=f"{ROUNDS * len(PAGES)} pages read"),
    ]


async def _start_again(lotse: Instance) -> tuple[float, float]:
    """Seconds by the clock and of the processor; only the latter can be compared when others use the machine too."""
    started = time.perf_counter()
    await lotse.start()
    seconds = time.perf_counter() - started
    used = psutil.Process(lotse.pid).cpu_times()
    await lotse.stop()
    return seconds, float(used.user + used.system)


def _resident(lotse: Instance) -> float:
    return float(psutil.Process(lotse.pid).memory_info().rss) / MEGABYTE


async def _read_pages(lotse: Instance) -> None:
    for _ in range(ROUNDS):
        for page in PAGES:
            async with lotse.session.get(lotse.url + page) as answer:
                await answer.read()
