"""Cursors come back as what they were made from, and anything else is refused at the field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from infra.errors import Invalid
from infra.web.cursors import MomentKey, decode_cursor, encode_cursor, moment_key, moment_of

LAST = UUID("01900000-0000-7000-8000-000000000000")


def test_a_cursor_comes_back_exactly() -> None:
    moment = datetime(2026, 11, 22, 4, 5, 6, 789_001, tzinfo=UTC)
    cursor = encode_cursor((moment_key(moment), "Größe", LAST))
    assert cursor.isascii()
    key, name, last = decode_cursor(cursor, tuple[MomentKey, str, UUID])
    assert (moment_of(key), name, last) == (moment, "Größe", LAST)


@pytest.mark.parametrize(
    "cursor",
    ["x", "é", "!!!!", "W10", "a" * 3000, encode_cursor([1]), encode_cursor(["a", 1]), encode_cursor([-1, LAST])],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode_cursor(cursor, tuple[MomentKey, UUID])
    assert [error.field for error in caught.value.fields] == ["cursor"]


@pytest.mark.parametrize("key", [["\x00"], [10**17]])
def test_what_no_database_takes_is_refused(key: list[Any]) -> None:
    kind: Any = tuple[str] if isinstance(key[0], str) else tuple[MomentKey]
    with pytest.raises(Invalid):
        decode_cursor(encode_cursor(key), kind)
