"""Errors as `application/problem+json` (RFC 9457), in the reader's language, with a list of fields."""

from __future__ import annotations

import re

import msgspec
from starlette.responses import Response

from infra import tracing
from infra.errors import FieldError, Invalid, LotseError, Text

MEDIA_TYPE = "application/problem+json"
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]+)`")

_EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`")
_NO_DAY = "Invalid RFC3339 encoded date"
_GERMAN_TYPES = {
    "str": "Text",
    "int": "eine ganze Zahl",
    "float": "eine Zahl",
    "bool": "wahr oder falsch",
    "array": "eine Liste",
    "object": "ein Objekt",
    "null": "nichts (null)",
}


class FieldProblem(msgspec.Struct, frozen=True):
    """One field and what to do about it."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """The body of every error answer. `correlation_id` is what the operator finds the request by."""

    type: str
    title: str
    status: int
    code: str
    correlation_id: str
    fields: list[FieldProblem] = []


def problem(error: LotseError, language: str) -> Problem:
    """The problem body of an error in `language`."""
    fields = [FieldProblem(item.field, item.text.get(language)) for item in error.fields]
    return Problem(
        type=f"urn:lotse:problem:{error.code}",
        title=error.text.get(language),
        status=error.status,
        code=error.code,
        correlation_id=tracing.current().correlation_id,
        fields=fields,
    )


def problem_response(error: LotseError, language: str) -> Response:
    """The HTTP answer for an error."""
    headers = {"content-language": "en" if language.startswith("en") else "de"}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    if error.status == 429:
        headers["retry-after"] = "60"
    return Response(msgspec.json.encode(problem(error, language)), error.status, headers, media_type=MEDIA_TYPE)


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
    return Invalid(fields=[FieldError(path or "body", _wrong_form(reason))])


def _wrong_form(reason: str) -> Text:
    """The sentence for a value of the wrong type; other reasons are quoted as msgspec gives them."""
    if reason == _NO_DAY:
        return Text("Hier wird ein Tag erwartet, zum Beispiel 2031-05-17.", "Expected a day, for example 2031-05-17.")
    types = _EXPECTED.search(reason)
    if types is None:
        return Text(f"Diese Angabe hat die falsche Form ({reason}).", f"This has the wrong form ({reason}).")
    wanted = [name.strip() for name in types["wanted"].split("|")]
    german = " oder ".join(_GERMAN_TYPES.get(name, name) for name in wanted)
    got = _GERMAN_TYPES.get(types["got"], types["got"])
    return Text(
        f"Hier wird {german} erwartet, gekommen ist {got}.",
        f"Expected {' or '.join(wanted)}, got {types['got']}.",
    )
