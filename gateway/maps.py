"""Maps as shapes of an inline SVG, made on the server from the shipped boundaries; no tile is ever fetched.

Coordinates are rounded to whole units of a drawing 600 wide, which keeps shared borders shared and a map of all
Länder at some 20 KB. Boundaries: © GeoBasis-DE / BKG 2021 (Daten verändert), dl-de/by-2-0; see `docs` and NOTICE.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

GEO = Path(__file__).parent / "geo"
WIDTH = 600
MARGIN = 6
FINE = {"sachsen-anhalt": "geo_sachsen-anhalt_kreise.geojson"}
Ring = list[list[float]]
Point = tuple[int, int]


@dataclass(frozen=True)
class Shape:
    """One region: its slug and the outline as path data."""

    slug: str
    outline: str


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


@dataclass(frozen=True)
class Map:
    """A drawing: its size, its shapes in the order of the data, and where places lie on it."""

    frame: Frame
    shapes: tuple[Shape, ...]

    @property
    def view_box(self) -> str:
        """The SVG's viewBox."""
        return f"0 0 {WIDTH + 2 * MARGIN} {self.frame.height + 2 * MARGIN}"


@cache
def germany() -> Map:
    """The sixteen Länder."""
    return _draw(_features("geo_laender.geojson"))


@cache
def land(slug: str) -> Map | None:
    """The districts of a Land; None for what is no Land."""
    features = [
        feature
        for feature in _features(FINE.get(slug, "geo_kreise.geojson"))
        if feature["properties"]["parent"] == slug
    ]
    return _draw(features) if features else None


@cache
def _features(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.json.decode((GEO / name).read_bytes())["features"]
    return found


def _draw(features: list[dict[str, Any]]) -> Map:
    frame = _frame([point for feature in features for ring in _rings(feature["geometry"]) for point in ring])
    return Map(frame, tuple(Shape(feature["id"], _outline(feature["geometry"], frame)) for feature in features))


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for part in parts:
        yield from part


def _frame(points: list[list[float]]) -> Frame:
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    across = WIDTH / (east - west)
    down = across / math.cos(math.radians((south + north) / 2))
    return Frame(west, north, across, down, round((north - south) * down))


def _outline(geometry: Mapping[str, Any], frame: Frame) -> str:
    """Path data of all rings that are more than a dot; the largest is kept however small."""
    rings = sorted((_rounded(ring, frame) for ring in _rings(geometry)), key=_extent, reverse=True)
    return "".join(_path(ring) for position, ring in enumerate(rings) if position == 0 or _extent(ring) > 5)


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


def _span(values: Iterable[int]) -> int:
    known = list(values)
    return max(known) - min(known)


def _path(points: list[Point]) -> str:
    """Relative moves, which are shorter than absolute ones."""
    steps = [f"{here[0] - before[0]} {here[1] - before[1]}" for before, here in itertools.pairwise(points)]
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps).replace(' -', '-')}z"
