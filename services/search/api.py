"""The routes of search."""

from __future__ import annotations

from infra.web.api import Api, Call
from services.search import queries
from services.search.domain import audience_for
from services.search.schemas import SearchQuery, SearchResults, Stats, Suggestions, SuggestQuery

api = Api("search")


@api.get("/search", summary="Find documents of all kinds", query=SearchQuery, returns=SearchResults)
async def search(call: Call) -> SearchResults:
    """One page of results with facet counts; without words the newest first."""
    return await queries.search(call.query, audience_for(call.identity.networks), call.language)


@api.get("/suggest", summary="Completions while typing", query=SuggestQuery, returns=Suggestions)
async def suggest(call: Call) -> Suggestions:
    """Titles, regions and terms that begin like what was typed."""
    return await queries.suggest(call.query, audience_for(call.identity.networks))


@api.get("/stats", summary="The index as it stands", returns=Stats)
async def stats(call: Call) -> Stats:
    """Counts of documents by kind, and how far the index has got."""
    return await queries.stats(audience_for(call.identity.networks))
