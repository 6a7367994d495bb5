"""The first page: search, an entry for each audience, and the map of the Länder."""

from __future__ import annotations

from starlette.responses import Response

from gateway.routing import Page
from gateway.visit import Visit


async def home(visit: Visit) -> Response:
    """The first page."""
    return visit.page("home.html")


PAGES = (Page("/", home),)
