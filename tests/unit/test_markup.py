"""Markdown of strangers: readable, and never able to act."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.markup import to_html, to_text

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://example.org/pixel.png)",
    '<a href="https://example.org" onclick="x()">x</a>',
    '[x](https://example.org "\\"onmouseover=alert(1)")',
    "<svg><script>x</script></svg>",
    "<style>body{display:none}</style>",
    "<iframe src=//example.org></iframe>",
)


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_hostile_survives(source: str) -> None:
    rendered = to_html(source).lower()
    for tag in ("<script", "<img", "<svg", "<style", "<iframe"):
        assert tag not in rendered
    for attribute in ('href="javascript', 'href="data', "<a onclick", " onmouseover="):
        assert attribute not in rendered


def test_headings_begin_below_the_page() -> None:
    assert "<h3>Eins</h3>" in to_html("# Eins")
    assert "<h6>Fünf</h6>" in to_html("##### Fünf")


def test_links_say_that_strangers_set_them() -> None:
    assert 'rel="nofollow noopener ugc"' in to_html("[Seite](https://example.org)")


def test_text_keeps_the_words_only() -> None:
    assert to_text(to_html("**Deutsch** & _Pflege_\n\n- B1 < B2")) == "Deutsch & Pflege B1 < B2"


@given(st.text(max_size=300))
def test_any_text_renders_without_scripts(source: str) -> None:
    assert "<script" not in to_html(source).lower()


def test_a_few_kilobytes_never_become_a_huge_table() -> None:
    hostile = "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n" + "|\n" * 9700
    assert "<td" not in to_html(hostile)
    assert len(to_html(hostile)) < 4 * len(hostile)
    assert to_html("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 100).count("<td>") == 200
