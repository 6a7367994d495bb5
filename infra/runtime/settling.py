"""Imports without the cycle collector: half a thousand modules make it run often, each time over all of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
