"""Regions: the list of Länder and, for each Land and district, what is there in the order of the process chain.

The list stands first in the document and the map beside it; both lead to the same pages.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response

from gateway import maps
from gateway.routing import Page
from gateway.visit import Part, Visit
from gateway.vocabulary import FEDERATION
from infra.contracts import addresses
from infra.web.client import segment

POINTS = 50
OFFERS_PER_STAGE = 5


async def regions(visit: Visit) -> Response:
    """All Länder as list and map."""
    lands = await visit.part("contacts", "/regions", kind="land")
    return visit.page("regions.html", lands=lands, drawing=maps.germany())


async def region(visit: Visit) -> Response:
    """One Land or district. Raises Refused (404) when there is none of this name."""
    slug = visit.param("slug")
    if slug == FEDERATION:
        return visit.redirect("/regionen")
    view = await visit.get("contacts", f"/regions/{segment(slug)}")
    slug = view["slug"]
    chain, points, networks, profile = await asyncio.gather(
        visit.part("contacts", f"/regions/{segment(slug)}/chain"),
        visit.part("contacts", "/contact-points", district=slug, limit=POINTS),
        visit.part("contacts", "/networks", region=slug, limit=POINTS),
        visit.part("contacts", "/state-profiles", region=slug, limit=1),
    )
    land = _land(view)
    parents = [parent for parent in view["parents"] if parent["kind"] != "bund"]
    return visit.page(
        "region.html",
        region=view,
        parents=parents,
        crumbs=_crumbs(visit, parents, view["name"]),
        children=view["children"],
        concerning=view["offers_concerning"],
        chain=chain,
        shown=OFFERS_PER_STAGE,
        points=points,
        networks=networks,
        profile=profile,
        drawing=maps.land(land),
        markers=_markers(points, maps.land(land)),
        land=land,
    )


def _crumbs(visit: Visit, parents: list[dict[str, Any]], name: str) -> list[tuple[str, str]]:
    """The way here, from the list of Länder down."""
    above = [(parent["name"], addresses.path("region", parent["slug"], visit.language)) for parent in reversed(parents)]
    return [(visit._("Regionen"), visit.url("/regionen")), *above, (name, "")]


def _land(view: dict[str, Any]) -> str:
    """The Land whose map is shown: the region itself or the one it lies in."""
    above = [parent["slug"] for parent in view["parents"] if parent["kind"] == "land"]
    return str(above[0] if above else view["slug"])


def _markers(points: Part, drawing: maps.Map | None) -> list[dict[str, Any]]:
    """Contact points that have a place, with where it lies on the drawing."""
    if drawing is None:
        return []
    return [
        {"slug": item["slug"], "name": item["name"], "at": drawing.frame.point(item["lon"], item["lat"])}
        for item in points.items
        if item["lat"] is not None and item["lon"] is not None
    ]


PAGES = (Page("/regionen", regions), Page("/regionen/{slug}", region))
