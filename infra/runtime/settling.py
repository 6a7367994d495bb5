"""What stays for good is kept out of the cycle collector's sight: modules, and what a process loads when it starts.

Half a thousand modules make it run often, each time over all of them. And a process that searches 100,000 documents
stood still for 130 ms, twice in 400 searches, while the collector went through words, places and regions.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

LOADING_SECONDS = 10.0
THRESHOLDS = 20_000, 20, 100
"""New objects before the collector looks at the youngest, and how many such looks before it looks at older ones.

A page of results makes some thousand objects that refer to nothing: with Python's 700, 10 and 10 the collector took
0.9 of the 11 ms of a search.
"""


@contextmanager
def imports_settled() -> Iterator[None]:
    """Import in the block without the cycle collector, and keep what was imported out of its sight for good.

    Modules live as long as the process; looking at them again and again made a start slower and requests wait.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def settle_soon() -> None:
    """Have all that this process holds some seconds from now kept for good; by then it has loaded what it needs."""
    asyncio.get_running_loop().call_later(LOADING_SECONDS, settle)


def settle() -> None:
    """Keep all that is in use now, which the collector goes through once more; later it looks less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
