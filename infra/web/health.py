"""Health of a part: `/livez` knows no dependency, `/readyz` asks the ones it was given, `/metrics` counts.

Whoever asks for metrics reaches the process directly; what a proxy hands on from outside is not answered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from infra import metrics

log = logging.getLogger(__name__)
Check = Callable[[], Awaitable[bool]]
CHECK_SECONDS = 2.0
_HANDED_ON = ("forwarded", "x-forwarded-for")


def health_app(checks: Mapping[str, Check]) -> ASGIApp:
    """Health and nothing else, for a process without a web app of its own."""
    return Starlette(routes=health_routes(checks))


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    """The three routes; ready only when every check answers True within two seconds."""

    async def ready(_request: Request) -> Response:
        results = dict(zip(checks, await asyncio.gather(*map(_passes, checks.values())), strict=True))
        well = all(results.values())
        body = msgspec.json.encode({"ready": well, "checks": results})
        return Response(body, 200 if well else 503, media_type="application/json")

    return [Route("/livez", _live), Route("/readyz", ready), Route("/metrics", _metrics)]


async def _live(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _metrics(request: Request) -> Response:
    if any(name in request.headers for name in _HANDED_ON):
        return PlainTextResponse("not from here", 404)  # a proxy brought it in: numbers are for the operator's network
    await asyncio.gather(*map(_measured, metrics.measures()))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _passes(check: Check) -> bool:
    try:
        return await asyncio.wait_for(check(), CHECK_SECONDS)
    except Exception as error:  # a driver's own error type: not ready is the answer, whatever it is
        log.warning("health check failed", extra={"error": type(error).__name__})
        return False


async def _measured(measure: metrics.Measure) -> None:
    """Bring gauges up to date; where that fails the others are given out all the same, and the failure is counted."""
    try:
        await asyncio.wait_for(measure(), CHECK_SECONDS)
    except Exception as error:  # a driver's own error type, as above
        metrics.MEASURE_FAILURES.inc()
        log.warning("a gauge could not be measured", extra={"error": type(error).__name__})
