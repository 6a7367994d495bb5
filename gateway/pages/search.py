"""The search page: one request to search, and all of its answer in the order in which somebody in a hurry reads it.

What cannot be searched for is said at its field with a way on; when nothing lies in the chosen place the nearest is
shown; when nothing is found at all the page says what to try; when search is away it leads to the lists, which need
no search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.pages.search_facets import chips, facets, kinds
from gateway.pages.search_hits import shown_hit
from gateway.pages.search_map import result_map
from gateway.pages.search_request import MAX_QUERY, RADII, Asked, read_asked
from gateway.problems import Refused
from gateway.routing import Page
from gateway.visit import Part, Visit

PAGE_SIZE = 20
MOST_ALIKE = 5
_NOTHING: Mapping[str, Any] = {
    "hits": [],
    "facets": {},
    "total": 0,
    "next": None,
    "corrections": [],
    "places": [],
    "near": None,
    "nearest": False,
}


async def search(visit: Visit) -> Response:
    """The results page; with the status of what was refused when something in the address cannot be used."""
    asked = read_asked(visit)
    found = await visit.part("search", "/search", **asked.params(), limit=PAGE_SIZE, cursor=visit.query("cursor"))
    problem = found.problem if found.problem is not None and found.problem.correctable else None
    if problem is not None:
        visit.form.refuse(problem)
    context = _context(visit, asked, found, problem)
    context["alike"] = await _alike(visit, asked) if "near" in visit.form.errors else []
    return visit.page("search.html", status=problem.status if problem else 200, **context)


async def _alike(visit: Visit, asked: Asked) -> list[tuple[str, str]]:
    """(name, address) of places that may have been meant by one that is not known."""
    found = await visit.part("search", "/suggest", q=asked.near, limit=MOST_ALIKE)
    items = found.value["items"] if found.ok else []
    names = [item["text"] for item in items if item["kind"] in ("region", "place")]
    return [(name, asked.address(visit, near=name)) for name in names]


def _context(visit: Visit, asked: Asked, found: Part, problem: Refused | None) -> dict[str, Any]:
    results: Mapping[str, Any] = {**_NOTHING, **(found.value or {})}  # a search of the version before tells less
    following = results["next"]
    regions = _regions(asked, results)
    hits = [shown_hit(visit, hit) for hit in results["hits"]]
    return {
        "asked": asked,
        "radii": RADII,
        "most": MAX_QUERY,
        "found": found,
        "results": results,
        "hits": hits,
        "facets": facets(visit, results["facets"], asked, regions),
        "kinds": kinds(visit, results["facets"], asked) if found.ok else [],
        "map": result_map(visit, asked, results, hits, regions),
        "chips": [] if problem else chips(visit, asked),
        "following": asked.address(visit, cursor=following) if following else "",
        "start": asked.address(visit) if visit.query("cursor") else "",
        "anywhere": asked.address(visit, near=None, radius=None),
        "unfiltered": asked.address(visit, **asked.unfiltered),
        "mended": asked.address(visit, **dict.fromkeys(visit.form.errors)) if problem else "",
        "in_words": asked.address(visit, q=f"{asked.q} {asked.near}".strip(), near=None, radius=None),
        "districts": ", ".join(visit.vocabulary.full_name(slug) for slug in asked.chosen.get("district", ())),
        "corrected": [(text, asked.address(visit, q=text)) for text in results["corrections"]],
        "steps": [] if hits else _steps(visit, asked),
        "understood": [_understood(visit, asked, place) for place in _named(results["places"])],
    }


def _regions(asked: Asked, results: Mapping[str, Any]) -> list[str]:
    """The regions in question: chosen ones, that of the place asked for, and those that the words named."""
    near = [results["near"]["region"]] if results["near"] else []
    return [*asked.chosen.get("district", ()), *near, *(place["slug"] for place in results["places"])]


def _steps(visit: Visit, asked: Asked) -> list[tuple[str, str]]:
    """(label, address) of what there is for each step on the way into work, in the place that was asked for."""
    changed = {"q": None, **dict.fromkeys(name for name in asked.chosen if name != "district")}
    return [
        (label, asked.address(visit, **{**changed, "stage": slug}))
        for slug, label in visit.vocabulary.choices("stages", visit.language)
    ]


def _named(places: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """What the words named, without further regions of the same name: Hamburg is a city and a Land."""
    return [place for place in places if place.get("text")] or places


def _understood(visit: Visit, asked: Asked, place: Mapping[str, Any]) -> dict[str, Any]:
    """A place that the words named, and the address of the same search in its surroundings only."""
    words = asked.q.replace(place["text"], " ") if place.get("text") else asked.q
    here = asked.address(visit, q=" ".join(words.split()), near=place["name"])
    return {**place, "here": here}


PAGES = (Page("/suche", search),)
