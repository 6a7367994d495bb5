"""Postal codes and places of Germany, each with its district and where it lies, from a file that comes with Lotse.

Read once, when somebody first needs it, and kept in plain tables: some megabytes for 8,000 codes and 14,000 places.
"""

from __future__ import annotations

import csv
import gzip
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from services.search.domain import Point
from services.search.language.analysis import WORD, folded

FILE = Path(__file__).resolve().parent.parent / "content" / "places.csv.gz"
LONGEST_NAME = 6
_FURTHER = re.compile(r",? \(|/|,| (?:am|an der|an dem|im|in der|ob der|vor der|bei|a\. ?d?\.?) ")


@dataclass(frozen=True)
class Spot:
    """A place with the slug of its district; `size`, its number of postal codes, tells cities from villages."""

    name: str
    region: str
    point: Point
    size: int = 1


class Gazetteer:
    """All places, to be asked by code, by name, and by what lies around a point."""

    def __init__(self, rows: Iterable[Sequence[str]]) -> None:
        """`rows`: postal code, place, district, latitude, longitude; sorted by code, what it is named by first."""
        self._codes: dict[str, range] = {}
        self._names: list[str] = []
        self._regions: list[str] = []
        self._sizes = array("H")
        self._lats, self._lons = array("d"), array("d")
        self._spots: dict[str, tuple[int, ...]] = {}
        self._read(rows)

    def code(self, plz: str) -> Spot | None:
        """Where a postal code is; its name is "" where it belongs to several small places. None: not known."""
        rows = self._codes.get(plz)
        if rows is None:
            return None
        first = self._spot(rows[0])
        if len(rows) == 1 or first.size > 1:
            return first
        middle = Point(
            sum(map(self._lats.__getitem__, rows)) / len(rows), sum(map(self._lons.__getitem__, rows)) / len(rows)
        )
        return Spot("", first.region, middle)

    def named(self, key: str) -> list[Spot]:
        """The places whose name, or its first part, reads so as a `name_key`; the largest first."""
        return [self._spot(row) for row in self._spots.get(key, ())]

    def names(self) -> Iterable[str]:
        """All keys under which places are known."""
        return self._spots

    def begun(self, begin: str) -> list[Spot]:
        """The places whose key begins so, the largest first."""
        keys = _begun(self._sorted_names, begin)
        found = dict.fromkeys(self._spots[key][0] for key in keys)
        return [self._spot(row) for row in sorted(found, key=lambda row: (-self._sizes[row], len(self._names[row])))]

    def codes_begun(self, begin: str) -> Iterator[tuple[str, Spot]]:
        """The postal codes that begin so with what they stand for, in their order."""
        for plz in _begun(self._sorted_codes, begin):
            spot = self.code(plz)
            if spot is not None:
                yield plz, spot

    @cached_property
    def _sorted_names(self) -> list[str]:
        return sorted(self._spots)

    @cached_property
    def _sorted_codes(self) -> list[str]:
        return sorted(self._codes)

    def located(self) -> Iterator[tuple[str, float, float]]:
        """District, latitude and longitude of every row."""
        return zip(self._regions, self._lats, self._lons, strict=True)

    def _spot(self, row: int) -> Spot:
        return Spot(self._names[row], self._regions[row], Point(self._lats[row], self._lons[row]), self._sizes[row])

    def _read(self, rows: Iterable[Sequence[str]]) -> None:
        shared: dict[str, str] = {}
        firsts: dict[tuple[str, str], int] = {}
        for row, (plz, name, region, lat, lon) in enumerate(rows):
            before = self._codes.get(plz)
            self._codes[plz] = range(before.start if before else row, row + 1)
            self._names.append(shared.setdefault(name, name))
            self._regions.append(shared.setdefault(region, region))
            self._lats.append(float(lat))
            self._lons.append(float(lon))
            self._sizes.append(0)
            self._sizes[firsts.setdefault((name, region), row)] += 1
        for (name, _), row in sorted(firsts.items(), key=lambda item: -self._sizes[item[1]]):
            for key in dict.fromkeys(map(_key, (name, _FURTHER.split(name, 1)[0]))):
                self._spots[key] = (*self._spots.get(key, ()), row)
        for row, name in enumerate(self._names):
            self._sizes[row] = self._sizes[firsts[name, self._regions[row]]]


def _key(name: str) -> str:
    """`name_key` without being remembered: each of these names is seen once."""
    return " ".join(map(folded, WORD.findall(name)))


def _begun(ordered: list[str], begin: str) -> list[str]:
    return ordered[bisect_left(ordered, begin) : bisect_left(ordered, f"{begin}\uffff")]


@lru_cache(maxsize=1)
def shipped() -> Gazetteer:
    """The gazetteer that comes with Lotse."""
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return Gazetteer(rows)
