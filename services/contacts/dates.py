"""Dates as exact as known: "2026", "2026-03" or "2026-03-31", and the days they reach from and to."""

from __future__ import annotations

import calendar
import re
from datetime import date

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def first_day(text: str) -> date | None:
    """The first day of what `text` names; None when it is not such a date."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None


def last_day(text: str) -> date | None:
    """The last day of what `text` names; None when it is not such a date."""
    first = first_day(text)
    if first is None or len(text) == 10:
        return first
    month = 12 if len(text) == 4 else first.month
    return date(first.year, month, calendar.monthrange(first.year, month)[1])
