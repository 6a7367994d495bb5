"""Static files, held in memory and served under an address that names their content.

The address holds one hash over all files, so that relative links inside style sheets stay valid and browsers
may keep everything for a year. Text is compressed once at start; pages are not, since a compressed page with a
form token in it would leak the token by its length.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.errors import NotFound

STATIC = Path(__file__).parent / "static"
_TEXT = {".css", ".js", ".svg", ".txt"}
_TYPES = {".css": "text/css", ".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One file: its bytes, the same compressed (b"" where that does not pay), its media type."""

    content: bytes
    compressed: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """All static files by their path below `static/`."""
    return {path.relative_to(STATIC).as_posix(): _load(path) for path in sorted(STATIC.rglob("*")) if path.is_file()}


def _load(path: Path) -> Asset:
    content = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
    compressed = gzip.compress(content, 9, mtime=0) if path.suffix in _TEXT else b""
    return Asset(content, compressed, media_type)


@cache
def version() -> str:
    """The hash that stands in the addresses of this set of files."""
    digest = hashlib.sha256()
    for path, asset in assets().items():
        digest.update(path.encode() + b"\0" + asset.content)
    return digest.hexdigest()[:12]


def url(path: str) -> str:
    """The address of a static file. KeyError: there is none of this name."""
    assets()[path]
    return f"/static/{version()}/{path}"


async def _serve(request: Request) -> Response:
    asset = assets().get(request.path_params["path"])
    if asset is None:
        raise NotFound
    # A page of the version before or after this one may still ask here during an upgrade: answered, but not kept.
    current = request.path_params["version"] == version()
    headers = {"cache-control": "public, max-age=31536000, immutable" if current else "no-cache"}
    content = asset.content
    if asset.compressed:
        headers["vary"] = "accept-encoding"
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            content = asset.compressed
    return Response(content, headers=headers, media_type=asset.media_type)


async def _favicon(_request: Request) -> Response:
    return Response(
        assets()["favicon.svg"].content, headers={"cache-control": "public, max-age=86400"}, media_type="image/svg+xml"
    )


async def _robots(_request: Request) -> Response:
    return Response(assets()["robots.txt"].content, media_type="text/plain")


def static_routes() -> list[Route]:
    """The routes of static files."""
    return [
        Route("/static/{version}/{path:path}", _serve),
        Route("/favicon.ico", _favicon),
        Route("/robots.txt", _robots),
    ]
