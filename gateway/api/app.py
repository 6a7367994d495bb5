"""The public JSON API below `/api/v1`: one route per address of the table, problems as `application/problem+json`.

A program shows who it is with `Authorization: Bearer`; cookies mean nothing here, so that no foreign page can act
through a reader's browser. For the same reason every origin may read what is public.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router

from gateway import limits, sessions
from gateway.api.compose import compose
from gateway.api.forward import read_json_text, send
from gateway.api.routes import PREFIX, ROUTES, SESSION_CLOSE, SESSION_OPEN, Public
from gateway.problems import Refused
from gateway.visit import Site
from infra.errors import LotseError, Unauthenticated, Unavailable
from infra.web.client import ServiceClient
from infra.web.identity import ANONYMOUS, Identity
from infra.web.middleware import answer_error, answer_http_exception
from infra.web.openapi import Document

DESCRIPTION = "/openapi.json"
_SAFE = ("GET", "HEAD", "OPTIONS")
_READABLE_BY_ALL = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Location, Retry-After",
    "cross-origin-resource-policy": "cross-origin",
}


class _Login(msgspec.Struct):
    """As much of a sign-in as the gateway needs: whose it is, and the token of the session that ends with it."""

    email: str = ""
    replaces: str = ""


def api_routes() -> list[BaseRoute]:
    """Everything below `/api/v1`, with error answers of its own; the address itself leads to the description."""
    router = Router([*_routes(), Route(DESCRIPTION, _Description().answer)])
    handlers = {LotseError: answer_error, HTTPException: answer_http_exception}
    return [Route(PREFIX, _to_description), Mount(PREFIX, ExceptionMiddleware(router, handlers=handlers))]


async def _to_description(_request: Request) -> Response:
    return RedirectResponse(PREFIX + DESCRIPTION)


def _routes() -> list[Route]:
    by_path: dict[str, list[Public]] = {}
    for route in ROUTES:
        by_path.setdefault(route.path, []).append(route)
    return [
        Route(path, _endpoint(group), methods=[*(route.method for route in group), "OPTIONS"])
        for path, group in by_path.items()
    ]


def _endpoint(group: Sequence[Public]) -> Callable[[Request], Awaitable[Response]]:
    """One address: the call goes to the operation of its method, and `OPTIONS` tells which there are."""
    operations = {route.method: route for route in group}

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _options(operations)
        response = await _call(operations["GET" if request.method == "HEAD" else request.method], request)
        response.headers["vary"] = "Accept-Language, Authorization"
        if "authorization" in request.headers:
            response.headers["cache-control"] = "no-store"
        if request.method in _SAFE:
            response.headers.update(_READABLE_BY_ALL)
        return response

    return answer


def _options(operations: dict[str, Public]) -> Response:
    """Which methods there are, and to browsers of other sites that they may read without credentials."""
    methods = sorted({*operations, "OPTIONS", *(["HEAD"] if "GET" in operations else [])})
    headers = {"allow": ", ".join(methods)}
    if "GET" in operations:
        headers |= {
            "access-control-allow-origin": "*",
            "access-control-allow-methods": "GET, HEAD",
            "access-control-allow-headers": "Accept-Language, If-None-Match",
            "access-control-max-age": "86400",
        }
    return Response(status_code=204, headers=headers)


async def _call(route: Public, request: Request) -> Response:
    site: Site = request.scope["lotse_site"]
    content = await read_json_text(request, route.limit) if route.method not in _SAFE else b""
    login = _login(content) if route is SESSION_OPEN else None
    await _count(site, route, request, login)
    ending = login.replaces if login else ""
    if route is SESSION_CLOSE:
        ending = _bearer(request, site)
        content = msgspec.json.encode({"token": ending})
    response = await send(route, request, await _identity(request, site), content)
    if ending and response.status_code < 400:
        site.sessions.ended(ending)
    return response


async def _count(site: Site, route: Public, request: Request, login: _Login | None) -> None:
    """Count a costly call by its sender, a sign-in also by its account. Raises TooMany."""
    if route.rate:
        await site.limits.hit(route.rate, limits.sender(request))
    if login is not None:
        await site.limits.hit("sign-in-account", limits.account(login.email))


def _login(content: bytes) -> _Login | None:
    """What a sign-in says; None when it cannot be read: the service tells why, and no account can be meant."""
    try:
        return msgspec.json.decode(content, type=_Login)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _bearer(request: Request, site: Site) -> str:
    """The token of the caller. Raises Unauthenticated without one."""
    token = sessions.token_of(request, site.settings)
    if not token:
        raise Unauthenticated
    return token


async def _identity(request: Request, site: Site) -> Identity:
    """In whose name the call is made; a token that is no longer good is an error, not a visitor.

    Raises:
        Unauthenticated: not a bearer token or an ended session. Unavailable: nobody can tell.
    """
    if "authorization" not in request.headers:
        return ANONYMOUS
    try:
        person = await site.sessions.resolve(_bearer(request, site))
    except Refused as error:
        raise Unavailable from error
    if person is None:
        raise Unauthenticated
    return person.identity


class _Description:
    """`GET /openapi.json`: composed once from the services' own documents."""

    def __init__(self) -> None:
        self._content = b""

    async def answer(self, request: Request) -> Response:
        """The document. Raises Unavailable while a service is away."""
        if not self._content:
            site: Site = request.scope["lotse_site"]
            self._content = msgspec.json.encode(await public_document(site.client))
        return Response(self._content, headers=_READABLE_BY_ALL, media_type="application/json")


async def public_document(client: ServiceClient) -> Document:
    """The public OpenAPI document. Raises Unavailable while a service is away."""
    documents: dict[str, Document] = {}
    for service in dict.fromkeys(route.service for route in ROUTES):
        answer = await client.request(service, "GET", "/openapi.json")
        if not answer.ok:
            raise Unavailable
        documents[service] = answer.json()
    return compose(documents)
