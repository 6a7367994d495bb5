"""Keeps glibc from giving every thread a heap of its own that it never gives back.

Measured: after three reindexes the all-in-one held 238 to 307 MB with glibc's own choice (eight heaps per core) and
150 to 165 MB with two; start, reindex and search took the same processor time within the noise.
"""

from __future__ import annotations

import ctypes
import sys

M_ARENA_MAX = -8  # malloc.h of glibc
HEAPS = 2


def few_heaps() -> bool:
    """Limit the heaps of this process; call it before threads are started. Returns False where there is no glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return bool(mallopt is not None and mallopt(M_ARENA_MAX, HEAPS))
