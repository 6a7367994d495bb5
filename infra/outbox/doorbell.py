"""Wakes the relay of a service as soon as something was committed, so that nobody waits for the next poll."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

_listeners: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)


@contextmanager
def answering(service: str, listener: Callable[[], None]) -> Iterator[None]:
    """Call `listener` (must not wait) at every ring of one service's bell in this process."""
    _listeners[service].append(listener)
    try:
        yield
    finally:
        _listeners[service].remove(listener)


@cache
def ring(service: str) -> Callable[[], None]:
    """The action that rings the bell; the same object each time, so that a transaction rings once."""

    def action() -> None:
        for listener in tuple(_listeners[service]):
            listener()

    return action
