"""One index of the stand-in: what a search of it may ask, and the answer by plain set logic."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.services.search.meili.filter_grammar import FilterError, Parsed, parse

_LINK = "https://docs.meilisearch.com/errors#"
_SEARCH_FIELDS: dict[str, tuple[type, ...]] = {
    "indexUid": (str,),
    "q": (str, type(None)),
    "offset": (int,),
    "limit": (int,),
    "page": (int, type(None)),
    "hitsPerPage": (int, type(None)),
    "filter": (str, list, type(None)),
    "facets": (list, type(None)),
    "attributesToRetrieve": (list,),
    "attributesToCrop": (list, type(None)),
    "cropLength": (int,),
    "cropMarker": (str,),
    "attributesToHighlight": (list, type(None)),
    "highlightPreTag": (str,),
    "highlightPostTag": (str,),
    "showMatchesPosition": (bool,),
    "sort": (list, type(None)),
    "matchingStrategy": (str,),
    "showRankingScore": (bool,),
    "showRankingScoreDetails": (bool,),
    "rankingScoreThreshold": (float, type(None)),
    "attributesToSearchOn": (list, type(None)),
    "vector": (list, type(None)),
    "hybrid": (dict, type(None)),
    "locales": (list, type(None)),
}
_COUNTS = ("offset", "limit", "page", "hitsPerPage")
_MOST_WORDS = 10
SETTINGS = {
    "displayedAttributes": ["*"],
    "searchableAttributes": ["*"],
    "filterableAttributes": [],
    "sortableAttributes": [],
    "rankingRules": ["words", "typo", "proximity", "attribute", "sort", "exactness"],
    "stopWords": [],
    "nonSeparatorTokens": [],
    "separatorTokens": [],
    "dictionary": [],
    "synonyms": {},
    "distinctAttribute": None,
    "proximityPrecision": "byWord",
    "typoTolerance": {"enabled": True, "disableOnWords": [], "disableOnAttributes": [], "disableOnNumbers": False},
    "faceting": {"maxValuesPerFacet": 100, "sortFacetValuesBy": {"*": "alpha"}},
    "pagination": {"maxTotalHits": 1000},
    "searchCutoffMs": None,
    "localizedAttributes": None,
    "facetSearch": True,
    "prefixSearch": "indexingTime",
}


class Refused(Exception):
    """What the server answers instead of doing it."""

    def __init__(self, code: str, message: str, status: int = 400, kind: str = "invalid_request") -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "code": code, "type": kind, "link": _LINK + code}


@dataclass
class Index:
    """One index: settings and entries by key."""

    settings: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(SETTINGS))
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    primary_key: str | None = None

    def add(self, entries: list[dict[str, Any]]) -> None:
        """Add or replace entries, all or none."""
        for entry in entries:
            identifier = entry[self.primary_key or ""]
            if not isinstance(identifier, str) or not identifier.replace("-", "").replace("_", "").isalnum():
                raise Refused("invalid_document_id", f"Document identifier `{identifier}` is invalid.")
            point = entry.get("_geo")
            if point is not None and not (isinstance(point, dict) and set(point) == {"lat", "lng"}):
                raise Refused("invalid_document_geo_field", f"The `_geo` field of `{identifier}` is not an object.")
            if point is not None and not all(isinstance(value, int | float) for value in point.values()):
                raise Refused("invalid_document_geo_field", f"Could not parse the point of `{identifier}`.")
        self.entries |= {entry[self.primary_key or ""]: entry for entry in entries}

    def search(self, query: dict[str, Any]) -> dict[str, Any]:
        for name, value in query.items():
            if name not in _SEARCH_FIELDS or not isinstance(value, _SEARCH_FIELDS[name]):
                raise Refused("bad_request", f"field `{name}` with {value!r:.60} is not of a search")
        if any(query.get(name, 0) is not None and query.get(name, 0) < 0 for name in _COUNTS):
            raise Refused("bad_request", f"{_COUNTS} cannot be negative")
        parsed = self._parsed(query.get("filter") or "")
        found = [entry for entry in self.entries.values() if parsed.holds(entry)]
        found = self._ranked(query, found)
        answer = {"indexUid": query["indexUid"], "query": query.get("q") or "", "processingTimeMs": 0}
        limits = self.settings["pagination"]["maxTotalHits"]
        if query.get("hitsPerPage") is None:
            start, number = query.get("offset", 0), query.get("limit", 20)
            answer |= {"offset": start, "limit": number, "estimatedTotalHits": len(found)}
        else:
            number = query["hitsPerPage"]
            start = number * (max(1, query.get("page") or 1) - 1)
            answer |= {"hitsPerPage": number, "page": query.get("page") or 1, "totalPages": 0}
            answer["totalHits"] = min(limits, len(found))
        hits = found[: min(start + number, limits)][start:]
        answer["hits"] = [retrieved(entry, query.get("attributesToRetrieve")) for entry in hits]
        if query.get("facets"):
            answer |= {"facetDistribution": self._facets(query["facets"], found), "facetStats": {}}
        return answer

    def _parsed(self, expression: str) -> Parsed:
        try:
            parsed = parse(expression)
        except FilterError as error:
            raise Refused("invalid_search_filter", str(error)) from error
        filterable, comparable = self._filterable()
        for attribute in parsed.attributes - filterable | parsed.compared - comparable:
            raise Refused("invalid_search_filter", f"Attribute `{attribute}` is not filterable.")
        return parsed

    def _ranked(self, query: dict[str, Any], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Only: which words are there, from the first on; then `sort`, or the settings' own rules at the end."""
        rules = query.get("sort") or [rule for rule in self.settings["rankingRules"] if ":" in rule]
        for rule in reversed(rules):
            attribute, _, direction = rule.partition(":")
            if query.get("sort") and (
                attribute not in self.settings["sortableAttributes"] or direction not in ("asc", "desc")
            ):
                raise Refused("invalid_search_sort", f"Attribute `{attribute}` is not sortable.")
            found = sorted(found, key=lambda entry: _sort_key(entry.get(attribute)), reverse=direction == "desc")
        words = (query.get("q") or "").split()[:_MOST_WORDS]
        if not words:
            return found
        asked = query.get("attributesToSearchOn") or self.settings["searchableAttributes"]
        if set(asked) - set(self.settings["searchableAttributes"]):
            raise Refused("invalid_search_attributes_to_search_on", f"{asked} are not all searchable")
        least = len(words) if query.get("matchingStrategy") == "all" else 1
        whole = query["q"].endswith(" ")
        counted = [(_leading(entry, words, asked, whole), entry) for entry in found]
        return [entry for number, entry in sorted(counted, key=lambda item: -item[0]) if number >= least]

    def _facets(self, facets: list[str], found: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
        plain = {item for item in self.settings["filterableAttributes"] if isinstance(item, str)}
        if set(facets) - plain:
            raise Refused("invalid_search_facets", f"{facets} are not all facets")
        counted: dict[str, dict[str, int]] = {}
        for facet in facets:
            values = Counter(value for entry in found for value in _listed(entry.get(facet)) if value)
            counted[facet] = dict(values.most_common(self.settings["faceting"]["maxValuesPerFacet"]))
        return counted

    def _filterable(self) -> tuple[set[str], set[str]]:
        """Attributes one may filter by, and those one may compare."""
        filterable: set[str] = set()
        comparable: set[str] = set()
        for item in self.settings["filterableAttributes"]:
            names = {item} if isinstance(item, str) else set(item["attributePatterns"])
            filterable |= names
            if isinstance(item, str) or item["features"]["filter"]["comparison"]:
                comparable |= names
        return filterable, comparable


def retrieved(entry: dict[str, Any], wanted: list[str] | None) -> dict[str, Any]:
    if wanted is None or "*" in wanted:
        return entry
    return {name: entry[name] for name in wanted if name in entry}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _sort_key(value: Any) -> tuple[int, Any]:
    return (0, value) if isinstance(value, int) else (1, str(value))


def _leading(entry: dict[str, Any], words: list[str], attributes: list[str], whole: bool) -> int:
    """How many of the words, from the first on, the entry has; an unfinished last one may begin a word of it."""
    held = {word for attribute in attributes for word in str(entry.get(attribute, "")).split()}
    for number, word in enumerate(words):
        last = number == len(words) - 1 and not whole
        if word not in held and not (last and any(other.startswith(word) for other in held)):
            return number
    return len(words)
