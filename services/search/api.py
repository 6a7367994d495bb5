"""The routes of search."""

from __future__ import annotations

from infra.web.api import Api, Call
from infra.web.identity import Identity
from services.search import finding, queries
from services.search.domain import audience_for
from services.search.schemas import SearchQuery, SearchResults, Stats, Suggestions, SuggestQuery

api = Api("search")


@api.get("/search", summary="Find documents of all kinds", query=SearchQuery, returns=SearchResults)
async def search(call: Call) -> SearchResults:
    """One page of results with facet counts and, if wanted, completions; without words the newest first."""
    return await finding.search(call.query, _audience(call.identity), call.language)


@api.get("/suggest", summary="Completions while typing", query=SuggestQuery, returns=Suggestions)
async def suggest(call: Call) -> Suggestions:
    """Titles, regions and terms that begin like what was typed."""
    return await finding.suggest(call.query, _audience(call.identity))


@api.get("/stats", summary="The index as it stands", returns=Stats)
async def stats(call: Call) -> Stats:
    """Counts of documents by kind, and how far the index has got."""
    return await queries.stats(_audience(call.identity))


def _audience(identity: Identity) -> frozenset[str]:
    """Whose documents this person finds, by the signed identity alone."""
    return audience_for(identity.networks, identity.roles)
