"""The ways on from a page of a list: back to its beginning, and to the entries after it."""

from __future__ import annotations

from typing import Any

from gateway.visit import Part, Visit


def steps(visit: Visit, found: Part, path: str, **chosen: str) -> dict[str, Any]:
    """The addresses `start` and `following` of a list with these filters; "" where there is none."""
    following = found.value["next"] if found.ok else None
    return {
        "start": visit.url(path, **chosen) if visit.query("cursor") else "",
        "following": visit.url(path, **chosen, cursor=following) if following else "",
    }
