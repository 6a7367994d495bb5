"""Waiting for what other processes do, telling how it goes; given up when nothing moves any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection

from infra.inbox.tables import tables
from infra.outbox.log import Log

PATIENCE_SECONDS = 60.0
SAY_EVERY_SECONDS = 5.0
LOOK_SECONDS = 0.2


async def watch(
    left: Callable[[], Awaitable[int]],
    what: str,
    say: Callable[[str], None],
    patience: float = PATIENCE_SECONDS,
) -> bool:
    """Wait until nothing is `left`, saying every few seconds how much that is.

    Returns False, and says so, when it has not become less for `patience` seconds.
    """
    least, moved_at, said_at = await left(), time.monotonic(), time.monotonic()
    while (now := await left()) > 0:
        if now < least:
            least, moved_at = now, time.monotonic()
        if time.monotonic() - moved_at >= patience:
            say(f"{what}: {now} left, and nothing has moved for {patience:.0f} s.")
            return False
        if time.monotonic() - said_at >= SAY_EVERY_SECONDS:
            said_at = time.monotonic()
            say(f"{what}: {now} left")
        await asyncio.sleep(LOOK_SECONDS)
    return True


async def heads_of(producers: Collection[str]) -> dict[str, int]:
    """How far the logs of `producers` are now."""
    return {producer: await Log(producer).head() for producer in producers}


async def behind(service: str, heads: dict[str, int]) -> int:
    """Positions of the logs in `heads` that a service has still to deal with."""
    rows = await tables(service).checkpoints.filter(producer__in=list(heads))
    positions = {row.producer: row.position for row in rows}
    return sum(max(0, head - positions.get(producer, 0)) for producer, head in heads.items())
