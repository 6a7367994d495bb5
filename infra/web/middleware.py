"""What happens around every request to a service: ids, identity, errors, metrics. Pure ASGI, one pass."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra import metrics, tracing
from infra.errors import LotseError, Malformed, NotAllowed, NotFound, Text
from infra.web.api import language_of
from infra.web.identity import HEADER, verify
from infra.web.problems import problem_response

log = logging.getLogger(__name__)
_FAULT = LotseError(
    Text(
        "Bei uns ist ein Fehler aufgetreten. Er ist aufgezeichnet; bitte versuchen Sie es später noch einmal.",
        "Something went wrong on our side. It has been recorded; please try again later.",
    )
)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
GONE = 499  # what many servers count for a caller who left before the whole request was there
OPEN_PATHS = frozenset({"/livez", "/readyz", "/metrics"})


async def answer_fault(request: Request) -> Response:
    """What a service says when something of ours broke: no details."""
    return problem_response(_FAULT, language_of(request))


class TraceMiddleware:
    """Opens the trace of a request, measures it, logs what nobody caught and answers it by `fault`."""

    def __init__(
        self, app: ASGIApp, service: str, fault: Callable[[Request], Awaitable[Response]] = answer_fault
    ) -> None:
        self.app = app
        self.service = service
        self.fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        trace = tracing.new_trace(
            headers.get(b"traceparent", b"").decode("latin-1"),
            headers.get(b"lotse-correlation-id", b"").decode("latin-1")[:64],
        )
        status = 500
        started_answer = False
        started = time.perf_counter()

        async def watch(message: Message) -> None:
            nonlocal status, started_answer
            if message["type"] == "http.response.start":
                status = message["status"]
                started_answer = True
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"lotse-request-id", trace.request_id.encode()),
                ]
            await send(message)

        with tracing.bound(trace):
            try:
                await self.app(scope, receive, watch)
            except ClientDisconnect:
                status = GONE  # nobody is there to answer, and nothing of ours is broken
            except Exception as error:  # the border of a request: recorded here, answered without details
                log.error("unhandled error", exc_info=error, extra={"route": _route_template(scope)})
                if not started_answer:
                    response = await self.fault(Request(scope))
                    await response(scope, receive, watch)
            finally:
                route = _route_template(scope)
                method = scope["method"] if scope["method"] in METHODS else "other"  # each label lives for ever
                metrics.REQUESTS.labels(self.service, method, route, str(status)).inc()
                metrics.REQUEST_SECONDS.labels(self.service, route).observe(time.perf_counter() - started)


class IdentityMiddleware:
    """Lets in only who the gateway vouches for; health and metrics stay open to the operator's network."""

    def __init__(self, app: ASGIApp, service: str, secret: str) -> None:
        self.app = app
        self.service = service
        self.secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http" and scope["path"] not in OPEN_PATHS:
            request = Request(scope)
            try:
                scope["lotse_identity"] = verify(request.headers.get(HEADER, ""), self.service, self.secret)
            except LotseError as error:
                await problem_response(error, language_of(request))(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def answer_error(request: Request, error: Exception) -> Response:
    """Exception handler: a `LotseError` becomes a problem in the reader's language."""
    return problem_response(cast(LotseError, error), language_of(request))


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """Exception handler for what Starlette itself refuses (unknown path, wrong method)."""
    refusal = cast(HTTPException, error)
    problem = {404: NotFound, 405: NotAllowed}.get(refusal.status_code, Malformed)()
    response = problem_response(problem, language_of(request))
    response.headers.update(refusal.headers or {})
    return response


def _route_template(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", "unmatched")
