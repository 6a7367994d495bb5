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

from infra import metrics, telemetry, tracing
from infra.errors import LotseError, Malformed, NotAllowed, NotFound, Text
from infra.telemetry import Kind
from infra.tracing import REQUEST_HEADER, Trace
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
_TRACE_HEADERS = [(name, name.encode()) for name in tracing.HEADERS]
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
        self._in_progress = metrics.REQUESTS_IN_PROGRESS.labels(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] in OPEN_PATHS:  # asked by machines every few seconds: counted, but no work of anybody
            await self._count(_Exchange(_trace_of(scope), scope, send), receive)
        else:
            trace = _trace_of(scope)
            with self._in_progress.track_inprogress(), telemetry.span(scope["method"], Kind.SERVER, trace) as span:
                exchange = _Exchange(span.trace, scope, send)
                await self._count(exchange, receive)
                span.name(f"{exchange.method} {exchange.route}")
                span.note(exchange.attributes(self.service))
                if exchange.status >= 500:
                    span.failed(str(exchange.status))

    async def _count(self, exchange: _Exchange, receive: Receive) -> None:
        started = time.perf_counter()
        try:
            await self._answer(exchange, receive)
        finally:
            method, route = exchange.method, exchange.route
            metrics.REQUESTS.labels(self.service, method, route, str(exchange.status)).inc()
            metrics.REQUEST_SECONDS.labels(self.service, method, route).observe(time.perf_counter() - started)

    async def _answer(self, exchange: _Exchange, receive: Receive) -> None:
        try:
            await self.app(exchange.scope, receive, exchange.send)
        except ClientDisconnect:
            exchange.status = GONE  # nobody is there to answer, and nothing of ours is broken
        except Exception as error:  # the border of a request: recorded here, answered without details
            log.error("unhandled error", exc_info=error, extra={"route": exchange.route})
            if not exchange.begun:
                response = await self.fault(Request(exchange.scope))
                await response(exchange.scope, receive, exchange.send)


class _Exchange:
    """One request and what is known of its answer. `status` is 500 until an answer begins."""

    def __init__(self, trace: Trace, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.status = 500
        self.begun = False
        self._request_id = trace.request_id.encode()
        self._send = send

    async def send(self, message: Message) -> None:
        """Hand a message on, with the id under which the operator finds this request."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.begun = True
            message["headers"] = [*message.get("headers", ()), (REQUEST_HEADER.encode(), self._request_id)]
        await self._send(message)

    @property
    def method(self) -> str:
        """The method, "other" for an invented one: each label value of a metric lives for ever."""
        return self.scope["method"] if self.scope["method"] in METHODS else "other"

    @property
    def route(self) -> str:
        """The template of the route below its mounts ("/api/v1/offers/{id}"), "unmatched" when there is none."""
        path = getattr(self.scope.get("route"), "path", None)
        return "unmatched" if path is None else f"{self.scope.get('root_path', '')}{path}"

    def attributes(self, service: str) -> dict[str, str | int]:
        """What a span says about it; nothing of path or query, which hold what people typed."""
        return {
            "lotse.service": service,
            "http.request.method": self.method,
            "http.route": self.route,
            "http.response.status_code": self.status,
        }


def _trace_of(scope: Scope) -> Trace:
    """The trace that the request goes on with. `X-Request-Id` is what proxies call a request."""
    sent = dict(scope["headers"])
    headers = {name: sent[raw].decode("latin-1") for name, raw in _TRACE_HEADERS if raw in sent}
    if REQUEST_HEADER not in headers:
        headers[REQUEST_HEADER] = sent.get(b"x-request-id", b"").decode("latin-1")
    return tracing.continued(headers)


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
