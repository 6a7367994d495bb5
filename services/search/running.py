"""What a process that hosts search holds in memory: the engine, what is known besides, and its loops' bells."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from infra.errors import Text, Unavailable
from services.search.engine import Engine
from services.search.language.knowledge import Knowledge
from services.search.statistics.counting import Tally


async def _nothing_to_settle() -> None:
    """Without an indexer nothing is ever waiting."""


@dataclass
class Running:
    """The parts of a running search. `knowledge` is replaced as a whole when regions or words change.

    `learned` is the number of the last such change that was loaded. `ready` is set once the engine has got to the
    table's state for the first time. `suspect` is set when a search failed for a reason that may lie in the engine's
    data; the indexer looks into it. `settled` returns once everything committed by then is searchable: for
    measurements, commands and tests. Each loop of the process waits for a bell of its own in `bells`. `demand` counts
    what is looked for.
    """

    engine: Engine
    knowledge: Knowledge = field(default_factory=Knowledge)
    learned: int = -1
    ready: bool = False
    suspect: bool = False
    bells: list[asyncio.Event] = field(default_factory=list)
    settled: Callable[[], Awaitable[None]] = _nothing_to_settle
    demand: Tally = field(default_factory=Tally)


_holder: list[Running] = []


def start(running: Running) -> None:
    """Make `running` the one that requests and handlers use."""
    _holder[:] = [running]


def stop() -> None:
    """Nothing runs any more."""
    _holder.clear()


def current() -> Running:
    """The running search. Unavailable: it is not up (yet)."""
    if not _holder:
        raise Unavailable(
            Text(
                "Die Suche startet gerade. Bitte versuchen Sie es gleich noch einmal.",
                "Search is starting. Please try again in a moment.",
            )
        )
    return _holder[0]


def wake() -> None:
    """Have this process's loops look at once whether there is something to do; else they look every second."""
    for bell in _holder[0].bells if _holder else ():
        bell.set()
