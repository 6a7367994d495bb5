"""Search results: hits with the words that were found, facets with counts as one plain form, and paging.

When nothing is found the page says what to try; when search is away it leads to the lists, which need no search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from gateway.i18n import language_name
from gateway.routing import Page
from gateway.visit import Visit
from gateway.vocabulary import FEDERATION
from infra.contracts import addresses

FACETS = ("kind", "district", "stage", "target_group", "topic", "language")
SHOWN = 7
PAGE_SIZE = 20
MAX_QUERY = 200
MAX_CHOSEN = 30  # of one facet: the address of every chip names all others, so the page grows with their square
_VOCABULARIES = {"stage": "stages", "target_group": "target_groups", "topic": "topics"}
_CATEGORIES = {
    "offer": "offer_kinds",
    "organisation": "organisation_kinds",
    "network": "network_kinds",
    "document": "document_kinds",
    "event": "event_kinds",
}


@dataclass(frozen=True)
class Option:
    """One value of a facet; `count` is None where it was chosen but finds nothing any more."""

    value: str
    label: str
    count: int | None
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """One facet: the values shown at once and those behind "more"."""

    name: str
    legend: str
    options: Sequence[Option]
    more: Sequence[Option]


@dataclass(frozen=True)
class Chip:
    """A chosen value, and the address of the same search without it."""

    label: str
    address: str


def kind_label(visit: Visit, kind: str) -> str:
    """What a kind of document is called in the page's language."""
    return {
        "offer": visit._("Angebot"),
        "event": visit._("Termin"),
        "organisation": visit._("Organisation"),
        "contact_point": visit._("Ansprechstelle"),
        "network": visit._("Netzwerk"),
        "state_profile": visit._("Länderprofil"),
        "document": visit._("Dokument"),
        "glossary_term": visit._("Abkürzung"),
        "topic": visit._("Forum"),
        "issue": visit._("Newsletter"),
    }.get(kind, kind)


async def search(visit: Visit) -> Response:
    """The results page."""
    query = visit.query("q")[:MAX_QUERY]
    chosen = {name: list(dict.fromkeys(visit.queries(name)))[:MAX_CHOSEN] for name in FACETS}
    found = await visit.part(
        "search", "/search", q=query, limit=PAGE_SIZE, cursor=visit.query("cursor"), **_plain(chosen)
    )
    following = found.value["next"] if found.ok else None
    return visit.page(
        "search.html",
        query=query,
        found=found,
        hits=[_hit(visit, hit) for hit in found.value["hits"]] if found.ok else [],
        facets=_facets(visit, found.value["facets"] if found.ok else {}, chosen),
        chips=_chips(visit, query, chosen),
        following=_address(visit, query, chosen, cursor=following) if following else "",
        start=_address(visit, query, chosen) if visit.query("cursor") else "",
        unfiltered=_address(visit, query, {}),
        corrected=[(text, _address(visit, text, chosen)) for text in found.value["corrections"]] if found.ok else [],
    )


def _plain(chosen: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: values for name, values in chosen.items() if values}


def _address(visit: Visit, query: str, chosen: Mapping[str, list[str]], **more: str) -> str:
    return visit.url("/suche", q=query, **_plain(chosen), **more)


def _hit(visit: Visit, hit: Mapping[str, Any]) -> dict[str, Any]:
    """What the template shows of a hit."""
    kind = hit["kind"]
    category = visit.label(_CATEGORIES[kind], hit["category"]) if kind in _CATEGORIES and hit["category"] else ""
    named = kind_label(visit, kind)
    return {
        **hit,
        "address": addresses.path(kind, hit["slug"], visit.language),
        "label": f"{named} ({category})" if category else named,
        "place": hit["region_name"] or (visit.vocabulary.region_name(hit["region"]) if hit["region"] else ""),
        "stage_labels": [visit.label("stages", slug) for slug in hit["stages"]],
    }


def _facets(visit: Visit, counts: Mapping[str, Any], chosen: Mapping[str, list[str]]) -> list[Facet]:
    legends = {
        "kind": visit._("Was"),
        "district": visit._("Region"),
        "stage": visit._("Schritt auf dem Weg in Arbeit"),
        "target_group": visit._("Für wen"),
        "topic": visit._("Thema"),
        "language": visit._("Sprache"),
    }
    facets = [_facet(visit, name, legends[name], counts.get(name, ()), chosen[name]) for name in FACETS]
    return [facet for facet in facets if facet.options]


def _facet(visit: Visit, name: str, legend: str, counts: Any, chosen: list[str]) -> Facet:
    known = {item["value"]: item["count"] for item in counts}
    values = [value for value in known if name != "district" or _worth_showing(visit, value, chosen)]
    values = [*(value for value in chosen if value not in values), *values]
    options = [Option(value, value_label(visit, name, value), known.get(value), value in chosen) for value in values]
    options.sort(
        key=lambda option: (not option.chosen, name == "district" and not _inside(visit, option.value, chosen))
    )
    cut = max(SHOWN, len(chosen))
    return Facet(name, legend, options[:cut], options[cut:])


def _worth_showing(visit: Visit, region: str, chosen: list[str]) -> bool:
    """Länder always; districts once their Land, or one of its districts, is chosen: 400 at once help nobody."""
    known = visit.vocabulary.regions.get(region)
    return known is None or known.kind in ("land", "bund") or _inside(visit, region, chosen)


def _inside(visit: Visit, region: str, chosen: list[str]) -> bool:
    """Whether the region lies in the Land of a chosen one."""
    land = visit.vocabulary.land_of(region)
    return bool(land) and any(visit.vocabulary.land_of(slug) == land for slug in chosen)


def value_label(visit: Visit, facet: str, value: str) -> str:
    """What a facet's value is called."""
    if facet == "kind":
        return kind_label(visit, value)
    if facet == "district":
        return visit._("Bundesweit") if value == FEDERATION else visit.vocabulary.full_name(value)
    if facet == "language":
        return language_name(value, visit.language)
    return visit.label(_VOCABULARIES[facet], value)


def _chips(visit: Visit, query: str, chosen: Mapping[str, list[str]]) -> list[Chip]:
    return [
        Chip(value_label(visit, name, value), _address(visit, query, _without(chosen, name, value)))
        for name, values in chosen.items()
        for value in values
    ]


def _without(chosen: Mapping[str, list[str]], name: str, value: str) -> dict[str, list[str]]:
    return {**chosen, name: [other for other in chosen[name] if other != value]}


PAGES = (Page("/suche", search),)
