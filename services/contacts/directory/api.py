"""Routes of the directory, all readable by anyone. Paths take a slug or an id."""

from __future__ import annotations

from starlette.responses import Response

from infra.web.api import Api, Call
from services.contacts.answers import conditional
from services.contacts.directory import queries
from services.contacts.directory.schemas import (
    ContactPointCard,
    ContactPointQuery,
    DirectoryQuery,
    DocumentCard,
    EventCard,
    EventQuery,
    NetworkCard,
    NetworkView,
    OrganisationCard,
    OrganisationView,
    PlainQuery,
    SourceItem,
)
from services.contacts.paging import Page

api = Api("contacts: directory")


@api.get("/organisations", summary="Organisations", query=DirectoryQuery, returns=Page[OrganisationCard])
async def list_organisations(call: Call) -> Response:
    """Sorted by name."""
    return conditional(call, await queries.organisations(call.query))


@api.get("/organisations/{slug}", summary="One organisation", returns=OrganisationView)
async def show_organisation(call: Call) -> Response:
    """With the networks it belongs to."""
    return conditional(call, await queries.organisation(call.path["slug"]))


@api.get("/networks", summary="Networks", query=DirectoryQuery, returns=Page[NetworkCard])
async def list_networks(call: Call) -> Response:
    """Sorted by name."""
    return conditional(call, await queries.networks(call.query))


@api.get("/networks/{slug}", summary="One network", returns=NetworkView)
async def show_network(call: Call) -> Response:
    """With its members and the names of its coordinators."""
    return conditional(call, await queries.network(call.path["slug"]))


@api.get("/contact-points", summary="Contact points", query=ContactPointQuery, returns=Page[ContactPointCard])
async def list_contact_points(call: Call) -> Response:
    """Sorted by name."""
    return conditional(call, await queries.contact_points(call.query))


@api.get("/contact-points/{slug}", summary="One contact point", returns=ContactPointCard)
async def show_contact_point(call: Call) -> Response:
    """The same as in the list."""
    return conditional(call, await queries.contact_point(call.path["slug"]))


@api.get("/documents", summary="Documents", query=DirectoryQuery, returns=Page[DocumentCard])
async def list_documents(call: Call) -> Response:
    """Sorted by name."""
    return conditional(call, await queries.documents(call.query))


@api.get("/documents/{slug}", summary="One document", returns=DocumentCard)
async def show_document(call: Call) -> Response:
    """The same as in the list."""
    return conditional(call, await queries.document(call.path["slug"]))


@api.get("/events", summary="Dates", query=EventQuery, returns=Page[EventCard])
async def list_events(call: Call) -> Response:
    """Sorted by day; those whose day is not known come first."""
    return conditional(call, await queries.events(call.query))


@api.get("/events/{slug}", summary="One date", returns=EventCard)
async def show_event(call: Call) -> Response:
    """The same as in the list."""
    return conditional(call, await queries.event(call.path["slug"]))


@api.get("/sources", summary="Source documents", query=PlainQuery, returns=Page[SourceItem])
async def list_sources(call: Call) -> Response:
    """Sorted by title."""
    return conditional(call, await queries.sources(call.query))
