"""What happens before and after every page: headers from outside stripped, the language taken off the path,
requests from foreign sites refused, and the headers that tell the browser what this site may do.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import i18n
from gateway.sessions import API_PREFIX
from gateway.visit import Site
from infra.errors import Forbidden, Text

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
ONE_CLICK_PREFIXES = (
    "/newsletter/abmelden/",
    "/suche/meldung/stoppen/",
    "/konto/meldung/stoppen/",
    "/konto/mitteilungen/abstellen/",
)
FOREIGN = Text(
    "Diese Eingabe kam von einer fremden Seite und wurde nicht ausgeführt. Bitte öffnen Sie das Formular bei uns.",
    "This input came from another site and was not carried out. Please open the form on our site.",
)


LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
NOT_OUR_NAME = (
    "Die Vorführung antwortet nur unter ihrer eigenen Adresse auf diesem Rechner.\n"
    "The demo answers only at its own address on this machine.\n"
)


class Entrance:
    """Takes what only we may say off the request, and the language off its path.

    The demo's passwords are public and it listens only on this machine; a foreign page whose name was made to point
    at this machine (DNS rebinding) would still be let in by the reader's browser, so the demo asks for its own name.
    """

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http":
            if self.site.settings.demo and not self._called_by_our_name(Request(scope)):
                await PlainTextResponse(NOT_OUR_NAME, 421)(scope, receive, send)
                return
            language, path = i18n.split(scope["path"])
            scope = {
                **scope,
                "path": path,
                "headers": [(name, value) for name, value in scope["headers"] if not name.startswith(b"lotse-")],
                "lotse_site": self.site,
                "lotse_language": language,
            }
        await self.app(scope, receive, send)

    def _called_by_our_name(self, request: Request) -> bool:
        host = request.headers.get("host", "").lower()
        own = urlsplit(self.site.settings.base_url).netloc.lower()
        return host == own or re.sub(r":\d*$", "", host) in LOOPBACK


class SecurityHeaders:
    """Sets the headers above on every answer that has not chosen its own."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self.app = app
        self.headers = dict(HEADERS)
        if https:
            self.headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store" if b"cookie" in dict(scope["headers"]) else "no-cache")
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def check_origin(request: Request) -> None:
    """Raises Forbidden when a browser says that a state-changing request was made by a foreign site.

    A program that sends neither header carries no cookie by itself; it is left to the form token. The API knows no
    cookies, and the one-click unsubscribe (RFC 8058) is posted by mail providers: both are exempt.
    """
    path = request.scope["path"]
    if request.method in SAFE_METHODS or path.startswith((API_PREFIX, *ONE_CLICK_PREFIXES)):
        return
    said = request.headers.get("sec-fetch-site", "")
    origin = request.headers.get("origin")
    foreign = said not in ("same-origin", "none") if said else origin is not None and not _is_ours(request, origin)
    if foreign:
        raise Forbidden(FOREIGN)


def _is_ours(request: Request, origin: str) -> bool:
    """Whether an origin is this host, as it was asked or as the installation is called behind its proxy."""
    site: Site = request.scope["lotse_site"]
    return urlsplit(origin).netloc in {request.headers.get("host"), urlsplit(site.settings.base_url).netloc} - {""}
