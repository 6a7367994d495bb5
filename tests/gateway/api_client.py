"""A program that uses the public API of a world: JSON in and out, with the token of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2

from tests.gateway.world import ORIGIN, PASSWORD, World


@dataclass
class Program:
    """Calls below `/api/v1`; `token` "" is nobody."""

    http: httpx2.AsyncClient
    token: str = ""

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx2.Response:
        """One call; `body` goes as JSON."""
        headers = {**({"authorization": f"Bearer {self.token}"} if self.token else {}), **options.pop("headers", {})}
        return await self.http.request(method, f"/api/v1{path}", json=body, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        """GET."""
        return await self.call("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> httpx2.Response:
        """POST."""
        return await self.call("POST", path, body, **options)

    async def patch(self, path: str, body: Any, etag: str = "", **options: Any) -> httpx2.Response:
        """PATCH, with `If-Match` when an ETag is given."""
        headers = {**({"if-match": etag} if etag else {}), **options.pop("headers", {})}
        return await self.call("PATCH", path, body, headers=headers, **options)

    async def signed_in(self, email: str) -> Program:
        """The same program with the token of a person."""
        answer = await self.post("/session", {"email": email, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return Program(self.http, answer.json()["token"])


def program_of(world: World) -> Program:
    """A program that is nobody yet."""
    return Program(httpx2.AsyncClient(transport=httpx2.ASGITransport(app=world.gateway), base_url=ORIGIN))


def problem(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """The problem in an answer that must be one with this status."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.headers
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    return body


def fields(answer: httpx2.Response, status: int = 422) -> set[str]:
    """The names of the fields that a problem complains about."""
    return {item["field"] for item in problem(answer, status)["fields"]}
