"""Marks the words of a result that the query was about, in HTML that is safe to show.

Everything is escaped here and only `<mark>` is added, so nothing a document contains can become markup.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from services.search.domain import Document
from services.search.language.analysis import Analyzer, Forms
from services.search.language.lookout import Lookout
from services.search.language.understanding import Plan

EXCERPT_LETTERS = 240
READ_LETTERS = 8_000
_LEAD = 60


@dataclass(frozen=True)
class Marked:
    """Title and an excerpt of the text, as HTML; `stems` are those in both that the query may have asked for."""

    title: str
    text: str
    stems: frozenset[str]


_Read = tuple[re.Match[str], Forms]


@dataclass(frozen=True)
class _Place:
    """A matched word; `stems` are those that matched."""

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
        self._lookout = Lookout(plan)

    def mark(self, document: Document, title: str, summary: str) -> Marked:
        """Title and excerpt of a document; without a match the excerpt is the summary's beginning."""
        text = _written(document.text, summary)
        in_title, in_text = self._read(title), self._read(text)
        there = {forms.stem for _, forms in (*in_title, *in_text)}
        there.update(part for _, forms in (*in_title, *in_text) for part in forms.parts)
        wanted = {item for wording in self._wordings if wording <= there for item in wording}
        marked_title = _marked(title, _matched(in_title, wanted))
        matched = _matched(in_text, wanted)
        if not matched:
            return Marked(marked_title, html.escape(_cut(summary or text)), frozenset(there))
        start, end = _window(text, matched)
        excerpt = _marked(text[start:end], [_moved(place, start) for place in matched if place.end <= end])
        return Marked(
            marked_title,
            ("… " if start else "") + excerpt + (" …" if end < len(text) else ""),
            frozenset(there),
        )

    def _read(self, text: str) -> list[_Read]:
        return [(found, self._analyzer.forms(found[0])) for found in self._lookout.words(text)]


def _written(text: str, summary: str) -> str:
    """What may be shown of a document: its summary where that is not the beginning of the text, and the text."""
    repeated = text.startswith(summary.removesuffix(" …"))
    return (text if repeated or not summary else f"{summary} {text}")[:READ_LETTERS].rstrip()


def _matched(words: Iterable[_Read], wanted: Collection[str]) -> list[_Place]:
    return [
        _Place(found.start(), found.end(), frozenset((forms.stem, *forms.parts)).intersection(wanted))
        for found, forms in words
        if forms.stem in wanted or any(part in wanted for part in forms.parts)
    ]


def _marked(text: str, places: Iterable[_Place]) -> str:
    pieces: list[str] = []
    done = 0
    for place in places:
        if place.start >= done:
            pieces += [html.escape(text[done : place.start]), "<mark>", html.escape(text[place.start : place.end])]
            pieces.append("</mark>")
            done = place.end
    return "".join(pieces) + html.escape(text[done:])


def _window(text: str, matched: list[_Place]) -> tuple[int, int]:
    """The stretch of the text with the most different matched words, from word to word."""
    best = _richest(matched)
    start = max(0, best.start - _LEAD)
    if len(text) <= EXCERPT_LETTERS:
        start = 0
    elif start:
        start = text.find(" ", start, best.start) + 1 or best.start
    end = start + EXCERPT_LETTERS
    if end >= len(text):
        return start, len(text)
    return start, max(text.rfind(" ", start, end), best.end)


def _richest(matched: list[_Place]) -> _Place:
    """The match that most different matched words follow within an excerpt; in one pass, since they may be many."""
    inside: Counter[str] = Counter()
    best, most, end = matched[0], 0, 0
    for first in matched:
        while end < len(matched) and matched[end].start < first.start + EXCERPT_LETTERS - _LEAD:
            inside.update(matched[end].stems)
            end += 1
        if len(inside) > most:
            best, most = first, len(inside)
        inside.subtract(first.stems)
        inside = +inside
    return best


def _moved(place: _Place, start: int) -> _Place:
    return _Place(place.start - start, place.end - start, place.stems)


def _cut(text: str) -> str:
    return text if len(text) <= EXCERPT_LETTERS else text[:EXCERPT_LETTERS].rsplit(" ", 1)[0] + " …"
