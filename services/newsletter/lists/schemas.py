"""The request to take over a list, and the report of it, row by row."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

State = Literal["new", "known", "suppressed", "repeated", "wrong"]


class ListRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A CSV file as text. `name` is the file's; `skip_wrong` takes the good rows although others are wrong."""

    csv: str
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    dry_run: bool = True
    skip_wrong: bool = False


class RowReport(msgspec.Struct):
    """What becomes of one row, and for a wrong one why."""

    line: int
    address: str
    state: State
    problems: list[str] = []


class ListReport(msgspec.Struct):
    """What an import did or, as a dry run, would do; `taken` says whether anything was stored."""

    taken: bool
    dry_run: bool
    new: int
    known: int
    suppressed: int
    repeated: int
    wrong: int
    rows: list[RowReport]
