"""The OpenAPI description of a service is valid and says what the route table does."""

from __future__ import annotations

from typing import Any

import msgspec
from openapi_spec_validator import OpenAPIV31SpecValidator

from infra.web.api import Api, Call
from infra.web.openapi import describe


class Colour(msgspec.Struct):
    """A colour."""

    name: str


class Thing(msgspec.Struct):
    """A thing."""

    slug: str
    colours: list[Colour] = []


class Filter(msgspec.Struct):
    """Which things."""

    colour: list[str] = []
    limit: int = 20


class Needed(msgspec.Struct):
    """A query with something that must be said."""

    q: str


def _api() -> Api:
    api = Api("things")

    async def endpoint(call: Call) -> None:
        """What it does at length."""

    api.get("/things", summary="All things", query=Filter, returns=list[Thing])(endpoint)
    api.get("/things/find", summary="Find", query=Needed, returns=Thing)(endpoint)
    api.post("/things", summary="New thing", body=Thing, returns=Thing, status=201)(endpoint)
    api.patch("/things/{slug}", summary="Change", body=Thing, returns=Thing)(endpoint)
    api.delete("/things/{slug}", summary="Remove")(endpoint)
    return api


def _described() -> dict[str, Any]:
    # A round through JSON, since that is what is served.
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(describe(_api())))
    return document


def test_description_is_valid_openapi_3_1() -> None:
    document = _described()
    assert document["openapi"] == "3.1.0"
    assert not list(OpenAPIV31SpecValidator(document).iter_errors())


def test_bodies_and_answers_refer_to_the_types_that_read_and_write_them() -> None:
    document = _described()
    create = document["paths"]["/things"]["post"]
    reference = {"$ref": "#/components/schemas/Thing"}
    assert create["requestBody"]["content"]["application/json"]["schema"] == reference
    assert create["responses"]["201"]["content"]["application/json"]["schema"] == reference
    assert document["components"]["schemas"]["Colour"]["required"] == ["name"]
    assert create["description"] == "What it does at length."


def test_query_types_become_parameters_and_leave_no_component() -> None:
    document = _described()
    parameters = {item["name"]: item for item in document["paths"]["/things"]["get"]["parameters"]}
    assert parameters["limit"]["schema"] == {"type": "integer", "default": 20}
    assert parameters["colour"]["schema"]["type"] == "array"
    assert not parameters["limit"]["required"]
    assert document["paths"]["/things/find"]["get"]["parameters"][0]["required"]
    assert "Filter" not in document["components"]["schemas"]


def test_errors_are_problems_and_changes_need_if_match() -> None:
    document = _described()
    change = document["paths"]["/things/{slug}"]["patch"]
    assert {"412", "428", "422", "404", "401"} <= change["responses"].keys()
    assert "application/problem+json" in change["responses"]["412"]["content"]
    names = {(item["in"], item["name"]) for item in change["parameters"]}
    assert names == {("path", "slug"), ("header", "If-Match")}
    assert document["paths"]["/things/{slug}"]["delete"]["responses"]["204"]


def test_every_operation_has_a_name_of_its_own() -> None:
    document = _described()
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(names) == 5
    assert "patchThingsSlug" in names
