"""The public OpenAPI 3.1 document, composed from what the services say of themselves.

Only the operations of the route table are taken, with the schemas they need; each schema bears the name of its
service before its own, so that two services may use the same word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gateway.api.examples import BODIES, PARAMETERS
from gateway.api.routes import PREFIX, ROUTES, SEARCH, SESSION_CLOSE, Public
from infra.web.openapi import REF, VERSION, Document, operation_id, problem_answer, references

_PARAMETER = re.compile(r"{\w+}")
_SHARED = "Problem"
_INTRODUCTION = """\
Everything that Lotse's pages show and do, for other programs. Public data needs no sign-in; `POST /session` gives
a token for the rest. Lists are paged by an opaque `next`, errors are `application/problem+json` in the language of
`Accept-Language` (German or English), and what several people may change is never overwritten unseen: `PATCH` needs
`If-Match` with the `ETag` that was read. A thing is addressed by its `id` or its `slug`.

Search alerts without an account take two calls: `POST /saved-searches` keeps the search, `POST /alerts` orders mails
about it to an address, whose owner confirms by the link in the first of them. Kept searches that nobody confirms are
forgotten after a week.
"""


class Unknown(LookupError):
    """The route table names an operation that its service does not have."""


def compose(documents: Mapping[str, Document]) -> Document:
    """The public document from those of the services, by service name. Raises Unknown for a route without operation."""
    paths: dict[str, Document] = {}
    schemas: dict[str, Document] = {}
    for route in ROUTES:
        document = documents[route.service]
        operation = _operation(route, document)
        _collect(route.service, references(operation), document, schemas)
        paths.setdefault(route.path, {})[route.method.lower()] = _renamed(operation, route.service)
    _add_hit_address(paths, schemas)
    return {
        "openapi": VERSION,
        "info": {"title": "Lotse", "version": "1", "description": _INTRODUCTION},
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Public, document: Document) -> Document:
    """The service's description of the operation behind `route`, told as the public sees it."""
    found = next((path for path in document["paths"] if _shape(path) == _shape(route.target)), "")
    method = route.service_method.lower()
    if method not in document["paths"].get(found, {}):
        raise Unknown(f"{route.service} has no {route.service_method} {route.target}")
    operation = {
        **document["paths"][found][method],
        "operationId": operation_id(route.method, route.path),
        "tags": [route.service],
        "security": [{"bearer": []}] if route is SESSION_CLOSE else [{}, {"bearer": []}],
    }
    if route is SESSION_CLOSE:
        operation.pop("requestBody", None)
    operation["parameters"] = _with_public_names(operation["parameters"], route)
    _add_examples(operation, route)
    if route.rate:
        operation["responses"] = {**operation["responses"], "429": problem_answer("Too many attempts")}
    return operation


def _add_examples(operation: Document, route: Public) -> None:
    """Show how a costly or many-sided operation is called."""
    key = f"{route.method} {route.path}"
    operation["parameters"] = [
        {**item, "example": PARAMETERS[key][item["name"]]} if item["name"] in PARAMETERS.get(key, {}) else item
        for item in operation["parameters"]
    ]
    if key in BODIES:
        described = operation["requestBody"]["content"]["application/json"]
        content = {"application/json": {**described, "example": BODIES[key]}}
        operation["requestBody"] = {**operation["requestBody"], "content": content}


def _shape(path: str) -> str:
    return _PARAMETER.sub("{}", path)


def _with_public_names(parameters: list[Document], route: Public) -> list[Document]:
    names = iter(_PARAMETER.findall(route.path))
    return [
        {**item, "name": next(names)[1:-1], "description": "Opaque id or slug."} if item["in"] == "path" else item
        for item in parameters
    ]


def _collect(service: str, names: set[str], document: Document, schemas: dict[str, Document]) -> None:
    """Take over the named schemas and all that they refer to."""
    for name in sorted(names):
        public = _public_name(service, name)
        if public not in schemas:
            schema = document["components"]["schemas"][name]
            schemas[public] = _renamed(schema, service)
            _collect(service, references(schema), document, schemas)


def _public_name(service: str, name: str) -> str:
    return name if name in (_SHARED, "FieldProblem") else f"{service}.{name}"


def _renamed(value: Any, service: str) -> Any:
    """`value` with every reference pointing to the public name of its schema."""
    if isinstance(value, Mapping):
        return {
            key: REF + _public_name(service, item.removeprefix(REF))
            if key == "$ref" and isinstance(item, str)
            else _renamed(item, service)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_renamed(item, service) for item in value]
    return value


def _add_hit_address(paths: dict[str, Document], schemas: dict[str, Document]) -> None:
    """The gateway adds `url` to each search hit: say so in the schema of a hit."""
    answer = paths[SEARCH.path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    hit = schemas[answer.removeprefix(REF)]["properties"]["hits"]["items"]["$ref"].removeprefix(REF)
    address = {"type": "string", "format": "uri", "description": "Absolute address of the page."}
    schemas[hit] = {**schemas[hit], "properties": {**schemas[hit]["properties"], "url": address}}
    schemas[hit]["required"] = [*schemas[hit].get("required", []), "url"]
