"""Routes of state profiles and the glossary."""

from __future__ import annotations

from starlette.responses import Response

from infra.web.api import Api, Call
from services.contacts.almanac import queries
from services.contacts.almanac.schemas import (
    GlossaryItem,
    GlossaryQuery,
    ProfileQuery,
    StateProfileCard,
    StateProfileView,
)
from services.contacts.answers import conditional
from services.contacts.paging import Page

api = Api("contacts: almanac")


@api.get("/state-profiles", summary="State profiles", query=ProfileQuery, returns=Page[StateProfileCard])
async def list_profiles(call: Call) -> Response:
    """The sixteen Länder, sorted by name."""
    return conditional(call, await queries.profiles(call.query))


@api.get("/state-profiles/{slug}", summary="One state profile", returns=StateProfileView)
async def show_profile(call: Call) -> Response:
    """With links to all entries its sections speak of."""
    return conditional(call, await queries.profile(call.path["slug"]))


@api.get("/glossary", summary="The glossary", query=GlossaryQuery, returns=Page[GlossaryItem])
async def list_terms(call: Call) -> Response:
    """Sorted by abbreviation."""
    return conditional(call, await queries.glossary(call.query))
