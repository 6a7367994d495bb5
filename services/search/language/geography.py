"""What lies where: distances, the districts that a circle touches, and regions in bands around a point.

A district lies where its centre is, a Land and the federation have no place of their own: what concerns them as a
whole is neither near nor far.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, inf, radians, sin, sqrt

from infra.contracts.territory import Territory
from services.search.domain import Circle, Document, Point
from services.search.language.gazetteer import shipped

BANDS_KM = (10.0, 25.0, 50.0, 75.0, 100.0, 150.0, 200.0, 300.0)
EARTH_KM = 6371.0
_KM_PER_DEGREE = 111.2
Band = tuple[float, frozenset[str]]


def distance_km(one: Point, other: Point) -> float:
    """Kilometres between two points along the surface."""
    lat, other_lat = radians(one.lat), radians(other.lat)
    half = sin((other_lat - lat) / 2) ** 2
    half += cos(lat) * cos(other_lat) * sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


def box(circle: Circle) -> tuple[Point, Point]:
    """The corners, south-west and north-east, of the smallest box of degrees that holds a circle."""
    lat, lon = circle.centre.lat, circle.centre.lon
    up = circle.km / _KM_PER_DEGREE
    aside = min(180.0, up / max(0.01, cos(radians(min(89.0, abs(lat) + up)))))
    return Point(lat - up, lon - aside), Point(lat + up, lon + aside)


@dataclass(frozen=True)
class _Settled:
    """All postal places from south to north."""

    lats: list[float]
    lons: list[float]
    regions: list[str]


@lru_cache(maxsize=1)
def _settled() -> _Settled:
    rows = sorted((lat, lon, region) for region, lat, lon in shipped().located())
    return _Settled([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


@lru_cache(maxsize=1)
def _middles() -> dict[str, Point]:
    """The middle of each district's postal places, for districts that come without a centre."""
    found: dict[str, list[Point]] = {}
    for region, lat, lon in shipped().located():
        found.setdefault(region, []).append(Point(lat, lon))
    return {
        region: Point(sum(p.lat for p in points) / len(points), sum(p.lon for p in points) / len(points))
        for region, points in found.items()
    }


class Geography:
    """Regions on the map. `centres` are the known ones of districts; others are taken from postal places."""

    REMEMBERED = 256

    def __init__(self, territory: Territory, districts: Iterable[str], centres: Mapping[str, Point]) -> None:
        self._territory = territory
        self._given = centres
        self._district = {slug: slug for slug in districts}
        for land, (slug, *others) in self._by_land().items():
            if not others:  # Berlin and Hamburg are a Land and its only district
                self._district[land] = slug
        self.holding = lru_cache(self.REMEMBERED)(self._holding)
        self.touched = lru_cache(self.REMEMBERED)(self._touched)
        self.bands = lru_cache(self.REMEMBERED)(self._bands)

    def _by_land(self) -> dict[str, list[str]]:
        """The districts of each region that is the next above them."""
        found: dict[str, list[str]] = {}
        for slug in self._district:
            for above in self._territory.above(slug)[:1]:
                found.setdefault(above, []).append(slug)
        return found

    def centre(self, slug: str) -> Point | None:
        """The centre of a district, None for larger and for unknown regions."""
        district = self._district.get(slug)
        return None if district is None else self._given.get(district) or _middles().get(district)

    def point_of(self, document: Document) -> Point | None:
        """A document's own place, else the centre of its first district; None where it concerns larger regions."""
        if document.lat is not None and document.lon is not None:
            return Point(document.lat, document.lon)
        return next(filter(None, map(self.centre, document.regions)), None)

    def distance_to(self, document: Document, point: Point) -> float | None:
        """Kilometres from `point` to a document's own place, else to the nearest of its districts.

        The district that holds the point is 0 km away. None: it concerns larger regions only.
        """
        if document.lat is not None and document.lon is not None:
            return distance_km(point, Point(document.lat, document.lon))
        return min((far for slug in document.regions if (far := self._far(slug, point)) is not None), default=None)

    def _touched(self, circle: Circle) -> frozenset[str]:
        """The districts with a postal place in the circle or holding its centre, and everything above them."""
        found = {region for region, _ in self._around(circle)} | {self.holding(circle.centre)}
        known = {slug for slug in found if slug in self._territory}
        return frozenset(known | {above for slug in known for above in self._territory.above(slug)})

    def _bands(self, point: Point) -> tuple[Band, ...]:
        """Districts by the distance of their centres, up to so many km each, the one that holds the point first; then
        its Land, then what concerns the whole federation."""
        rings: dict[float, set[str]] = {}
        for slug in self._district:
            far = self._far(slug, point)
            if far is not None:
                rings.setdefault(next((upper for upper in BANDS_KM if far <= upper), inf), set()).add(slug)
        near = [(upper, frozenset(rings[upper])) for upper in sorted(rings)]
        larger = [slug for slug in self._territory.above(self.holding(point)) if slug not in self._district]
        return (*near, *((inf, frozenset({slug})) for slug in larger))

    def _far(self, slug: str, point: Point) -> float | None:
        centre = self.centre(slug)
        if centre is None:
            return None
        return 0.0 if self._district[slug] == self.holding(point) else distance_km(point, centre)

    def _holding(self, point: Point) -> str:
        """The district of the nearest postal place: a good guess at the one that holds the point; "" abroad."""
        for km in (5.0, 20.0):
            near = self._around(Circle(point, km))
            if near:
                return min(near, key=lambda found: found[1])[0]
        return ""

    def _around(self, circle: Circle) -> list[tuple[str, float]]:
        """The postal places within a circle, as district and distance."""
        settled, (low, high) = _settled(), box(circle)
        first, last = bisect_left(settled.lats, low.lat), bisect_right(settled.lats, high.lat)
        near = [
            (settled.regions[row], distance_km(circle.centre, Point(settled.lats[row], settled.lons[row])))
            for row in range(first, last)
            if low.lon <= settled.lons[row] <= high.lon
        ]
        return [found for found in near if found[1] <= circle.km]
