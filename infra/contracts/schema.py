"""JSON Schema of the contracts' dataclasses, so that others than us can check what they receive.

Unknown fields are allowed on purpose: fields are added without a new version.
"""

from __future__ import annotations

import types
from dataclasses import MISSING, Field, fields, is_dataclass
from inspect import cleandoc
from typing import Any, Union, get_args, get_origin, get_type_hints

Schema = dict[str, Any]
_PLAIN: dict[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    types.NoneType: {"type": "null"},
    Any: {},
}


def schema_of(contract: type) -> Schema:
    """The JSON Schema of a dataclass; nested ones are written out in place."""
    hints = get_type_hints(contract)
    listed = _fields(contract)
    schema: Schema = {
        "type": "object",
        "description": description_of(contract),
        "properties": {each.name: {**_type(hints[each.name]), **_default(each)} for each in listed},
    }
    required = [each.name for each in listed if _is_required(each)]
    if required:
        schema["required"] = required
    return schema


def description_of(contract: type) -> str:
    """What the contract's docstring says."""
    return cleandoc(contract.__doc__ or "")


def _fields(contract: type) -> tuple[Field[Any], ...]:
    if not is_dataclass(contract):
        raise TypeError(f"{contract} is no dataclass")
    return fields(contract)


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _default(field: Field[Any]) -> Schema:
    if field.default is not MISSING:
        return {"default": field.default}
    if field.default_factory is not MISSING:
        return {"default": field.default_factory()}
    return {}


def _type(hint: Any) -> Schema:
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_type(argument) for argument in arguments]}
    if origin is list:
        return {"type": "array", "items": _type(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(arguments[1])}
    return schema_of(hint)
