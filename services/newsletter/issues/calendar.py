"""The quarters of issues, by the days of Europe/Berlin."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")


def today(now: datetime) -> date:
    """The day it is for the editors."""
    return now.astimezone(ZONE).date()


def quarter_of(day: date) -> str:
    """The quarter of a day, as "2026-Q4"."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def proposal_day(quarter: str) -> date:
    """The day on which the draft of a quarter ("2026-Q4") is proposed: the first one of its last month."""
    year, _, number = quarter.partition("-Q")
    return date(int(year), int(number) * 3, 1)
