"""Writes tables as CSV for spreadsheets: UTF-8 with a mark, semicolons as in Germany, and nothing runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

MEDIA_TYPE = "text/csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet calculate instead of show


def write(rows: Iterable[Sequence[str | int]]) -> bytes:
    """The rows, the first being the headings; numbers stay numbers."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([_shown(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _shown(cell: str | int) -> str | int:
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
