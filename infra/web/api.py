"""Typed routes: a function takes a `Call` and returns a msgspec Struct; reading and checking happen here.

    api = Api("contacts")

    @api.get("/offers/{slug}", summary="One offer", returns=OfferView)
    async def show_offer(call: Call) -> Reply: …

A function makes at most one transaction, since it is called again when the database gives that up (a deadlock).

The same table yields Starlette routes and the OpenAPI description (`infra.web.openapi`).
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.errors import FieldError, Invalid, Malformed, NotFound, PreconditionRequired, Text, TooLarge
from infra.web.identity import ANONYMOUS, Identity
from infra.web.problems import invalid_from

MAX_BODY_BYTES = 1024 * 1024
MAX_NAME_LENGTH = 1000
_VERSION = re.compile(r"[0-9]{1,18}")  # what a 64-bit column can hold; isdigit() would also take "²"
_NO_NUL = Text("Enthält ein unerlaubtes Steuerzeichen.", "Contains a forbidden control character.")


@dataclass(frozen=True)
class Call:
    """One request, read and checked. `body` and `query` have the types the route declares."""

    request: Request
    identity: Identity = ANONYMOUS
    language: str = "de"
    path: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    query: Any = None

    def if_match(self) -> int | None:
        """The version in `If-Match`, or None when the header is absent or `*`. Malformed: not one of our ETags."""
        value = self.request.headers.get("if-match", "").strip()
        if value in ("", "*"):
            return None
        digits = value.removeprefix("W/").strip('"')
        if not _VERSION.fullmatch(digits):
            raise Malformed(Text("If-Match ist kein ETag von Lotse.", "If-Match is not an ETag of Lotse."))
        return int(digits)

    def required_version(self) -> int:
        """The same for what must not be changed unseen. Raises PreconditionRequired without a version."""
        version = self.if_match()
        if version is None:
            raise PreconditionRequired
        return version


@dataclass(frozen=True)
class Reply:
    """An answer with more to it than a body."""

    value: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def etag(version: int) -> dict[str, str]:
    """The ETag header of a thing in this version."""
    return {"etag": f'"{version}"'}


Endpoint = Callable[[Call], Awaitable[Any]]
Perform = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


@dataclass(frozen=True)
class Operation:
    """One route as declared: what it reads, what it answers, how it is described.

    `guarded`: a PATCH changes only the version that was read (`If-Match`); a thing of one person alone needs no guard.
    `limit`: the most bytes that its body may have.
    """

    method: str
    path: str
    endpoint: Endpoint
    summary: str
    body: Any = None
    query: type[msgspec.Struct] | None = None
    returns: Any = None
    status: int = 200
    guarded: bool = True
    limit: int = MAX_BODY_BYTES


class Api:
    """The routes of one service."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.operations: list[Operation] = []

    def include(self, other: Api) -> None:
        """Add the routes of a part (a sub-package of the service)."""
        self.operations.extend(other.operations)

    def get(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Declare a GET route (options: summary, query, returns, status)."""
        return self._route("GET", path, options)

    def post(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Declare a POST route (options: summary, body, query, returns, status, limit)."""
        return self._route("POST", path, options)

    def patch(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Declare a PATCH route (options as for POST, and guarded)."""
        return self._route("PATCH", path, options)

    def put(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Declare a PUT route."""
        return self._route("PUT", path, options)

    def delete(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Declare a DELETE route."""
        return self._route("DELETE", path, options)

    def _route(self, method: str, path: str, options: dict[str, Any]) -> Callable[[Endpoint], Endpoint]:
        def register(endpoint: Endpoint) -> Endpoint:
            self.operations.append(Operation(method, path, endpoint, **options))
            return endpoint

        return register

    def routes(self, perform: Perform) -> list[Route]:
        """The Starlette routes. `perform` calls what a request asks for, again if that is what the database needs."""
        return [
            Route(operation.path, _handler(operation, perform), methods=[operation.method])
            for operation in self.operations
        ]


def _handler(operation: Operation, perform: Perform) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        call = Call(
            request=request,
            identity=request.scope.get("lotse_identity", ANONYMOUS),
            language=language_of(request),
            path=_checked_path(request.path_params),
            body=await read_body(request, operation.body, operation.limit) if operation.body is not None else None,
            query=read_query(request, operation.query) if operation.query is not None else None,
        )
        return _respond(await perform(lambda: operation.endpoint(call)), operation.status)

    return handle


def _respond(result: Any, status: int) -> Response:
    if isinstance(result, Response):
        return result
    reply = result if isinstance(result, Reply) else Reply(result, status)
    if reply.value is None:
        return Response(status_code=204 if reply.status == 200 else reply.status, headers=dict(reply.headers))
    content = msgspec.json.encode(reply.value)
    return Response(content, reply.status, dict(reply.headers), media_type="application/json")


def language_of(request: Request) -> str:
    """ "en" when the first accepted language is English, else "de"."""
    first = request.headers.get("accept-language", "de").strip().lower()
    return "en" if first.startswith("en") else "de"


async def read_raw(request: Request, limit: int = MAX_BODY_BYTES) -> bytes:
    """The whole body, at most `limit` bytes. Raises TooLarge as soon as it is over, without reading on."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


async def read_start(request: Request, keep: int, limit: int) -> tuple[bytes, int]:
    """The first `keep` bytes of the body and the size of all of it. Raises TooLarge once that is over `limit`."""
    kept, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise TooLarge
        kept += chunk[: keep - len(kept)]
    return bytes(kept), size


async def read_body(request: Request, kind: Any, limit: int = MAX_BODY_BYTES) -> Any:
    """The JSON body as `kind`; no body at all is read as `{}`. Raises Malformed, TooLarge or Invalid with the field."""
    raw = await read_raw(request, limit) or b"{}"
    try:
        body = msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise invalid_from(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:  # the last: nested without end
        raise Malformed from error
    if b"\\u0000" in raw and (where := _nul_in(msgspec.to_builtins(body))):
        raise Invalid(fields=[FieldError(where, _NO_NUL)])
    return body


def _nul_in(value: Any, path: str = "") -> str:
    """The dotted path of the first text with a NUL (PostgreSQL cannot store one), "" when there is none."""
    if isinstance(value, str):
        return (path or "body") if "\x00" in value else ""
    if isinstance(value, dict):
        items = [(f"{path}.{name}".lstrip("."), item) for name, item in value.items()]
    elif isinstance(value, list):
        items = [(f"{path}.{place}".lstrip("."), item) for place, item in enumerate(value)]
    else:
        return ""
    return next((found for name, item in items if (found := _nul_in(item, name))), "")


def read_query(request: Request, kind: type[msgspec.Struct]) -> Any:
    """The query string as `kind`; lists may be repeated or comma-separated. Raises Invalid with the field."""
    values: dict[str, Any] = {}
    known = _parameters(kind)
    for name in dict.fromkeys(request.query_params.keys()):
        texts = request.query_params.getlist(name)
        if any("\x00" in text for text in texts):
            raise Invalid(fields=[FieldError(name, _NO_NUL)])
        if name not in known:
            names = ", ".join(sorted(known))
            text = Text(f"Diesen Filter gibt es nicht. Bekannt sind: {names}.", f"Unknown filter. Known are: {names}.")
            raise Invalid(fields=[FieldError(name, text)])
        values[name] = _query_value(texts, known[name].type)
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid_from(error) from error


@cache
def _parameters(kind: type[msgspec.Struct]) -> Mapping[str, msgspec.structs.FieldInfo]:
    """The fields of a query by name; there are as many kinds as routes. Those of a search took 0.2 ms each time."""
    return {item.encode_name: item for item in msgspec.structs.fields(kind)}


def _query_value(texts: list[str], kind: Any) -> Any:
    if _is_list(kind):
        return [part.strip() for text in texts for part in text.split(",") if part.strip()]
    return texts[-1]


def _is_list(kind: Any) -> bool:
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return any(_is_list(item) for item in typing.get_args(kind))
    return typing.get_origin(kind) is list


def _checked_path(params: Mapping[str, Any]) -> dict[str, str]:
    values = {name: str(value) for name, value in params.items()}
    for name, value in values.items():
        if "\x00" in value:
            raise Invalid(fields=[FieldError(name, _NO_NUL)])
        if len(value) > MAX_NAME_LENGTH:
            raise NotFound  # longer than any id, slug or token; the ORM would refuse it as a value of its column
    return values
