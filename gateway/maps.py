"""Maps as shapes of an inline SVG, made on the server from the shipped boundaries; no tile is ever fetched.

Coordinates are rounded to whole units of a drawing 600 wide and lines made simpler, both so that shared borders stay
shared: a map of all Länder has some 13 KB, a small one 6 KB. Boundaries: © GeoBasis-DE / BKG 2021 (Daten verändert),
dl-de/by-2-0; see `docs` and NOTICE.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from gateway import outlines

GEO = Path(__file__).parent / "geo"
WIDTH = 600
MARGIN = 6
FINE = {"sachsen-anhalt": "geo_sachsen-anhalt_kreise.geojson"}
KM_PER_DEGREE = 111.2  # of latitude
LARGE = 1.2  # how far a line may be off, in units, on a map that is half a page wide
SMALL = 3.0  # the same on one beside a list
BEYOND = 1.15  # so much wider than the circle is a map around a place
ROOM = 40  # units that a number needs
Ring = list[list[float]]
Point = tuple[int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Shape:
    """One region: its slug, the outline as path data, and where inside it a number has room (None: nowhere)."""

    slug: str
    outline: str
    room: Point | None


@dataclass(frozen=True)
class Frame:
    """From degrees to drawing units: equirectangular, true to scale at the middle latitude."""

    west: float
    north: float
    across: float
    down: float
    height: int

    def point(self, lon: float, lat: float) -> Point:
        """Where a place lies on the drawing."""
        return (
            round((lon - self.west) * self.across) + MARGIN,
            round((self.north - lat) * self.down) + MARGIN,
        )

    def length(self, km: float) -> int:
        """How long a way is on the drawing."""
        return round(km / KM_PER_DEGREE * self.down)

    def shows(self, point: Point) -> bool:
        """Whether a point lies on the drawing."""
        return 0 <= point[0] <= WIDTH + 2 * MARGIN and 0 <= point[1] <= self.height + 2 * MARGIN


@dataclass(frozen=True)
class Map:
    """A drawing: its size, its shapes in the order of the data, and where places lie on it.

    `whole` says that every shape is on it as a whole.
    """

    frame: Frame
    shapes: tuple[Shape, ...]
    whole: bool = True

    @property
    def view_box(self) -> str:
        """The SVG's viewBox."""
        return f"0 0 {WIDTH + 2 * MARGIN} {self.frame.height + 2 * MARGIN}"


@cache
def germany(tolerance: float = LARGE) -> Map:
    """The sixteen Länder."""
    return _draw(_features("geo_laender.geojson"), tolerance)


@cache
def land(slug: str, tolerance: float = LARGE) -> Map | None:
    """The districts of a Land; None for what is no Land."""
    features = [
        feature
        for feature in _features(FINE.get(slug, "geo_kreise.geojson"))
        if feature["properties"]["parent"] == slug
    ]
    return _draw(features, tolerance) if features else None


@lru_cache(maxsize=256)
def around(lat: float, lon: float, km: float) -> Map:
    """The districts around a place, whatever Land they are in; a small map, a little wider than `km` to each side."""
    down = WIDTH / (2 * BEYOND * km / KM_PER_DEGREE)
    across = down * math.cos(math.radians(lat))
    frame = Frame(lon - WIDTH / 2 / across, lat + WIDTH / 2 / down, across, down, WIDTH)
    return replace(_drawn([feature for box, feature in _boxed() if _overlaps(box, frame)], frame, SMALL), whole=False)


@cache
def _boxed() -> list[tuple[Box, dict[str, Any]]]:
    """All districts, each with its westernmost, northernmost, easternmost and southernmost degree."""
    return [(_box(_points([feature])), feature) for feature in _features("geo_kreise.geojson")]


def _overlaps(box: Box, frame: Frame) -> bool:
    west, north, east, south = box
    (left, top), (right, bottom) = frame.point(west, north), frame.point(east, south)
    return left <= WIDTH and right >= 0 and top <= frame.height and bottom >= 0


@cache
def _features(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.json.decode((GEO / name).read_bytes())["features"]
    return found


def _draw(features: list[dict[str, Any]], tolerance: float) -> Map:
    """All of these regions, as large as the drawing allows."""
    return _drawn(features, _frame(_points(features)), tolerance)


def _drawn(features: list[dict[str, Any]], frame: Frame, tolerance: float) -> Map:
    rounded = [[_rounded(ring, frame) for ring in _rings(feature["geometry"])] for feature in features]
    simpler = iter(outlines.simplified([ring for rings in rounded for ring in rings], tolerance))
    drawn = [list(itertools.islice(simpler, len(rings))) for rings in rounded]
    return Map(frame, tuple(_shape(feature["id"], rings) for feature, rings in zip(features, drawn, strict=True)))


def _points(features: list[dict[str, Any]]) -> Ring:
    return [point for feature in features for ring in _rings(feature["geometry"]) for point in ring]


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for part in parts:
        yield from part


def _box(points: Ring) -> Box:
    return min(p[0] for p in points), max(p[1] for p in points), max(p[0] for p in points), min(p[1] for p in points)


def _frame(points: Ring) -> Frame:
    west, north, east, south = _box(points)
    across = WIDTH / (east - west)
    down = across / math.cos(math.radians((south + north) / 2))
    return Frame(west, north, across, down, round((north - south) * down))


def _shape(slug: str, rings: list[list[Point]]) -> Shape:
    """A region of all rings that are more than a dot; the largest is kept however small."""
    largest, *others = sorted(rings, key=_extent, reverse=True)
    paths = [_path(ring) for ring in (largest, *(ring for ring in others if _extent(ring) > 5))]
    return Shape(slug, "".join(paths), _room(rings, _middle(largest)))


def _rounded(ring: Ring, frame: Frame) -> list[Point]:
    """The ring in whole units, without repetitions and without its closing point."""
    points: list[Point] = []
    for place in ring[:-1]:
        point = frame.point(place[0], place[1])
        if not points or point != points[-1]:
            points.append(point)
    return points


def _extent(points: list[Point]) -> int:
    return max(_span(p[0] for p in points), _span(p[1] for p in points))


def _middle(points: list[Point]) -> float:
    """How far right the centre of gravity of an area lies; for one without extent its first point."""
    area = across = 0.0
    for (x, y), (next_x, next_y) in zip(points, [*points[1:], points[0]], strict=True):
        part = x * next_y - next_x * y
        area, across = area + part, across + (x + next_x) * part
    return across / (3 * area) if area else points[0][0]


def _room(rings: list[list[Point]], x: float) -> Point | None:
    """The middle of the longest way down through a shape at `x`, which is never in a hole; None where it is short."""
    crossed = sorted(
        y + (x - left) * (next_y - y) / (next_x - left)
        for ring in rings
        for (left, y), (next_x, next_y) in zip(ring, [*ring[1:], ring[0]], strict=True)
        if min(left, next_x) <= x < max(left, next_x)
    )
    length, top = max(
        ((end - start, start) for start, end in zip(crossed[::2], crossed[1::2], strict=True)), default=(0, 0)
    )
    return (round(x), round(top + length / 2)) if length >= ROOM else None


def _span(values: Iterable[int]) -> int:
    known = list(values)
    return max(known) - min(known)


def _path(points: list[Point]) -> str:
    """Relative moves, which are shorter than absolute ones."""
    steps = [f"{here[0] - before[0]} {here[1] - before[1]}" for before, here in itertools.pairwise(points)]
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps).replace(' -', '-')}z"
