"""Marks the words of a result that the query was about, in HTML that is safe to show.

Everything is escaped here and only `<mark>` is added, so nothing a document contains can become markup.
"""

from __future__ import annotations

import html
from collections.abc import Collection
from dataclasses import dataclass

from services.search.domain import Document
from services.search.language.analysis import Analyzer, stem, surfaces
from services.search.language.understanding import Plan

EXCERPT_LETTERS = 240
READ_LETTERS = 8_000
_LEAD = 60


@dataclass(frozen=True)
class Marked:
    """Title and an excerpt of the text, as HTML; `stems` are all that occur in both."""

    title: str
    text: str
    stems: frozenset[str]


@dataclass(frozen=True)
class _Place:
    start: int
    end: int
    stems: frozenset[str]


class Highlighter:
    """Highlights for the results of one plan."""

    def __init__(self, plan: Plan, analyzer: Analyzer, *, loose: bool) -> None:
        self._wordings = [
            frozenset(wording.stems)
            for concept in plan.concepts
            for wording in (*concept.wordings, *(concept.loose if loose else ()))
            if wording.stems
        ]
        self._analyzer = analyzer

    def mark(self, document: Document, title: str, summary: str) -> Marked:
        """Title and excerpt of a document; without a match the excerpt is the summary's beginning."""
        text = document.text[:READ_LETTERS]
        in_title, in_text = self._places(title), self._places(text)
        there = frozenset(item for place in (*in_title, *in_text) for item in place.stems)
        wanted = {item for wording in self._wordings if wording <= there for item in wording}
        matched = [place for place in in_text if place.stems & wanted]
        if not matched:
            return Marked(_marked(title, in_title, wanted), html.escape(_cut(summary or text)), there)
        start, end = _window(text, matched)
        excerpt = _marked(text[start:end], [_moved(place, start) for place in matched if place.end <= end], wanted)
        return Marked(
            _marked(title, in_title, wanted),
            ("… " if start else "") + excerpt + (" …" if end < len(document.text) else ""),
            there,
        )

    def _places(self, text: str) -> list[_Place]:
        return [
            _Place(found.start(), found.end(), frozenset((stem(found[0]), *self._analyzer.parts(found[0]))))
            for found in surfaces(text)
        ]


def _marked(text: str, places: Collection[_Place], wanted: Collection[str]) -> str:
    pieces: list[str] = []
    done = 0
    for place in places:
        if place.start >= done and place.stems & frozenset(wanted):
            pieces += [html.escape(text[done : place.start]), "<mark>", html.escape(text[place.start : place.end])]
            pieces.append("</mark>")
            done = place.end
    return "".join(pieces) + html.escape(text[done:])


def _window(text: str, matched: list[_Place]) -> tuple[int, int]:
    """The stretch of the text with the most different matched words, from word to word."""
    best = max(matched, key=lambda first: len({item for place in _within(first, matched) for item in place.stems}))
    start = max(0, best.start - _LEAD)
    if len(text) <= EXCERPT_LETTERS:
        start = 0
    elif start:
        start = text.find(" ", start, best.start) + 1 or best.start
    end = start + EXCERPT_LETTERS
    if end >= len(text):
        return start, len(text)
    return start, max(text.rfind(" ", start, end), best.end)


def _within(first: _Place, matched: list[_Place]) -> list[_Place]:
    return [place for place in matched if first.start <= place.start < first.start + EXCERPT_LETTERS - _LEAD]


def _moved(place: _Place, start: int) -> _Place:
    return _Place(place.start - start, place.end - start, place.stems)


def _cut(text: str) -> str:
    return text if len(text) <= EXCERPT_LETTERS else text[:EXCERPT_LETTERS].rsplit(" ", 1)[0] + " …"
