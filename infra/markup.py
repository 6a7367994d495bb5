"""Markdown of people we do not control, as HTML that is safe to show and to mail."""

from __future__ import annotations

import html
import re

import nh3
from markdown_it import MarkdownIt

_TAGS = frozenset(
    [
        "p",
        "br",
        "strong",
        "em",
        "del",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "h3",
        "h4",
        "h5",
        "h6",
        "a",
        "hr",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
)
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_TAG = re.compile(r"<[^>]+>")
_HEADING = re.compile(r"<(/?)h([1-6])>")


# A wide head makes every following line a row as wide: 20 KB of "|" became 65,000 cells and took seconds.
_MAX_CELLS = 5_000


def _parser(*extensions: str) -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False}).enable(list(extensions))


_with_tables = _parser("table", "strikethrough")
_without_tables = _parser("strikethrough")


def to_html(text: str) -> str:
    """Sanitised HTML of Markdown `text`. Headings begin at h3, since pages and mails own h1 and h2.

    Where a table could have more than 5,000 cells, tables are left as text.
    """
    lines = text.splitlines()
    widest = max((line.count("|") for line in lines), default=0)
    markdown = _with_tables if widest * len(lines) <= _MAX_CELLS else _without_tables
    rendered = _HEADING.sub(lambda found: f"<{found[1]}h{min(int(found[2]) + 2, 6)}>", markdown.render(text))
    return nh3.clean(
        rendered, tags=set(_TAGS), attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="nofollow noopener ugc"
    )


def outlined(rendered: str, top: int) -> str:
    """Rendered HTML whose headings begin at level `top` and leave out none, whatever levels its author chose."""
    above: list[int] = []

    def renumbered(found: re.Match[str]) -> str:
        level = int(found[2])
        if not found[1]:
            above[:] = [*(other for other in above if other < level), level]
        return f"<{found[1]}h{min(top + len(above) - 1, 6)}>"

    return _HEADING.sub(renumbered, rendered)


def to_text(rendered: str) -> str:
    """The words of rendered HTML, for search, excerpts and plain-text mails; white space folded."""
    return " ".join(html.unescape(_TAG.sub(" ", rendered)).split())
