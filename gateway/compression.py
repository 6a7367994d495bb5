"""Compresses pages for visitors, who are often on a slow phone; not for people who are signed in.

The size of a compressed page tells something of what is in it. A visitor's page holds no secret; that of a signed-in
person holds a form token, which somebody who can make them send searches and watch the line could guess from sizes.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

SMALLEST = 1000
LEVEL = 5
PICTURES = "/bilder/"


class CompressForVisitors:
    """Compresses answers to requests that carry neither a cookie nor a token."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.compressing = GZipMiddleware(app, minimum_size=SMALLEST, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        personal = "cookie" in headers or "authorization" in headers
        small = scope.get("path", "").startswith(PICTURES)  # a JPEG cannot be made smaller
        await (self.app if personal or small else self.compressing)(scope, receive, send)
