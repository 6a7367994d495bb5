"""The routes of search."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.contracts.roles import COORDINATOR, EDITOR
from infra.web.api import Api, Call
from infra.web.identity import Identity
from services.search import finding, queries, running
from services.search.domain import audience_for
from services.search.saved.api import api as saved
from services.search.schemas import SearchQuery, SearchResults, Stats, Suggestions, SuggestQuery
from services.search.statistics.report import report
from services.search.statistics.schemas import DemandQuery, DemandReport

api = Api("search")
api.include(saved)


@api.get("/search", summary="Find documents of all kinds", query=SearchQuery, returns=SearchResults)
async def search(call: Call) -> SearchResults:
    """One page of results with facet counts and, if wanted, completions; without words the newest first."""
    await queries.insist_on_index()
    return await finding.search(call.query, _audience(call.identity), call.language)


@api.get("/suggest", summary="Completions while typing", query=SuggestQuery, returns=Suggestions)
async def suggest(call: Call) -> Suggestions:
    """Titles, regions and terms that begin like what was typed."""
    await queries.insist_on_index()
    return await finding.suggest(call.query, _audience(call.identity))


@api.get("/stats", summary="The index as it stands", returns=Stats)
async def stats(call: Call) -> Stats:
    """Counts of documents by kind, and how far the index has got."""
    return await queries.stats(_audience(call.identity))


@api.get("/demand", summary="What is looked for and not found", query=DemandQuery, returns=DemandReport)
async def demand(call: Call) -> DemandReport:
    """Counts over days for coordinators, editors and administrators; nothing about who looked for it."""
    call.identity.require_role(COORDINATOR, EDITOR)
    return await report(call.query, running.current().knowledge, call.language, datetime.now(UTC).date())


def _audience(identity: Identity) -> frozenset[str]:
    """Whose documents this person finds, by the signed identity alone."""
    return audience_for(identity.networks, identity.roles)
