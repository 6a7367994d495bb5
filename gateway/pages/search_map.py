"""The map of results: regions with how much one finds there, each a link that narrows, and the hits that have a place.

It shows the surroundings of a place that was asked for, or the districts of the Land in question, else the Länder. Its
numbers are those of the filters, so it says nothing that a filter would not say as well, and needs no further request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway import maps
from gateway.pages.search_request import Asked
from gateway.visit import Visit

FARTHEST_KM = 50  # farther than that the Land says more, and a map of half of Germany takes long to draw
MOST_LABELS = 20  # more numbers than that do not fit on a map beside a list
LETTER = 14  # units that one takes
SHADES = 4


@dataclass(frozen=True)
class Area:
    """A region on the map: how dark it is, from 0 to SHADES - 1, and how many hits choosing it gives.

    `label` is written on it, "" where there is no room. `count` is None where nothing names the region: then choosing
    it gives what covers its Land, which nobody counts.
    """

    shape: maps.Shape
    name: str
    label: str
    count: int | None
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
    """All of it. `centre` is the place in question, `radius` (in units of the drawing, 0: none) how far was looked.

    `wider` is the address of the same search on the map of Germany, "" on that map itself.
    """

    drawing: maps.Map
    name: str
    areas: Sequence[Area]
    markers: Sequence[Marker]
    centre: maps.Point | None
    radius: int
    wider: str


def result_map(
    visit: Visit, asked: Asked, results: Mapping[str, Any], hits: Sequence[Mapping[str, Any]], regions: Sequence[str]
) -> ResultMap | None:
    """The map for these results; None where counts are missing. `regions` are the slugs of those in question."""
    counts = {item["value"]: item["count"] for item in results["facets"].get("district", ())}
    if not counts:
        return None
    drawing, name = _drawing(visit, results, regions)
    detailed = drawing is not maps.germany(maps.SMALL)
    near = results["near"]
    return ResultMap(
        drawing,
        name,
        _areas(visit, asked, drawing, counts),
        _markers(drawing, hits) if detailed else [],
        _centre(visit, drawing, results) if detailed else None,
        drawing.frame.length(near["radius"]) if near else 0,
        asked.address(visit, district=None, near=None, radius=None) if detailed else "",
    )


def _drawing(visit: Visit, results: Mapping[str, Any], regions: Sequence[str]) -> tuple[maps.Map, str]:
    """The map and what it shows: around the place asked for, the Land in question, else Germany.

    What was found instead of nothing lies elsewhere, so that is shown on the map of Germany too.
    """
    near = results["near"]
    if not results["nearest"]:
        if near and 0 < near["radius"] <= FARTHEST_KM and near["lat"] is not None:
            return maps.around(near["lat"], near["lon"], near["radius"]), near["name"]
        land = next((slug for slug in map(visit.vocabulary.land_of, regions) if slug), "")
        districts = maps.land(land, maps.SMALL) if land else None
        if districts is not None:
            return districts, visit.vocabulary.region_name(land)
    return maps.germany(maps.SMALL), visit._("Deutschland")


def _areas(visit: Visit, asked: Asked, drawing: maps.Map, counts: Mapping[str, int]) -> list[Area]:
    most = max((counts.get(shape.slug, 0) for shape in drawing.shapes), default=0)
    return [
        Area(
            shape,
            visit.vocabulary.full_name(shape.slug),
            _label(visit, drawing, shape, counts.get(shape.slug)),
            counts.get(shape.slug),
            SHADES * counts.get(shape.slug, 0) // (most + 1),
            asked.address(visit, district=shape.slug, near=None, radius=None),
            shape.slug in asked.chosen.get("district", ()),
        )
        for shape in drawing.shapes
    ]


def _label(visit: Visit, drawing: maps.Map, shape: maps.Shape, count: int | None) -> str:
    """The number; on a map of surroundings, which nobody knows by its shape, the name before it."""
    if drawing.whole:
        label = str(count or "") if len(drawing.shapes) <= MOST_LABELS else ""
    else:
        label = f"{visit.vocabulary.region_name(shape.slug)} {count or ''}".strip()
    half = len(label) * LETTER // 2
    fits = shape.room is not None and half < shape.room[0] < maps.WIDTH - half and drawing.frame.shows(shape.room)
    return label if fits else ""


def _markers(drawing: maps.Map, hits: Sequence[Mapping[str, Any]]) -> list[Marker]:
    """The hits that have a place of their own on this map."""
    placed = [
        Marker(hit["title"], hit["address"], drawing.frame.point(hit["lon"], hit["lat"]))
        for hit in hits
        if hit["lat"] is not None and hit["lon"] is not None
    ]
    return [marker for marker in placed if drawing.frame.shows(marker.at)]


def _centre(visit: Visit, drawing: maps.Map, results: Mapping[str, Any]) -> maps.Point | None:
    """Where the place lies that was asked for, else the first that the words named; a Land has no such point."""
    near = results["near"]
    named = [near] if near else [{**place, "region": place["slug"]} for place in results["places"]]
    for place in named:
        region = visit.vocabulary.regions.get(place["region"])
        if region is not None and region.kind not in ("land", "bund") and place.get("lat") is not None:
            return drawing.frame.point(place["lon"], place["lat"])
    return None
