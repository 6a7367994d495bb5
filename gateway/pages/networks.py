"""Networks: the list by region, and the page of one network with its offers, members and forum space."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from gateway.forms import Form
from gateway.pages.paging import steps
from gateway.routing import Page
from gateway.visit import Visit
from infra.web.client import segment

PAGE_SIZE = 40
OFFERS = 10
TOPICS = 5


async def networks(visit: Visit) -> Response:
    """All networks, or those that concern a region."""
    region = visit.query("region")
    found = await visit.part("contacts", "/networks", region=region, limit=PAGE_SIZE, cursor=visit.query("cursor"))
    return visit.page(
        "networks.html",
        found=found,
        form=Form.of({"region": region}),
        **steps(visit, found, "/netzwerke", region=region),
    )


async def network(visit: Visit) -> Response:
    """One network. Raises Refused (404) when there is none of this name."""
    slug = visit.param("slug")
    entry, offers, space, topics = await asyncio.gather(
        visit.get("contacts", f"/networks/{segment(slug)}"),
        visit.part("contacts", "/offers", network=slug, limit=OFFERS, sort="changed"),
        visit.part("forum", f"/spaces/{segment(slug)}"),
        visit.part("forum", "/topics", network=slug, limit=TOPICS),
    )
    return visit.page(
        "network.html",
        entry=entry,
        offers=offers,
        space=space,
        topics=topics,
        crumbs=[(visit._("Netzwerke"), visit.url("/netzwerke")), (entry["name"], "")],
    )


PAGES = (Page("/netzwerke", networks), Page("/netzwerke/{slug}", network))
