"""Routes of regions and their process chain. Paths take a slug or an id."""

from __future__ import annotations

from starlette.responses import Response

from infra.web.api import Api, Call
from services.contacts.answers import conditional
from services.contacts.districts import queries
from services.contacts.districts.schemas import Chain, RegionItem, RegionQuery, RegionView
from services.contacts.paging import Page

api = Api("contacts: regions")


@api.get("/regions", summary="Regions", query=RegionQuery, returns=Page[RegionItem])
async def list_regions(call: Call) -> Response:
    """The federation, the Länder and the districts, sorted by name, with the number of offers inside each."""
    return conditional(call, await queries.regions(call.query))


@api.get("/regions/{slug}", summary="One region", returns=RegionView)
async def show_region(call: Call) -> Response:
    """With its parents, its children and counts of offers."""
    return conditional(call, await queries.region(call.path["slug"]))


@api.get("/regions/{slug}/chain", summary="The process chain of a region", returns=Chain)
async def show_chain(call: Call) -> Response:
    """All stages in order, also the empty ones: they are the gaps."""
    return conditional(call, await queries.chain(call.path["slug"]))
