"""Hands a public API call to the service behind it and its answer back.

Nothing is decided here: the service reads the body, checks rights and says what is wrong. The gateway turns the
service's addresses into public ones and adds to search hits the address of their page.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gateway import routing
from gateway.api.routes import SEARCH, Public, public_location
from gateway.visit import Site
from infra.contracts import addresses
from infra.errors import Malformed, Text, Unavailable
from infra.web.api import language_of, read_raw
from infra.web.client import Answer, segment
from infra.web.identity import Identity
from infra.web.problems import MEDIA_TYPE

_ASKED = ("if-match", "if-none-match")
_ANSWERED = ("content-type", "etag", "content-language", "retry-after", "www-authenticate")
_NOT_JSON = Text(
    "Der Inhalt muss JSON sein. Bitte senden Sie Content-Type: application/json.",
    "The content must be JSON. Please send Content-Type: application/json.",
)


async def read_json_text(request: Request, limit: int) -> bytes:
    """The body as it came. Raises TooLarge, or Malformed unless it is declared as JSON (an empty one need not be)."""
    content = await read_raw(request, limit)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content and kind != "application/json":
        raise Malformed(_NOT_JSON)
    return content


async def send(route: Public, request: Request, identity: Identity, content: bytes) -> Response:
    """The service's answer to a public call. Raises Unavailable when it is away or failed without a problem."""
    site: Site = request.scope["lotse_site"]
    values = [segment(str(value)) for value in request.path_params.values()]
    answer = await site.client.request(
        route.service,
        route.service_method,
        route.target_for(values),
        identity=identity,
        language=language_of(request),
        query={name: request.query_params.getlist(name) for name in request.query_params},
        content=content,
        headers={name: request.headers[name] for name in _ASKED if name in request.headers},
    )
    if answer.status >= 500 and not answer.headers.get("content-type", "").startswith(MEDIA_TYPE):
        raise Unavailable
    body = _with_addresses(answer, request) if route is SEARCH and answer.ok else answer.content
    return Response(body, answer.status, _public_headers(answer, route))


def _public_headers(answer: Answer, route: Public) -> dict[str, str]:
    headers = {name: answer.headers[name] for name in _ANSWERED if name in answer.headers}
    location = public_location(route.service, answer.headers.get("location", ""))
    if location is not None:
        headers["location"] = location
    return headers


def _with_addresses(answer: Answer, request: Request) -> bytes:
    """The hits, each with the absolute address of its page in the reader's language."""
    language = language_of(request)
    absolute = routing.bare_visit(request).absolute
    found: dict[str, Any] = answer.json()
    for hit in found["hits"]:
        hit["url"] = absolute(addresses.path(hit["kind"], hit["slug"], language))
    return msgspec.json.encode(found)
