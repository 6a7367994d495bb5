"""Errors as `application/problem+json` (RFC 9457), in the reader's language, with a list of fields."""

from __future__ import annotations

import re

import msgspec
from starlette.responses import Response

from infra.errors import FieldError, Invalid, LotseError, Text

MEDIA_TYPE = "application/problem+json"
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]+)`")


class FieldProblem(msgspec.Struct, frozen=True):
    """One field and what to do about it."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """The body of every error answer."""

    type: str
    title: str
    status: int
    code: str
    fields: list[FieldProblem] = []


def problem(error: LotseError, language: str) -> Problem:
    """The problem body of an error in `language`."""
    fields = [FieldProblem(item.field, item.text.get(language)) for item in error.fields]
    return Problem(
        type=f"urn:lotse:problem:{error.code}",
        title=error.text.get(language),
        status=error.status,
        code=error.code,
        fields=fields,
    )


def problem_response(error: LotseError, language: str) -> Response:
    """The HTTP answer for an error."""
    headers = {"content-language": "en" if language.startswith("en") else "de"}
    if error.status == 429:
        headers["retry-after"] = "60"
    return Response(
        msgspec.json.encode(problem(error, language)), error.status, headers, media_type=MEDIA_TYPE
    )


def invalid_from(error: msgspec.ValidationError) -> Invalid:
    """What msgspec found wrong with the shape of the input, as an error with its field."""
    message = str(error)
    where = _PATH.search(message)
    path = where["path"] if where else ""
    reason = _PATH.sub("", message)
    missing, unknown = _MISSING.search(reason), _UNKNOWN.search(reason)
    if missing:
        name = ".".join(part for part in (path, missing["field"]) if part)
        return Invalid(fields=[FieldError(name, Text("Diese Angabe fehlt.", "This is missing."))])
    if unknown:
        name = ".".join(part for part in (path, unknown["field"]) if part)
        text = Text("Dieses Feld gibt es nicht. Bitte entfernen.", "There is no such field. Please remove it.")
        return Invalid(fields=[FieldError(name, text)])
    text = Text(f"Falsche Form: {reason}.", f"Wrong form: {reason}.")
    return Invalid(fields=[FieldError(path or "body", text)])
