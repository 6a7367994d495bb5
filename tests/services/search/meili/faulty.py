"""Faults at the HTTP level, put before a stand-in: chosen requests get another answer than the one it would give."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

Fault = Callable[[str, str], Response | None]


def broken(status: int = 500) -> Response:
    """What a proxy before a broken server says."""
    return Response("<html>bad gateway</html>", status, media_type="text/html")


def internal() -> Response:
    """What Meilisearch says about a fault of its own."""
    body = {
        "message": "MDB_PANIC",
        "code": "internal",
        "type": "internal",
        "link": "https://docs.meilisearch.com/errors#internal",
    }
    return JSONResponse(body, 500)


class Faulty:
    """An app in front of another; `fault(method, path)` gives the answer instead, or None."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.seen: list[tuple[str, str]] = []
        self.fault: Fault = lambda _method, _path: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.seen.append((request.method, request.url.path))
        answer = self.fault(request.method, request.url.path)
        await (answer or self.app)(scope, receive, send)

    def at(self, method: str, path_end: str, number: int, answer: Callable[[], Response]) -> None:
        """From now on the `number`th request (from 1) of this kind gets `answer`."""
        count = 0

        def fault(asked: str, path: str) -> Response | None:
            nonlocal count
            if asked == method and path.endswith(path_end):
                count += 1
                if count == number:
                    return answer()
            return None

        self.fault = fault
