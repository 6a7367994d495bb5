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
    """Keep all that is in use now; the collector goes through it once more before."""
    gc.collect()
    gc.freeze()
