"""Puts the gateway together: pages, static files, health and the public API behind one set of middleware."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from gateway import assets, routing
from gateway.api.app import api_routes
from gateway.compression import CompressForVisitors
from gateway.limits import Limits
from gateway.pages import PAGES, legal
from gateway.problems import Refused
from gateway.security import Entrance, SecurityHeaders
from gateway.sessions import Sessions
from gateway.visit import Site
from gateway.vocabulary import VocabularyCache
from infra.errors import LotseError
from infra.settings import Settings
from infra.web.client import ServiceClient
from infra.web.health import Check, health_routes
from infra.web.middleware import TraceMiddleware

log = logging.getLogger(__name__)


def create_app(settings: Settings, client: ServiceClient, checks: Mapping[str, Check]) -> ASGIApp:
    """The gateway's ASGI app. `client` reaches the services; ready means that all `checks` pass."""
    if not settings.demo and (texts := legal.unfinished()):
        log.warning("legal pages have blanks to fill in: gateway/templates/legal", extra={"texts": ", ".join(texts)})
    site = Site(settings, client, Limits(), VocabularyCache(client), Sessions(client))
    app = Starlette(
        routes=_routes(checks),
        middleware=[Middleware(TraceMiddleware, service="gateway", fault=routing.answer_fault)],
        exception_handlers={
            Refused: routing.answer_refused,
            LotseError: routing.answer_refused,
            HTTPException: routing.answer_refused,
        },
    )
    app.router.redirect_slashes = False  # its redirects would lose the language that Entrance took off the path
    return Entrance(SecurityHeaders(CompressForVisitors(app), https=settings.base_url.startswith("https://")), site)


def _routes(checks: Mapping[str, Check]) -> list[BaseRoute]:
    return [*health_routes(checks), *assets.static_routes(), *api_routes(), *routing.routes(PAGES)]
