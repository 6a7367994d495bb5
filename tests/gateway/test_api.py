"""The public API as a whole: its description, unknown addresses and methods, other origins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.api.__main__ import document_text
from gateway.api.compose import Unknown, compose
from gateway.api.routes import ROUTES, public_location
from tests.gateway.api_client import Program, problem
from tests.gateway.world import MEMBER

CHECKED_IN = Path(__file__).parents[2] / "docs" / "openapi.yaml"


async def test_description_is_valid_and_complete(api: Program) -> None:
    answer = await api.get("/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    assert document["openapi"] == "3.1.0"
    assert not list(OpenAPIV31SpecValidator(document).iter_errors())
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert described == {(route.method, route.path) for route in ROUTES}
    hit = document["components"]["schemas"]["search.Hit"]
    assert "url" in hit["required"]


async def test_checked_in_description_is_current() -> None:
    assert CHECKED_IN.read_text(encoding="utf-8") == await document_text(), "run: make docs"


def test_a_route_without_operation_is_noticed() -> None:
    empty: dict[str, Any] = {"paths": {}, "components": {"schemas": {}}}
    with pytest.raises(Unknown, match="contacts has no POST /sessions"):
        compose(dict.fromkeys(("contacts", "search", "forum", "newsletter"), empty))


def test_locations_become_public_addresses() -> None:
    assert public_location("contacts", "/offers/start-deutsch") == "/api/v1/offers/start-deutsch"
    assert public_location("forum", "/offers/start-deutsch") is None
    assert public_location("contacts", "/sessions/1") is None
    assert public_location("contacts", "") is None


async def test_every_public_address_answers(api: Program) -> None:
    for route in ROUTES:
        answer = await api.call(route.method, route.path.replace("{id}", "gibt-es-nicht"))
        assert answer.status_code not in (405, 500, 503), f"{route.method} {route.path}: {answer.text}"
        if answer.status_code >= 400:
            problem(answer, answer.status_code)


@pytest.mark.parametrize("path", ["/keins", "/offers/a/b", "/sessions/resolve", "/me/sessions", "/one-click/x"])
async def test_what_is_not_public_does_not_exist(api: Program, path: str) -> None:
    answer = await api.http.get(f"/api/v1{path}", follow_redirects=True)
    assert problem(answer, 404)["code"] == "not-found"


async def test_the_address_of_the_api_leads_to_its_description(api: Program) -> None:
    for path in ("", "/"):
        answer = await api.http.get(f"/api/v1{path}", follow_redirects=True)
        assert answer.json()["openapi"] == "3.1.0"


async def test_wrong_methods_are_told_which_there_are(api: Program) -> None:
    refused = await api.call("PUT", "/offers", {})
    assert problem(refused, 405)["code"] == "method-not-allowed"
    assert {"GET", "POST"} <= set(refused.headers["allow"].split(", "))
    problem(await api.call("DELETE", "/regions/landkreis-harz"), 405)


async def test_head_and_options(api: Program) -> None:
    head = await api.call("HEAD", "/regions/landkreis-harz")
    assert head.status_code == 200
    options = await api.call("OPTIONS", "/offers")
    assert options.status_code == 204
    assert options.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert (await api.call("OPTIONS", "/session")).headers["allow"] == "DELETE, OPTIONS, POST"


async def test_answers_to_a_person_are_kept_by_nobody(api: Program) -> None:
    person = await api.signed_in(MEMBER)
    assert (await person.get("/spaces")).headers["cache-control"] == "no-store"
    public = await api.get("/spaces")
    assert public.headers["cache-control"] == "no-cache"
    assert public.headers["vary"].startswith("Accept-Language, Authorization")


async def test_other_origins_may_read_without_credentials_and_nothing_else(api: Program) -> None:
    origin = {"origin": "https://anderswo.example"}
    read = await api.get("/offers", headers=origin)
    assert read.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in read.headers
    asked = await api.call("OPTIONS", "/offers", headers={**origin, "access-control-request-method": "POST"})
    assert asked.headers["access-control-allow-methods"] == "GET, HEAD"
    assert "authorization" not in asked.headers["access-control-allow-headers"].lower()
    written = await api.post("/offers", {}, headers=origin)
    assert "access-control-allow-origin" not in written.headers
    assert "access-control-allow-origin" not in (await api.call("OPTIONS", "/session", headers=origin)).headers


NESTED = b'{"x":' + b"[" * 200_000 + b"]" * 200_000 + b"}"


@pytest.mark.parametrize(("content", "status"), [(b'{"email":"\xff"}', 400), (NESTED, 422), (b"{" * 100_000, 400)])
async def test_a_sign_in_that_nobody_can_read_is_refused(api: Program, content: bytes, status: int) -> None:
    answer = await api.http.post("/api/v1/session", content=content, headers={"content-type": "application/json"})
    problem(answer, status)
