"""What was worked out lately, for what comes again and again.

A dictionary is twice as quick to ask as `functools.lru_cache`, which moves an entry to the front of a list at each hit:
of the words of a text nearly all were met before, and a rebuild asks for them some ten million times.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import TypeVar
from weakref import proxy

K = TypeVar("K")
V = TypeVar("V")


class Remembered(dict[K, V]):
    """`remembered[key]` is what `make` gives for the key; of those asked for lately `most` are kept, and as many more.

    Where `make` is a method, its object is to hold this: both go together then, without the cycle collector.

    May be asked by several threads: at worst something is worked out twice.
    """

    def __init__(self, make: Callable[[K], V], most: int) -> None:
        super().__init__()
        self._make = _held_loosely(make)
        self._most = most
        self._older: dict[K, V] = {}

    def __missing__(self, key: K) -> V:
        older = self._older
        value = older[key] if key in older else self._make(key)
        if len(self) >= self._most:
            self._older = self.copy()
            self.clear()
        self[key] = value
        return value


def _held_loosely(make: Callable[[K], V]) -> Callable[[K], V]:
    """`make`, but without keeping alive the object of which it is a method."""
    return MethodType(make.__func__, proxy(make.__self__)) if isinstance(make, MethodType) else make
