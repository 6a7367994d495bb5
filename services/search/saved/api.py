"""The routes of saved searches."""

from __future__ import annotations

from infra.db import transaction
from infra.web.api import Api, Call
from services.search.saved import commands, queries
from services.search.saved.schemas import Looked, NewSavedSearch, SavedSearch, SavedSearchChange, SavedSearchList

api = Api("search")


@api.post("/saved-searches", summary="Save a search", body=NewSavedSearch, returns=SavedSearch, status=201)
async def save(call: Call) -> SavedSearch:
    """With an account it is its owner's from now on; without one it waits for an address to be confirmed."""
    async with transaction("search") as tx:
        row = await commands.save(tx, call.identity, call.body, call.language)
    return await queries.view_of(row)


@api.get("/saved-searches", summary="One's own saved searches", returns=SavedSearchList)
async def overview(call: Call) -> SavedSearchList:
    """All of them, the newest first, with how much is new in each."""
    return await queries.overview(call.identity)


@api.get("/saved-searches/{id}", summary="One of one's own saved searches", returns=SavedSearch)
async def show(call: Call) -> SavedSearch:
    """404 for anybody but its owner. Looking marks nothing as seen; that is what POST …/looked is for."""
    return await queries.view_of(await queries.one_owned(call.identity, call.path["id"]))


@api.patch(
    "/saved-searches/{id}",
    summary="Change a saved search",
    body=SavedSearchChange,
    returns=SavedSearch,
    guarded=False,
)
async def change(call: Call) -> SavedSearch:
    """Its name, or how often it is told: frequency none ends its mails, and the search stays."""
    async with transaction("search") as tx:
        row = await commands.change(tx, call.identity, call.path["id"], call.body)
    return await queries.view_of(row)


@api.post("/saved-searches/{id}/looked", summary="Mark what is new as seen", body=Looked, returns=SavedSearch)
async def look(call: Call) -> SavedSearch:
    """Counts what is new from this mark on."""
    async with transaction("search") as tx:
        row = await commands.look(tx, call.identity, call.path["id"], call.body.mark)
    return await queries.view_of(row)


@api.delete("/saved-searches/{id}", summary="Delete a saved search", status=204)
async def delete(call: Call) -> None:
    """Its mails end with it."""
    async with transaction("search") as tx:
        await commands.delete(tx, call.identity, call.path["id"])
