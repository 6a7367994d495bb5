"""The directory: organisations, contact points, documents, dates, state profiles and the glossary.

Lists are alike (a choice of region, cards, paging), so one table says what differs between them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from gateway.forms import Form
from gateway.pages.paging import steps
from gateway.routing import Page
from gateway.visit import Visit
from infra.web.client import segment

PAGE_SIZE = 40
GLOSSARY_PAGE = 100


@dataclass(frozen=True)
class Listing:
    """One kind of entry: its service path, its kind in addresses, the vocabulary of its kinds, the filter by region."""

    path: str
    source: str
    kind: str
    vocabulary: str
    region_filter: str = "region"


ORGANISATIONS = Listing("/organisationen", "/organisations", "organisation", "organisation_kinds")
CONTACT_POINTS = Listing("/ansprechstellen", "/contact-points", "contact_point", "contact_point_kinds", "district")
DOCUMENTS = Listing("/dokumente", "/documents", "document", "document_kinds")
EVENTS = Listing("/termine", "/events", "event", "event_kinds")
STATE_PROFILES = Listing("/laender", "/state-profiles", "state_profile", "")
LISTINGS = (ORGANISATIONS, CONTACT_POINTS, DOCUMENTS, EVENTS, STATE_PROFILES)


def titles(visit: Visit) -> dict[str, str]:
    """What each list is called, by the kind in addresses."""
    return {
        "organisation": visit._("Organisationen"),
        "contact_point": visit._("Ansprechstellen"),
        "document": visit._("Dokumente"),
        "event": visit._("Termine"),
        "state_profile": visit._("Länderprofile"),
    }


def _list(listing: Listing) -> Callable[[Visit], Awaitable[Response]]:
    async def show(visit: Visit) -> Response:
        region = visit.query("region")
        found = await visit.part(
            "contacts",
            listing.source,
            limit=PAGE_SIZE,
            cursor=visit.query("cursor"),
            **{listing.region_filter: region},
        )
        return visit.page(
            "directory.html",
            listing=listing,
            title=titles(visit)[listing.kind],
            found=found,
            form=Form.of({"region": region}),
            **steps(visit, found, listing.path, region=region),
        )

    return show


def _one(listing: Listing, template: str) -> Callable[[Visit], Awaitable[Response]]:
    async def show(visit: Visit) -> Response:
        entry = await visit.get("contacts", f"{listing.source}/{segment(visit.param('slug'))}")
        return visit.page(
            template,
            listing=listing,
            entry=entry,
            crumbs=[(titles(visit)[listing.kind], visit.url(listing.path)), (entry["name"], "")],
        )

    return show


async def organisation(visit: Visit) -> Response:
    """One organisation with its offers."""
    slug = visit.param("slug")
    entry, offers = await asyncio.gather(
        visit.get("contacts", f"/organisations/{segment(slug)}"),
        visit.part("contacts", "/offers", provider=slug, limit=PAGE_SIZE),
    )
    return visit.page(
        "organisation.html",
        entry=entry,
        offers=offers,
        crumbs=[(titles(visit)["organisation"], visit.url(ORGANISATIONS.path)), (entry["name"], "")],
    )


async def glossary(visit: Visit) -> Response:
    """All abbreviations on one page, so that the browser's own search works on it."""
    items, cursor = [], ""
    part = await visit.part("contacts", "/glossary", limit=GLOSSARY_PAGE)
    while part.ok:
        items += part.items
        cursor = part.value["next"] or ""
        if not cursor:
            break
        part = await visit.part("contacts", "/glossary", limit=GLOSSARY_PAGE, cursor=cursor)
    return visit.page("glossary.html", part=part, items=items)


PAGES = (
    *(Page(listing.path, _list(listing)) for listing in LISTINGS),
    Page("/organisationen/{slug}", organisation),
    Page("/ansprechstellen/{slug}", _one(CONTACT_POINTS, "contact_point.html")),
    Page("/dokumente/{slug}", _one(DOCUMENTS, "document.html")),
    Page("/termine/{slug}", _one(EVENTS, "event.html")),
    Page("/laender/{slug}", _one(STATE_PROFILES, "state_profile.html")),
    Page("/glossar", glossary),
)
