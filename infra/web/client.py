"""How the gateway asks a service: in the all-in-one by calling its ASGI app, else over HTTP.

Measured: the direct call makes 11,000 requests/s where httpx's ASGITransport makes 2,700; over the wire aiohttp
makes 4,600 to 5,400 and httpx 400 to 620.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, unquote, urlencode

import msgspec
from starlette.types import ASGIApp, Message

from infra import metrics, telemetry, tracing
from infra.errors import Unavailable
from infra.telemetry import Kind
from infra.web.identity import ANONYMOUS, HEADER, Identity, sign

if TYPE_CHECKING:  # imported where it is used: the all-in-one never does, and starts 0.15 s and 9 MB lighter
    import aiohttp

TIMEOUT_SECONDS = 10.0
MOST_CONNECTIONS = 100
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What a service answered. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the service did what was asked."""
        return self.status < 400

    def json(self) -> Any:
        """The body as Python values; None when there is none."""
        return msgspec.json.decode(self.content) if self.content else None


class Transport(Protocol):
    """One way to reach services."""

    async def send(self, service: str, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """Send one request to `target` (path and query). Raises Unavailable when the service cannot be reached."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class ServiceClient:
    """Requests to services in the name of a person."""

    def __init__(self, transport: Transport, secret: str) -> None:
        self._transport = transport
        self._secret = secret

    async def request(
        self,
        service: str,
        method: str,
        path: str,
        *,
        identity: Identity = ANONYMOUS,
        language: str = "de",
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask `service`. `body` is encoded as JSON, `content` sent as it is; None and "" query values are left out."""
        sent = {
            "content-type": "application/json",
            **{name.lower(): value for name, value in (headers or {}).items()},
            HEADER: sign(identity, service, self._secret),
            "accept-language": language,
        }
        raw = content if content is not None else (b"" if body is None else msgspec.json.encode(body))
        return await self._hop(service, method, path + _query_string(query), sent, raw)

    async def _hop(self, service: str, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """Send it as a part of the trace at hand, and measure how long the service takes."""
        attributes = {"peer.service": service, "http.request.method": method}
        with telemetry.span(f"{method} {service}", Kind.CLIENT, tracing.current(), attributes) as span:
            try:
                with metrics.HOP_SECONDS.labels(service).time():
                    answer = await self._transport.send(
                        service, method, target, {**headers, **span.trace.headers()}, content
                    )
            except Unavailable as error:
                metrics.HOP_FAILURES.labels(service).inc()
                log.warning("%s cannot be reached (%s)", service, type(error.__cause__).__name__)
                raise
            span.note({"http.response.status_code": answer.status})
            return answer

    async def close(self) -> None:
        """Let go of connections."""
        await self._transport.close()


def _query_string(query: Mapping[str, Any] | None) -> str:
    pairs = {name: value for name, value in (query or {}).items() if value not in (None, "", [])}
    return "?" + urlencode(pairs, doseq=True) if pairs else ""


class InProcess:
    """Calls the ASGI apps of services that live in this process."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps

    async def send(self, service: str, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """See Transport."""
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
            "client": ("gateway", 0),
            "server": (service, 80),
            "state": {},
        }
        return await _call(self._apps[service], scope, content)

    async def close(self) -> None:
        """Nothing to let go of."""


async def _call(app: ASGIApp, scope: dict[str, Any], content: bytes) -> Answer:
    sent = False
    status, headers, chunks = 500, dict[str, str](), list[bytes]()

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in message.get("headers", ())}
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app(scope, receive, send)
    return Answer(status, headers, b"".join(chunks))


class OverHttp:
    """Reaches services that run elsewhere; `urls` maps service names to base URLs."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls
        self._session: aiohttp.ClientSession | None = None

    async def send(self, service: str, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """See Transport."""
        import aiohttp
        from yarl import URL

        if self._session is None:
            # As many for each service, not for all together: one that answers nobody would hold up the others.
            connector = aiohttp.TCPConnector(limit=0, limit_per_host=MOST_CONNECTIONS)
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        url = URL(self._urls[service] + target, encoded=True)
        try:
            async with self._session.request(
                method, url, data=content, headers=dict(headers), allow_redirects=False
            ) as response:
                body = await response.read()
                return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable from error

    async def close(self) -> None:
        """Close the connection pool."""
        if self._session is not None:
            await self._session.close()


def segment(value: str) -> str:
    """`value` quoted as one segment of a path."""
    return quote(value, safe="")
