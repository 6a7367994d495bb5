"""Distances in the index: which documents lie within a circle, and which lie nearer than others.

A document with a place of its own is where that is, others are where their regions are. The own places of all
documents are held in memory, since tantivy knows no distances: a query names those that are near enough.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from math import cos, inf, radians, sin

import tantivy

from services.search.domain import Circle, Point
from services.search.language.geography import BANDS_KM, EARTH_KM
from services.search.language.knowledge import Knowledge

Query = tantivy.Query
STEP = 10_000.0  # from one band to the next: more than any relevance
REMEMBERED = 64
_Vector = tuple[float, float, float]


class Spots:
    """The own places of documents, as the index writes them; ones that no document is at any more do no harm."""

    def __init__(self, schema: tantivy.Schema, spots: Iterable[str] = ()) -> None:
        self._schema = schema
        self._vectors = {spot: _vector(_point(spot)) for spot in spots}
        self._queries: dict[tuple[Knowledge, Circle | Point], Query] = {}

    def add(self, spots: Iterable[str]) -> None:
        """Places of documents that come in."""
        new = {spot: _vector(_point(spot)) for spot in spots if spot not in self._vectors}
        if new:
            self._vectors, self._queries = self._vectors | new, {}

    def within(self, knowledge: Knowledge, circle: Circle) -> Query:
        """Documents whose place lies in the circle, or one of whose regions is touched by it or lies above that."""

        def make() -> Query:
            inside, _ = self._rings(circle.centre, (circle.km,))
            return self._at(inside, knowledge.touched(circle))

        return self._remembered((knowledge, circle), make)

    def nearest(self, knowledge: Knowledge, point: Point) -> Query:
        """All documents that lie somewhere; those of each band score `STEP` more than those of the next one.

        Bands of own places and of districts come in the order of their distance, then those of larger regions.
        """

        def make() -> Query:
            rings = self._rings(point, BANDS_KM)
            districts: dict[float, frozenset[str]] = {}
            larger: list[frozenset[str]] = []
            for upper, slugs in knowledge.bands(point):
                if any(map(knowledge.is_district, slugs)):
                    districts[upper] = slugs
                else:
                    larger.append(slugs)
            near = zip((*BANDS_KM, inf), rings, strict=True)
            bands = [self._at(spots, districts.get(upper, frozenset())) for upper, spots in near]
            bands += [self._at((), slugs) for slugs in larger]
            scored = [Query.const_score_query(band, STEP * place) for place, band in enumerate(reversed(bands), 1)]
            return Query.disjunction_max_query(scored, 0.0)

        return self._remembered((knowledge, point), make)

    def _at(self, spots: Iterable[str], regions: Iterable[str]) -> Query:
        """Documents at one of these places, or without a place of their own in one of these regions."""
        own = Query.term_set_query(self._schema, "spot", list(spots))
        return Query.boolean_query(
            [
                (tantivy.Occur.Should, own),
                (tantivy.Occur.Should, Query.term_set_query(self._schema, "area", sorted(regions))),
            ]
        )

    def _rings(self, point: Point, limits_km: tuple[float, ...]) -> list[list[str]]:
        """The known places by their distance: up to each of the limits (rising), and beyond the last."""
        x, y, z = _vector(point)
        edges = [-cos(km / EARTH_KM) for km in limits_km]
        rings: list[list[str]] = [[] for _ in range(len(limits_km) + 1)]
        for spot, (a, b, c) in self._vectors.items():
            rings[bisect_left(edges, -(a * x + b * y + c * z))].append(spot)
        return rings

    def _remembered(self, key: tuple[Knowledge, Circle | Point], make: Callable[[], Query]) -> Query:
        """What was made for the same question, unless places were added since."""
        known = self._queries
        found = known.get(key)
        if found is None:
            if len(known) >= REMEMBERED:
                known.clear()
            found = known[key] = make()
        return found


def _point(spot: str) -> Point:
    lat, lon = spot.split()
    return Point(float(lat), float(lon))


def _vector(point: Point) -> _Vector:
    """Where a point lies on a sphere of radius 1: the nearer two are, the larger is the product of their vectors."""
    lat, lon = radians(point.lat), radians(point.lon)
    return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)
