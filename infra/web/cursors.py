"""Cursors of paged lists: the sort key of the last entry shown, opaque to clients and checked on the way back in.

    next = encode_cursor((topic.last_post_at, topic.id))
    after = decode_cursor(query.cursor, tuple[datetime, UUID])

A keyset instead of an offset: a page costs the same at any depth, and nothing shifts when entries are added.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, TypeVar

import msgspec

from infra.errors import FieldError, Invalid, Text

K = TypeVar("K")
_MAX_LENGTH = 1000
_UNKNOWN = Text(
    "Diese Seitenmarke kennt Lotse nicht. Bitte beginnen Sie bei der ersten Seite.",
    "Lotse does not know this cursor. Please begin at the first page.",
)


def encode_cursor(key: Any) -> str:
    """The cursor that stands behind the entry with this sort key (anything msgspec can write as JSON)."""
    return urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_cursor(cursor: str, kind: type[K]) -> K:
    """The sort key in `cursor`, of type `kind`.

    Raises:
        Invalid: with the field `cursor`, when it is not a cursor of such a list.
    """
    try:
        if len(cursor) > _MAX_LENGTH:
            raise ValueError("too long")
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=kind)
    except ValueError as error:  # what base64, ASCII and msgspec raise are all ValueErrors
        raise Invalid(fields=[FieldError("cursor", _UNKNOWN)]) from error
