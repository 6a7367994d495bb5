"""Cursors of paged lists: the sort key of the last entry shown, opaque to clients and checked on the way back in.

    next = encode_cursor((moment_key(topic.last_post_at), topic.id))
    after = decode_cursor(query.cursor, tuple[MomentKey, UUID])

A keyset instead of an offset: a page costs the same at any depth, and nothing shifts when entries are added.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

import msgspec

from infra.errors import FieldError, Invalid, Text

K = TypeVar("K")
_MAX_LENGTH = 2000
_UNKNOWN = Text(
    "Diese Seitenmarke kennt Lotse nicht. Bitte beginnen Sie bei der ersten Seite.",
    "Lotse does not know this cursor. Please begin at the first page.",
)


# Microseconds since 1970: a datetime from outside may be naive or so early that no database takes it.
MomentKey = Annotated[int, msgspec.Meta(ge=0, le=10**16)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_key(moment: datetime) -> int:
    """A point in time as part of a sort key, exact to the microsecond."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(key: int) -> datetime:
    """The point in time that `moment_key` was made from, in UTC."""
    return _EPOCH + timedelta(microseconds=key)


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
        if b"\\u0000" in raw:
            raise ValueError("NUL, which PostgreSQL has no place for")
        return msgspec.json.decode(raw, type=kind)
    except ValueError as error:  # what base64, ASCII and msgspec raise are all ValueErrors
        raise Invalid(fields=[FieldError("cursor", _UNKNOWN)]) from error
