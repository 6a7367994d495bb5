"""Puts a service's web app together: its routes inside trace, identity, errors and health."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from tortoise.connection import get_connection

from infra.errors import LotseError
from infra.settings import Settings
from infra.web.api import Api
from infra.web.health import Check, health_routes
from infra.web.middleware import (
    IdentityMiddleware,
    TraceMiddleware,
    answer_error,
    answer_http_exception,
)


def create_app(service: str, api: Api, settings: Settings, checks: Mapping[str, Check] | None = None) -> Starlette:
    """The ASGI app of a service; ready means its database answers and all of `checks` pass."""

    async def database() -> bool:
        await get_connection(service).execute_query("SELECT 1")
        return True

    return Starlette(
        routes=[*health_routes({"database": database, **(checks or {})}), *api.routes()],
        middleware=[
            Middleware(TraceMiddleware, service=service),
            Middleware(IdentityMiddleware, service=service, secret=settings.secret),
        ],
        exception_handlers={
            LotseError: answer_error,
            HTTPException: answer_http_exception,
        },
    )
