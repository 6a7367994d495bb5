"""MeilisearchStandIn: an HTTP server that looks like Meilisearch to our client, for as long as no recording exists.

It checks the SHAPE of every request against the documented API (paths, methods, fields and their types, attributes
against the index's settings, the grammar of filters, the life of tasks) and answers by plain set logic over what it was
given. It does not tokenize, rank or tolerate like Meilisearch, so passing here says nothing about a real server's
results: for that the suite runs with MEILI_URL and MEILI_KEY, or replays a recording.

API: https://www.meilisearch.com/docs/reference/api/overview (fields as of v1.41)
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.services.search.meili.stand_in_index import SETTINGS, Index, Refused, retrieved

KEY = "stand-in-indexer-key"
SEARCH_KEY = "stand-in-searcher-key"
_WHEN = "2026-01-01T00:00:00Z"
_EXPECTED = ("index_not_found", "task_not_found")


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
                if refused.body["type"] == "invalid_request" and refused.body["code"] not in _EXPECTED:
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
        found = [retrieved(entry, wanted) for entry in index.entries.values()]
        return 200, {
            "results": found[offset : offset + limit],
            "offset": offset,
            "limit": limit,
            "total": len(found),
        }

    def _multi_search(self, _request: Request, body: Any) -> tuple[int, Any]:
        if not isinstance(body, dict) or set(body) - {"federation", "queries"} or body.get("federation"):
            raise Refused("bad_request", "only `queries`, and no federation, are used here")
        return 200, {"results": [self._index(query["indexUid"]).search(query) for query in body["queries"]]}

    # What writes: a task that is done when somebody has looked at it twice.

    def _enqueue(self, kind: str, index: str | None, run: Callable[[], None]) -> tuple[int, Any]:
        task = Task(len(self.tasks), kind, index, run)
        self.tasks.append(task)
        told = {"taskUid": task.uid, "indexUid": index, "status": "enqueued", "type": kind, "enqueuedAt": _WHEN}
        return 202, told

    def _task(self, request: Request, _body: Any) -> tuple[int, Any]:
        uid = request.path_params["task"]
        if uid >= len(self.tasks):
            raise Refused("task_not_found", f"Task `{uid}` not found.", 404)
        for task in self.tasks[: uid + 1]:
            if task.status == "processing":
                self._run(task)
            elif task.status == "enqueued":
                task.status = "processing"
        return 200, self.tasks[uid].body()

    def finish(self) -> None:
        """Do all that waits, as a real server does without being looked at."""
        for task in self.tasks:
            if task.status in ("enqueued", "processing"):
                self._run(task)

    def _run(self, task: Task) -> None:
        try:
            task.run()
            task.status = "succeeded"
        except Refused as refused:
            task.status, task.error = "failed", refused.body

    def _patch_settings(self, request: Request, body: Any) -> tuple[int, Any]:
        uid = request.path_params["uid"]
        if not isinstance(body, dict) or set(body) - set(SETTINGS):
            raise Refused("bad_request", f"unknown settings: {set(body) - set(SETTINGS)}")

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
            index.add(body)

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
