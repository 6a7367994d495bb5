"""States of the index that searches look into, and what was worked out in each of them.

The next page goes on in the same snapshot as the one before, so that nothing is shown twice or skipped; the most recent
ones are kept for that. What was worked out holds while the index stands, and people ask for the same again: they go
back, choose another facet, follow the link that somebody sent round.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import tantivy

from services.search.embedded.facets import Counted
from services.search.embedded.store import Store
from services.search.engine import Page
from services.search.language.understanding import Plan

KEPT = 32
T = TypeVar("T")


class Memory(Generic[T]):
    """What was worked out for so many questions asked lately, and as many more; threads that ask the same at once each
    work it out."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: dict[Hashable, T] = {}
        self._older: dict[Hashable, T] = {}

    def get(self, question: Hashable, work_out: Callable[[], T]) -> T:
        """The answer, worked out unless it is known."""
        answer = self._known.get(question)
        if answer is None:
            answer = self._older.get(question)
            if answer is None:
                answer = work_out()
            if len(self._known) >= self._size:
                self._older, self._known = self._known, {}
            self._known[question] = answer
        return answer


@dataclass(frozen=True)
class Snapshot:
    """One state of the index; `number` tells it from others."""

    number: int
    store: Store
    position: int
    searcher: tantivy.Searcher
    everything: Memory[Counted] = field(default_factory=lambda: Memory(64))
    plans: Memory[Plan] = field(default_factory=lambda: Memory(256))
    pages: Memory[Page] = field(default_factory=lambda: Memory(256))


class Snapshots:
    """The newest state, and older ones that pages may still ask for."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Snapshot] = OrderedDict()
        self._newest: Snapshot | None = None
        self._guard = threading.Lock()

    def get(self, store: Store, number: int) -> Snapshot:
        """The snapshot with this number, else the newest; one for all who ask in the same state of the index."""
        with self._guard:
            kept, newest = self._kept.get(number), self._newest
            if kept is not None:
                return kept
            if newest is None or newest.store is not store or newest.position != store.position:
                newest = Snapshot(time.time_ns(), store, store.position, store.searcher())
                self._newest = newest
            return newest

    def keep(self, snapshot: Snapshot) -> None:
        """Hold on to a snapshot for the pages that follow."""
        with self._guard:
            self._kept[snapshot.number] = snapshot
            self._kept.move_to_end(snapshot.number)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
