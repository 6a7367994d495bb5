"""A gateway as small as can be: hands `/{service}/…` on to that service."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from infra.settings import Settings
from infra.web.client import ServiceClient
from infra.web.health import Check, health_routes
from infra.web.middleware import TraceMiddleware


def create_app(_settings: Settings, client: ServiceClient, checks: Mapping[str, Check]) -> ASGIApp:
    """See the module."""

    async def forward(request: Request) -> Response:
        service, path = request.path_params["service"], request.path_params["path"]
        answer = await client.request(service, request.method, f"/{path}", content=await request.body())
        return Response(answer.content, answer.status, media_type="application/json")

    return Starlette(
        routes=[*health_routes(checks), Route("/{service}/{path:path}", forward, methods=["GET", "POST"])],
        middleware=[Middleware(TraceMiddleware, service="gateway")],
    )
