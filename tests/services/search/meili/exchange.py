"""The HTTP exchange with a real Meilisearch: written down once (`make record-meilisearch`), replayed on every run.

A recording holds no host, no key and no time: index names begin with `PREFIX`, tasks are numbered from 1 in each test,
and of a task only its end is kept, since how often one has to look is chance. A request that is not in the recording
is answered with an error that shows the nearest recorded one as a diff, and noted in `complaints`.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

FOLDER = Path(__file__).resolve().parent.parent / "recordings"
PREFIX = "recorded"
CURE = "the client's requests have changed: run `make record-meilisearch` with MEILI_URL and MEILI_KEY"
_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
_TASK = re.compile(r"/tasks/(\d+)")
_CHANCE = ("enqueuedAt", "startedAt", "finishedAt", "createdAt", "updatedAt")
_NUMBERS_OF_CHANCE = ("processingTimeMs",)
_DROPPED = ("requestUid", "duration", "batchUid")
_SHOWN = 3000
_MOST_LETTERS = 300_000
_WHEN = "2026-01-01T00:00:00Z"

Exchange = dict[str, Any]


def recording_of(test: str) -> Path:
    """Where the recording of a test lies; `test` is its name with parameters."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", test.encode("ascii", "backslashreplace").decode()).strip("-")
    return FOLDER / f"{plain[:80]}-{hashlib.blake2b(test.encode(), digest_size=3).hexdigest()}.json"


class Recorder:
    """A proxy to a real server that keeps what passes. `app` is what the client talks to."""

    def __init__(self, url: str, prefix: str) -> None:
        self.exchanges: list[Exchange] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._pass, methods=_METHODS)])
        self._client = httpx2.AsyncClient(base_url=url, timeout=60)
        self._prefix = prefix
        self._tasks: dict[int, int] = {}

    def write(self, path: Path) -> None:
        """Write everything that passed, one request a line; nothing where that is too long to be kept."""
        lines = ",\n".join(json.dumps(exchange, ensure_ascii=False) for exchange in self.exchanges)
        path.unlink(missing_ok=True)
        if len(lines) > _MOST_LETTERS:
            return
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")

    def last(self, number: int = 8) -> str:
        """The end of the exchange in words, to show beside a failure."""
        return "\n".join(_told(item["request"], item["answer"]) for item in self.exchanges[-number:])

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.aclose()

    async def _pass(self, request: Request) -> Response:
        raw = await request.body()
        path = _path(request)
        passed = {name: request.headers[name] for name in ("authorization", "content-type") if name in request.headers}
        answer = await self._client.request(request.method, path, content=raw, headers=passed)
        self._note(request.method, path, raw, answer)
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))

    def _note(self, method: str, path: str, raw: bytes, answer: httpx2.Response) -> None:
        body = self._plain(answer.json())
        exchange = {
            "request": {"method": method, "path": self._plain_path(path), "body": self._plain_body(raw)},
            "answer": {"status": answer.status_code, "body": body},
        }
        if _TASK.fullmatch(path):
            same = [old for old in self.exchanges if old["request"] == exchange["request"]]
            self.exchanges = [old for old in self.exchanges if old not in same]
        self.exchanges.append(exchange)

    def _plain_path(self, path: str) -> str:
        found = _TASK.fullmatch(path)
        return f"/tasks/{self._task(int(found[1]))}" if found else path.replace(self._prefix, PREFIX)

    def _plain_body(self, raw: bytes) -> Any:
        return json.loads(raw.decode().replace(self._prefix, PREFIX)) if raw else None

    def _plain(self, value: Any) -> Any:
        """An answer without what chance or this server's other users put into it."""
        if isinstance(value, list):
            return [self._plain(item) for item in value if self._is_ours(item)]
        if isinstance(value, str):
            return value.replace(self._prefix, PREFIX)
        if not isinstance(value, dict):
            return value
        plain = {name: self._plain(item) for name, item in value.items() if name not in _DROPPED}
        plain |= {name: _WHEN for name in _CHANCE if plain.get(name)}
        plain |= {name: 0 for name in _NUMBERS_OF_CHANCE if name in plain}
        if "taskUid" in plain:
            plain["taskUid"] = self._task(plain["taskUid"])
        if "enqueuedAt" in plain and "uid" in plain:
            plain["uid"] = self._task(plain["uid"])
        return plain

    def _is_ours(self, item: Any) -> bool:
        listed_index = isinstance(item, dict) and "primaryKey" in item and "createdAt" in item
        return not listed_index or str(item["uid"]).startswith(self._prefix)

    def _task(self, uid: int) -> int:
        return self._tasks.setdefault(uid, len(self._tasks) + 1)


class Replay:
    """A server that answers as recorded. `app` is what the client talks to."""

    def __init__(self, path: Path) -> None:
        self.complaints: list[str] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=_METHODS)])
        self._left: list[Exchange] = json.loads(path.read_text(encoding="utf-8"))
        self._tasks = [exchange for exchange in self._left if _TASK.fullmatch(exchange["request"]["path"])]
        self._left = [exchange for exchange in self._left if exchange not in self._tasks]

    async def _answer(self, request: Request) -> Response:
        raw = await request.body()
        asked = {"method": request.method, "path": _path(request), "body": json.loads(raw) if raw else None}
        for exchange in (*self._left, *self._tasks):
            if exchange["request"] == asked:
                if exchange in self._left:
                    self._left.remove(exchange)
                return JSONResponse(exchange["answer"]["body"], exchange["answer"]["status"])
        complaint = f"{CURE}\n{self._difference(asked)}"
        self.complaints.append(complaint)
        return JSONResponse({"message": complaint, "code": "not_recorded", "type": "internal", "link": ""}, 500)

    def _difference(self, asked: dict[str, Any]) -> str:
        """The request beside the next recorded one of its kind."""
        alike = [old["request"] for old in self._left if old["request"]["method"] == asked["method"]]
        same = [old for old in alike if old["path"] == asked["path"]]
        nearest = (same or alike or [{}])[0]
        lines = difflib.unified_diff(_lines(nearest), _lines(asked), "recorded", "sent now", lineterm="", n=2)
        return "\n".join(lines)


def _told(request: dict[str, Any], answer: dict[str, Any]) -> str:
    sent, back = _short(request["body"]), _short(answer["body"])
    return f"{request['method']} {request['path']}\n  sent: {sent}\n  came back: {answer['status']} {back}"


def _short(body: Any) -> str:
    text = json.dumps(body, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} … ({len(text)} letters)"


def _path(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _lines(request: dict[str, Any]) -> list[str]:
    return json.dumps(request, ensure_ascii=False, indent=1, sort_keys=True).splitlines()
