"""Completions of what somebody is typing: for the search field on our pages and for the browser's own search bar.

Both get the same answer in the format of OpenSearch suggestions: what was typed, the completions, what each of them
is, and the address that it leads to. A thing leads to its page, a region to what is there, a place to a search around
it, a word to a search for it.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from gateway.pages.search_facets import kind_label
from gateway.pages.search_request import MAX_QUERY
from gateway.rendering import environment
from gateway.routing import Page
from gateway.visit import Visit
from infra.contracts import addresses

COMPLETIONS = "application/x-suggestions+json"
DESCRIPTION = "application/opensearchdescription+xml"
SHORTEST = 2
MOST = 8
MOST_ASKED = 20  # to have some places among them
PLACES = frozenset({"place", "region"})


async def suggestions(visit: Visit) -> Response:
    """Completions of `q`; none for a single letter, for what cannot be searched for, and while search is away."""
    typed = visit.query("q")
    return _answer(visit, typed, await _completions(visit, typed, MOST))


async def places(visit: Visit) -> Response:
    """Completions of `q` that are places, for the field that takes one; they lead nowhere by themselves."""
    typed = visit.query("q")
    found = [item for item in await _completions(visit, typed, MOST_ASKED) if item["kind"] in PLACES]
    return _answer(visit, typed, found[:MOST], linked=False)


async def description(visit: Visit) -> Response:
    """How a browser adds this site to its search engines (OpenSearch 1.1), in the language of the address."""
    about = visit._("Angebote, Ansprechstellen und Netzwerke auf dem Weg in Arbeit")
    text = environment(visit.language).get_template("opensearch.xml").render(visit=visit, about=about)
    return Response(text, headers={"cache-control": "public, max-age=86400"}, media_type=DESCRIPTION)


async def _completions(visit: Visit, typed: str, most: int) -> list[dict[str, Any]]:
    if not SHORTEST <= len(typed) <= MAX_QUERY:
        return []
    return (await visit.part("search", "/suggest", q=typed, limit=most)).items


def _answer(visit: Visit, typed: str, items: list[dict[str, Any]], *, linked: bool = True) -> Response:
    answer = [
        typed,
        [item["text"] for item in items],
        [_label(visit, item["kind"]) for item in items],
        [visit.absolute(_address(visit, item)) for item in items] if linked else [],
    ]
    return Response(msgspec.json.encode(answer), media_type=COMPLETIONS)


def _label(visit: Visit, kind: str) -> str:
    """What a completion is, in the page's language."""
    words = {
        "region": visit._("Region"),
        "place": visit._("Ort"),
        "term": visit._("Suchwort"),
        "query": visit._("Suche"),
    }
    return words.get(kind) or kind_label(visit, kind)


def _address(visit: Visit, item: dict[str, Any]) -> str:
    if item["kind"] in addresses.PATHS:
        return addresses.path(item["kind"], item["slug"], visit.language)
    return visit.url("/suche", **{"near" if item["kind"] == "place" else "q": item["text"]})


PAGES = (
    Page("/suche/vorschlaege", suggestions),
    Page("/suche/orte", places),
    Page("/opensearch.xml", description),
)
