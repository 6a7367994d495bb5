"""Texts that Lotse writes itself, and who manages a space."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.forum.domain import (
    QUOTE_MAX,
    escaped,
    manages,
    offer_body,
    quote,
    topic_slug,
    visible_to,
    withdrawn_body,
)
from tests.services.forum.world import offer_published

SPACE = UUID("01900000-0000-7000-8000-0000deadbeef")


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2026-03-01", "2026-06-30", "01.03.2026 – 30.06.2026"),
        ("2026-03-01", "", "ab 01.03.2026"),
        ("", "2026-06-30", "bis 30.06.2026"),
        ("2026", "", "ab 2026"),
    ],
)
def test_the_period_is_written_as_germans_write_it(start: str, end: str, shown: str) -> None:
    assert f"**Zeitraum:** {shown}" in offer_body(offer_published("a", valid_from=start, valid_to=end))


def test_what_is_unknown_is_left_out() -> None:
    body = offer_body(offer_published("a", title_en="Job training"))
    assert "Zeitraum" not in body
    assert "Anbieter" not in body
    assert "**Job training**" in body


def test_a_long_quotation_is_cut() -> None:
    text = quote("Wort " * 1000, 7, "thema")
    assert text.splitlines()[0] == "> [Beitrag 7](/forum/themen/thema#beitrag-7):"
    assert text.rstrip().endswith("…")
    assert len(text) < QUOTE_MAX + 100


def test_withdrawing_twice_says_it_once() -> None:
    once = withdrawn_body("Text")
    assert withdrawn_body(once) == once


def test_a_slug_has_words_or_a_stand_in() -> None:
    assert topic_slug("Größe & Maß", SPACE) == "groesse-mass-deadbeef"
    assert topic_slug("你好", SPACE) == "thema-deadbeef"


def test_escaped_words_are_one_line_without_markup() -> None:
    assert escaped("*a*\n# b\x07 [c](d)") == r"\*a\* \# b \[c\]\(d\)"


def test_only_open_spaces_are_public() -> None:
    assert visible_to("open", SPACE) == "public"
    assert visible_to("transparent", SPACE) == visible_to("closed", SPACE) == str(SPACE)


def test_managers_are_coordinators_of_the_network_moderators_and_admins() -> None:
    assert manages({"coordinator"}, {"nord"}, "nord")
    assert manages({"moderator"}, set(), "nord")
    assert manages({"admin"}, set(), "nord")
    assert not manages({"coordinator"}, {"ost"}, "nord")
    assert not manages({"member", "editor"}, {"nord"}, "nord")
