"""MeilisearchStandIn: an HTTP server that looks like Meilisearch to our client, for as long as no recording exists.

It checks the SHAPE of every request against the documented API (paths, methods, fields and their types, attributes
against the index's settings, the grammar of filters, the life of tasks) and answers by plain set logic over what it was
given. It does not tokenize, rank or tolerate like Meilisearch, so passing here says nothing about a real server's
results: for that the suite runs with MEILI_URL and MEILI_KEY, or replays a recording.

API: https://www.meilisearch.com/docs/reference/api/overview (fields as of v1.41)
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.services.search.meili.filter_grammar import FilterError, Parsed, parse

KEY = "stand-in-indexer-key"
SEARCH_KEY = "stand-in-searcher-key"
_WHEN = "2026-01-01T00:00:00Z"
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
_SETTINGS = {
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

    settings: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(_SETTINGS))
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    primary_key: str | None = None


@dataclass
class Task:
    """A write that waits for its turn; `run` does it."""

    uid: int
    kind: str
    index: str | None
    run: Callable[[], None]
    status: str = "enqueued"
    error: dict[str, Any] | None = None

    def body(self) -> dict[str, Any]:
        return {
            "uid": self.uid,
            "indexUid": self.index,
            "status": self.status,
            "type": self.kind,
            "canceledBy": None,
            "details": {},
            "error": self.error,
            "duration": None,
            "enqueuedAt": _WHEN,
            "startedAt": None,
            "finishedAt": None,
        }


class MeilisearchStandIn:
    """See above. `app` answers requests; `complaints` lists every request of a shape that does not exist."""

    def __init__(self) -> None:
        self.indexes: dict[str, Index] = {}
        self.tasks: list[Task] = []
        self.complaints: list[str] = []
        self.version = "1.41.0"
        routes = [
            ("GET", "/version", self._version, ""),
            ("GET", "/indexes", self._list, "writer"),
            ("DELETE", "/indexes/{uid}", self._drop, "writer"),
            ("GET", "/indexes/{uid}/settings", self._get_settings, "writer"),
            ("PATCH", "/indexes/{uid}/settings", self._patch_settings, "writer"),
            ("POST", "/indexes/{uid}/documents", self._add, "writer"),
            ("GET", "/indexes/{uid}/documents", self._documents, "writer"),
            ("POST", "/indexes/{uid}/documents/delete-batch", self._delete, "writer"),
            ("POST", "/multi-search", self._multi_search, "any"),
            ("POST", "/swap-indexes", self._swap, "writer"),
            ("GET", "/tasks/{task:int}", self._task, "writer"),
        ]
        self.app = Starlette(
            routes=[Route(path, self._door(do, key), methods=[verb]) for verb, path, do, key in routes]
        )

    def _door(self, do: Callable[[Request, Any], Any], right: str) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            raw = await request.body()
            try:
                self._check_key(request, right)
                status, body = do(request, json.loads(raw) if raw else None)
            except Refused as refused:
                if refused.body["type"] == "invalid_request" and refused.body["code"] != "index_not_found":
                    sent = raw.decode()[:2000]
                    said = refused.body["message"]
                    self.complaints.append(f"{request.method} {request.url.path}: {said}; sent: {sent}")
                return JSONResponse(refused.body, refused.status)
            return JSONResponse(body, status)

        return answer

    def _check_key(self, request: Request, right: str) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not given:
            raise Refused("missing_authorization_header", "The Authorization header is missing.", 401, "auth")
        if given != KEY and not (given == SEARCH_KEY and right in ("any", "")):
            raise Refused("invalid_api_key", "The provided API key is invalid.", 403, "auth")

    def _index(self, uid: str) -> Index:
        if uid not in self.indexes:
            raise Refused("index_not_found", f"Index `{uid}` not found.", 404)
        return self.indexes[uid]

    # What reads.

    def _version(self, _request: Request, _body: Any) -> tuple[int, Any]:
        return 200, {"commitSha": "0", "commitDate": _WHEN, "pkgVersion": self.version}

    def _list(self, request: Request, _body: Any) -> tuple[int, Any]:
        found = [
            {"uid": uid, "createdAt": _WHEN, "updatedAt": _WHEN, "primaryKey": index.primary_key}
            for uid, index in sorted(self.indexes.items())
        ]
        limit = int(request.query_params.get("limit", "20"))
        return 200, {"results": found[:limit], "offset": 0, "limit": limit, "total": len(found)}

    def _get_settings(self, request: Request, _body: Any) -> tuple[int, Any]:
        return 200, self._index(request.path_params["uid"]).settings

    def _documents(self, request: Request, _body: Any) -> tuple[int, Any]:
        index, asked = self._index(request.path_params["uid"]), request.query_params
        offset, limit = int(asked.get("offset", "0")), int(asked.get("limit", "20"))
        wanted = asked["fields"].split(",") if "fields" in asked else None
        found = [_retrieved(entry, wanted) for entry in index.entries.values()]
        return 200, {
            "results": found[offset : offset + limit],
            "offset": offset,
            "limit": limit,
            "total": len(found),
        }

    def _multi_search(self, _request: Request, body: Any) -> tuple[int, Any]:
        if not isinstance(body, dict) or set(body) - {"federation", "queries"} or body.get("federation"):
            raise Refused("bad_request", "only `queries`, and no federation, are used here")
        return 200, {"results": [self._search(query) for query in body["queries"]]}

    def _search(self, query: dict[str, Any]) -> dict[str, Any]:
        for name, value in query.items():
            if name not in _SEARCH_FIELDS or not isinstance(value, _SEARCH_FIELDS[name]):
                raise Refused("bad_request", f"field `{name}` with {value!r:.60} is not of a search")
        index = self._index(query["indexUid"])
        parsed = self._parsed(index, query.get("filter") or "")
        found = [entry for entry in index.entries.values() if parsed.holds(entry)]
        found = self._ranked(index, query, found)
        answer = {"indexUid": query["indexUid"], "query": query.get("q") or "", "processingTimeMs": 0}
        limits = index.settings["pagination"]["maxTotalHits"]
        if query.get("hitsPerPage") is None:
            start, number = query.get("offset", 0), query.get("limit", 20)
            answer |= {"offset": start, "limit": number, "estimatedTotalHits": len(found)}
        else:
            number = query["hitsPerPage"]
            start = number * (max(1, query.get("page") or 1) - 1)
            answer |= {"hitsPerPage": number, "page": query.get("page") or 1, "totalPages": 0}
            answer["totalHits"] = min(limits, len(found))
        hits = found[: min(start + number, limits)][start:]
        answer["hits"] = [_retrieved(entry, query.get("attributesToRetrieve")) for entry in hits]
        if query.get("facets"):
            answer |= {"facetDistribution": self._facets(index, query["facets"], found), "facetStats": {}}
        return answer

    def _parsed(self, index: Index, expression: str) -> Parsed:
        try:
            parsed = parse(expression)
        except FilterError as error:
            raise Refused("invalid_search_filter", str(error)) from error
        filterable, comparable = _filterable(index)
        for attribute in parsed.attributes - filterable | parsed.compared - comparable:
            raise Refused("invalid_search_filter", f"Attribute `{attribute}` is not filterable.")
        return parsed

    def _ranked(self, index: Index, query: dict[str, Any], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Only: which words are there, from the first on; then `sort`, or the settings' own rules at the end."""
        rules = query.get("sort") or [rule for rule in index.settings["rankingRules"] if ":" in rule]
        for rule in reversed(rules):
            attribute, _, direction = rule.partition(":")
            if query.get("sort") and attribute not in index.settings["sortableAttributes"]:
                raise Refused("invalid_search_sort", f"Attribute `{attribute}` is not sortable.")
            found = sorted(found, key=lambda entry: _sort_key(entry.get(attribute)), reverse=direction == "desc")
        words = (query.get("q") or "").split()
        if not words:
            return found
        asked = query.get("attributesToSearchOn") or index.settings["searchableAttributes"]
        if set(asked) - set(index.settings["searchableAttributes"]):
            raise Refused("invalid_search_attributes_to_search_on", f"{asked} are not all searchable")
        least = len(words) if query.get("matchingStrategy") == "all" else 1
        whole = query["q"].endswith(" ")
        counted = [(_leading(entry, words, asked, whole), entry) for entry in found]
        return [entry for number, entry in sorted(counted, key=lambda item: -item[0]) if number >= least]

    def _facets(self, index: Index, facets: list[str], found: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
        plain = {item for item in index.settings["filterableAttributes"] if isinstance(item, str)}
        if set(facets) - plain:
            raise Refused("invalid_search_facets", f"{facets} are not all facets")
        counted: dict[str, dict[str, int]] = {}
        for facet in facets:
            values = Counter(value for entry in found for value in _listed(entry.get(facet)) if value)
            counted[facet] = dict(values.most_common(index.settings["faceting"]["maxValuesPerFacet"]))
        return counted

    # What writes: a task that is done when somebody has looked at it twice.

    def _enqueue(self, kind: str, index: str | None, run: Callable[[], None]) -> tuple[int, Any]:
        task = Task(len(self.tasks), kind, index, run)
        self.tasks.append(task)
        told = {"taskUid": task.uid, "indexUid": index, "status": "enqueued", "type": kind, "enqueuedAt": _WHEN}
        return 202, told

    def _task(self, request: Request, _body: Any) -> tuple[int, Any]:
        uid = request.path_params["task"]
        for task in self.tasks[: uid + 1]:
            if task.status == "processing":
                self._run(task)
            elif task.status == "enqueued":
                task.status = "processing"
        return 200, self.tasks[uid].body()

    def _run(self, task: Task) -> None:
        try:
            task.run()
            task.status = "succeeded"
        except Refused as refused:
            task.status, task.error = "failed", refused.body

    def _patch_settings(self, request: Request, body: Any) -> tuple[int, Any]:
        uid = request.path_params["uid"]
        if not isinstance(body, dict) or set(body) - set(_SETTINGS):
            raise Refused("bad_request", f"unknown settings: {set(body) - set(_SETTINGS)}")

        def run() -> None:
            index = self.indexes.setdefault(uid, Index())
            for name, value in body.items():
                held = index.settings[name]
                index.settings[name] = held | value if isinstance(held, dict) and value else value

        return self._enqueue("settingsUpdate", uid, run)

    def _add(self, request: Request, body: Any) -> tuple[int, Any]:
        uid, key = request.path_params["uid"], request.query_params.get("primaryKey")
        if not isinstance(body, list) or set(request.query_params) - {"primaryKey"}:
            raise Refused("malformed_payload", "documents must be a list")

        def run() -> None:
            index = self.indexes.setdefault(uid, Index())
            index.primary_key = index.primary_key or key
            for entry in body:
                identifier = entry[index.primary_key]
                if not isinstance(identifier, str) or not identifier.replace("-", "").replace("_", "").isalnum():
                    raise Refused("invalid_document_id", f"Document identifier `{identifier}` is invalid.")
            index.entries |= {entry[index.primary_key]: entry for entry in body}

        return self._enqueue("documentAdditionOrUpdate", uid, run)

    def _delete(self, request: Request, body: Any) -> tuple[int, Any]:
        uid = request.path_params["uid"]
        if not isinstance(body, list) or not all(isinstance(key, str) for key in body):
            raise Refused("malformed_payload", "keys must be a list of strings")

        def run() -> None:
            index = self._index(uid)
            for key in body:
                index.entries.pop(key, None)

        return self._enqueue("documentDeletion", uid, run)

    def _drop(self, request: Request, _body: Any) -> tuple[int, Any]:
        uid = request.path_params["uid"]

        def run() -> None:
            self._index(uid)
            del self.indexes[uid]

        return self._enqueue("indexDeletion", uid, run)

    def _swap(self, _request: Request, body: Any) -> tuple[int, Any]:
        if not all(set(swap) <= {"indexes", "rename"} and not swap.get("rename") for swap in body):
            raise Refused("bad_request", "swaps have `indexes` and `rename`")

        def run() -> None:
            for swap in body:
                one, other = swap["indexes"]
                self.indexes[one], self.indexes[other] = self._index(other), self._index(one)

        return self._enqueue("indexSwap", None, run)


def _filterable(index: Index) -> tuple[set[str], set[str]]:
    """Attributes one may filter by, and those one may compare."""
    filterable: set[str] = set()
    comparable: set[str] = set()
    for item in index.settings["filterableAttributes"]:
        names = {item} if isinstance(item, str) else set(item["attributePatterns"])
        filterable |= names
        if isinstance(item, str) or item["features"]["filter"]["comparison"]:
            comparable |= names
    return filterable, comparable


def _retrieved(entry: dict[str, Any], wanted: list[str] | None) -> dict[str, Any]:
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
