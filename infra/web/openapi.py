"""The OpenAPI 3.1 description of a service, read from its route table and the msgspec types it names.

Every service serves its own at `/openapi.json`; the gateway composes the public one from them. Since the same
types read and write the real requests, the description cannot drift from what the service does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from infra.web.api import Api, Operation
from infra.web.identity import HEADER
from infra.web.problems import MEDIA_TYPE, Problem

VERSION = "3.1.0"
REF = "#/components/schemas/"
_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
_PROBLEMS = {
    "400": "The request cannot be read",
    "401": "Nobody is signed in",
    "403": "The person may not do this",
    "404": "There is no such thing, or the person may not know of it",
    "409": "The thing is in a state that does not allow this",
    "412": "Somebody else changed the thing meanwhile (`If-Match` is stale)",
    "413": "The body is too large",
    "422": "Fields break a rule; `fields` says which",
    "428": "`If-Match` is missing",
}

Document = dict[str, Any]


def describe(api: Api, version: str = "1") -> Document:
    """The whole OpenAPI document of `api`."""
    schemas = _Schemas(api.operations)
    paths: dict[str, Document] = {}
    for operation in api.operations:
        path = _PARAMETER.sub(r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": VERSION,
        "info": {"title": api.title, "version": version},
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"identity": {"type": "apiKey", "in": "header", "name": HEADER}},
        },
        "security": [{"identity": []}],
    }


class _Schemas:
    """JSON schemas of all types that the operations name, each component once."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        kinds = [kind for operation in operations for kind in (operation.body, operation.returns) if kind is not None]
        named = list(dict.fromkeys([Problem, *kinds]))
        references, self.components = msgspec.json.schema_components(named, ref_template=REF + "{name}")
        self._references = dict(zip(named, references, strict=True))

    def of(self, kind: Any) -> Document:
        """The schema of a body or an answer, a reference where it has a name."""
        reference: Document = self._references[kind]
        return reference

    def query(self, kind: type[msgspec.Struct]) -> Document:
        """The object schema whose properties are the query parameters; it gets no component of its own."""
        (reference,), components = msgspec.json.schema_components((kind,), ref_template=REF + "{name}")
        described: Document = components.pop(reference["$ref"].removeprefix(REF))
        self.components.update(components)
        return described


def _operation(operation: Operation, schemas: _Schemas) -> Document:
    described: Document = {
        "operationId": operation_id(operation.method, operation.path),
        "summary": operation.summary,
        "parameters": [*_path_parameters(operation), *_query_parameters(operation, schemas), *_if_match(operation)],
        "responses": _responses(operation, schemas),
    }
    if operation.endpoint.__doc__:
        described["description"] = operation.endpoint.__doc__.strip()
    if operation.body is not None:
        content = {"application/json": {"schema": schemas.of(operation.body)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def operation_id(method: str, path: str) -> str:
    """A name that is unique by its making: method and path as one word, `postOffersSlugPublish`."""
    words = re.findall(r"[A-Za-z0-9]+", _PARAMETER.sub(r"\1", path))
    return method.lower() + "".join(word[0].upper() + word[1:] for word in words)


def _path_parameters(operation: Operation) -> list[Document]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(operation.path)
    ]


def _query_parameters(operation: Operation, schemas: _Schemas) -> list[Document]:
    if operation.query is None:
        return []
    described = schemas.query(operation.query)
    required = described.get("required", [])
    parameters = []
    for name, schema in described["properties"].items():
        parameter: Document = {"name": name, "in": "query", "required": name in required, "schema": schema}
        if schema.get("type") == "array":
            parameter["description"] = "May be repeated, or several values joined by commas."
        parameters.append(parameter)
    return parameters


def _if_match(operation: Operation) -> list[Document]:
    if not _is_guarded(operation):
        return []
    text = "The ETag that was read last; nobody's change is overwritten unseen."
    return [{"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}, "description": text}]


def _is_guarded(operation: Operation) -> bool:
    return operation.method == "PATCH" and operation.guarded


def _responses(operation: Operation, schemas: _Schemas) -> Document:
    status = 204 if operation.returns is None and operation.status == 200 else operation.status
    done: Document = {"description": operation.summary}
    if operation.returns is not None:
        done["content"] = {"application/json": {"schema": schemas.of(operation.returns)}}
    problems = {code: problem_answer(_PROBLEMS[code]) for code in _possible_problems(operation)}
    return {str(status): done, **problems, "default": problem_answer("Any other problem")}


def _possible_problems(operation: Operation) -> list[str]:
    codes = {"401"}
    if operation.body is not None:
        codes |= {"400", "413", "422"}
    if operation.query is not None:
        codes |= {"422"}
    if "{" in operation.path:
        codes |= {"404"}
    if operation.method != "GET":
        codes |= {"403", "409"}
    if _is_guarded(operation):
        codes |= {"412", "428"}
    return sorted(codes)


def problem_answer(description: str) -> Document:
    """The description of an error answer."""
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": REF + "Problem"}}}}


def references(value: Any) -> set[str]:
    """The names of all component schemas that `value` refers to, directly."""
    if isinstance(value, Mapping):
        found = {value["$ref"].removeprefix(REF)} if isinstance(value.get("$ref"), str) else set()
        return found.union(*(references(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(references(item) for item in value))
    return set()
