"""Dates as exact as known."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contacts.dates import first_day, last_day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2020-02-28", date(2020, 2, 28), date(2020, 2, 28)),
        ("2021-12", date(2021, 12, 1), date(2021, 12, 31)),
    ],
)
def test_a_date_reaches_from_its_first_to_its_last_day(text: str, first: date, last: date) -> None:
    assert (first_day(text), last_day(text)) == (first, last)


@given(st.dates(), st.sampled_from([4, 7, 10]))
def test_every_day_lies_within_its_shorter_forms(day: date, length: int) -> None:
    text = day.isoformat()[:length]
    first, last = first_day(text), last_day(text)
    assert first is not None
    assert last is not None
    assert first <= day <= last


@given(st.text(max_size=12))
def test_other_texts_are_no_dates_and_no_errors(text: str) -> None:
    assert (first_day(text) is None) == (last_day(text) is None)
