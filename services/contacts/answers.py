"""Answers that save their reader a download: an ETag over the content, and 304 when the reader has it already."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from starlette.responses import Response

from infra.web.api import Call


def conditional(call: Call, value: Any) -> Response:
    """`value` as JSON with a weak ETag of its content; 304 without a body when `If-None-Match` names it."""
    content = msgspec.json.encode(value)
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:24]}"'
    known = [part.strip() for part in call.request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers={"etag": tag})
    return Response(content, headers={"etag": tag}, media_type="application/json")
