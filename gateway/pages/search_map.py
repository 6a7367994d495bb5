"""The map of results: regions with how much one finds there, each a link that narrows, and the hits that have a place.

It shows the districts of the Land in question, else the Länder. Its numbers are those of the filters, so it says
nothing that the list of filters does not say as well, and needs no further request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway import maps
from gateway.pages.search_request import Asked
from gateway.visit import Visit

MOST_LABELS = 20  # more numbers than that do not fit on a map beside a list
SHADES = 4


@dataclass(frozen=True)
class Area:
    """A region on the map: how many hits there are (0: no link) and how dark it is, from 0 to SHADES - 1."""

    shape: maps.Shape
    name: str
    count: int
    shade: int
    address: str
    chosen: bool


@dataclass(frozen=True)
class Marker:
    """A hit at its place."""

    name: str
    address: str
    at: maps.Point


@dataclass(frozen=True)
class ResultMap:
    """All of it. `circle`: centre and radius in units of the drawing; `wider`: the way to the next larger map."""

    drawing: maps.Map
    name: str
    areas: Sequence[Area]
    markers: Sequence[Marker]
    circle: tuple[maps.Point, int] | None
    wider: str

    @property
    def labelled(self) -> bool:
        """Whether there is room for numbers."""
        return len(self.areas) <= MOST_LABELS


def result_map(
    visit: Visit, asked: Asked, results: Mapping[str, Any], hits: Sequence[Mapping[str, Any]], regions: Sequence[str]
) -> ResultMap | None:
    """The map for these results; None where counts are missing. `regions` are the slugs of those in question."""
    counts = {item["value"]: item["count"] for item in results["facets"].get("district", ())}
    if not counts:
        return None
    land = next((slug for slug in map(visit.vocabulary.land_of, regions) if slug), "")
    districts = maps.land(land, maps.SMALL) if land else None
    drawing = districts or maps.germany(maps.SMALL)
    return ResultMap(
        drawing,
        visit.vocabulary.region_name(land) if districts else visit._("Deutschland"),
        _areas(visit, asked, drawing, counts),
        _markers(drawing, hits) if districts else [],
        _circle(drawing, results["near"]),
        asked.address(visit, district=None, near=None, radius=None) if districts else "",
    )


def _areas(visit: Visit, asked: Asked, drawing: maps.Map, counts: Mapping[str, int]) -> list[Area]:
    most = max((counts.get(shape.slug, 0) for shape in drawing.shapes), default=0)
    return [
        Area(
            shape,
            visit.vocabulary.full_name(shape.slug),
            count := counts.get(shape.slug, 0),
            SHADES * count // (most + 1),
            asked.address(visit, district=shape.slug, near=None, radius=None) if count else "",
            shape.slug in asked.chosen.get("district", ()),
        )
        for shape in drawing.shapes
    ]


def _markers(drawing: maps.Map, hits: Sequence[Mapping[str, Any]]) -> list[Marker]:
    """The hits that have a place of their own on this map."""
    placed = [
        Marker(hit["title"], hit["address"], drawing.frame.point(hit["lon"], hit["lat"]))
        for hit in hits
        if hit["lat"] is not None and hit["lon"] is not None
    ]
    return [marker for marker in placed if drawing.frame.shows(marker.at)]


def _circle(drawing: maps.Map, near: Mapping[str, Any] | None) -> tuple[maps.Point, int] | None:
    if near is None or not near["radius"] or near["lat"] is None:
        return None
    return drawing.frame.point(near["lon"], near["lat"]), drawing.frame.length(near["radius"])
