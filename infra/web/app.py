"""Puts a service's web app together: its routes inside trace, identity, errors and health."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.db.connect import answers
from infra.db.faults import reached
from infra.db.retry import repeated
from infra.errors import LotseError
from infra.inbox.handlers import Handlers
from infra.settings import Settings
from infra.web.api import Api
from infra.web.health import Check, health_routes
from infra.web.middleware import (
    IdentityMiddleware,
    TraceMiddleware,
    answer_error,
    answer_http_exception,
)
from infra.web.openapi import describe
from infra.web.trail import trail_api


def create_app(
    service: str, api: Api, handlers: Handlers, settings: Settings, checks: Mapping[str, Check] | None = None
) -> Starlette:
    """The ASGI app of a service; ready means its database answers and all of `checks` pass.

    `handlers` are those of its inbox: the operator is told who should have heard of an event.
    """

    async def database() -> bool:
        return await answers(service)

    async def perform(work: Callable[[], Awaitable[Any]]) -> Any:
        with reached(service):
            return await repeated(service, work)

    return Starlette(
        routes=[
            *health_routes({"database": database, **(checks or {})}),
            _description(api),
            *trail_api(service, handlers).routes(perform),
            *api.routes(perform),
        ],
        middleware=[
            Middleware(TraceMiddleware, service=service),
            Middleware(IdentityMiddleware, service=service, secret=settings.secret),
        ],
        exception_handlers={
            LotseError: answer_error,
            HTTPException: answer_http_exception,
        },
    )


def _description(api: Api) -> Route:
    """`GET /openapi.json`: the service's own description, made when somebody asks for it, and once."""

    @cache
    def content() -> bytes:
        return msgspec.json.encode(describe(api))

    async def answer(_request: Request) -> Response:
        return Response(content(), media_type="application/json")

    return Route("/openapi.json", answer)
