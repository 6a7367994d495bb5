"""Faults at the HTTP level, put before a stand-in: chosen requests get another answer than the one it would give."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.search.meilisearch.engine import MeilisearchEngine
from services.search.meilisearch.server import Server
from services.search.meilisearch.settings import VERSION
from tests.services.search.meili.serving import served
from tests.services.search.meili.stand_in import KEY, SEARCH_KEY, MeilisearchStandIn

PREFIX = "faults"
INDEX = f"{PREFIX}-v{VERSION}"
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
    """An app in front of another; `fault(method, path)` gives the answer instead, or None.

    Where the fault is `late`, the other does what is asked, and only its answer is lost.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.seen: list[tuple[str, str]] = []
        self.fault: Fault = lambda _method, _path: None
        self.late = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.seen.append((request.method, request.url.path))
        answer = self.fault(request.method, request.url.path)
        if answer and self.late:
            await self.app(scope, receive, _nowhere)
        await (answer or self.app)(scope, receive, send)

    def at(
        self, method: str, path_end: str, number: int, answer: Callable[[], Response], *, late: bool = False
    ) -> None:
        """From now on the `number`th request (from 1) of this kind gets `answer`."""
        count = 0
        self.late = late

        def fault(asked: str, path: str) -> Response | None:
            nonlocal count
            if asked == method and path.endswith(path_end):
                count += 1
                if count == number:
                    return answer()
            return None

        self.fault = fault

    def searches(self) -> int:
        """How many rounds of questions were asked since the last time."""
        asked = self.seen.count(("POST", "/multi-search"))
        self.seen.clear()
        return asked


async def _nowhere(_message: Message) -> None:
    return


@dataclass
class Setting:
    """A stand-in behind faults."""

    stand_in: MeilisearchStandIn
    faulty: Faulty
    url: str

    def engine(self, key: str = KEY, search_key: str = SEARCH_KEY, **options: float) -> MeilisearchEngine:
        """An engine that is not open yet."""
        return MeilisearchEngine(Server(self.url, key, search_key, **options), PREFIX)  # type: ignore[arg-type]


@asynccontextmanager
async def faulty_setting() -> AsyncIterator[Setting]:
    """A stand-in behind faults, served; afterwards every request had a shape that exists."""
    stand_in = MeilisearchStandIn()
    faulty = Faulty(stand_in.app)
    async with served(faulty) as url:
        yield Setting(stand_in, faulty, url)
    assert stand_in.complaints == []
