"""Marks the words of a result that the query was about, in HTML that is safe to show.

Everything is escaped here and only `<mark>` is added, so nothing a document contains can become markup.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from services.search.domain import Document
from services.search.language.analysis import Analyzer
from services.search.language.lookout import lookout_of
from services.search.language.remembered import Remembered
from services.search.language.understanding import Plan

EXCERPT_LETTERS = 240
READ_LETTERS = 8_000
_LEAD = 60
_REMEMBERED = 10_000


@dataclass(frozen=True)
class Marked:
    """Title and an excerpt of the text, as HTML; `stems` are those in both that the query may have asked for."""

    title: str
    text: str
    stems: frozenset[str]


class _Place(NamedTuple):
    """A word that was looked for; `stems` are those that make it one."""

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
        self.lookout = lookout_of(plan)
        self._asked = Remembered(self._asked_of, _REMEMBERED)

    def mark(self, document: Document, title: str, summary: str) -> Marked:
        """Title and excerpt of a document; without a match the excerpt is the summary's beginning."""
        text = _written(document.text, summary)
        in_title, in_text = self._read(title), self._read(text)
        there = _stems_of(in_title) | _stems_of(in_text)
        wanted = frozenset[str]().union(*filter(there.issuperset, self._wordings))
        marked_title = _marked(title, _matched(in_title, wanted))
        matched = _matched(in_text, wanted)
        if not matched:
            return Marked(marked_title, html.escape(_cut(summary or text)), there)
        start, end = _window(text, matched)
        excerpt = _marked(text, matched, start, end)
        return Marked(marked_title, ("… " if start else "") + excerpt + (" …" if end < len(text) else ""), there)

    def _read(self, text: str) -> list[_Place]:
        """The words of a text that the query may have asked for."""
        asked = self._asked
        return [
            _Place(found.start(), found.end(), stems)
            for found in self.lookout.words(text)
            if (stems := asked[found[0]])
        ]

    def _asked_of(self, word: str) -> frozenset[str]:
        """The stems of a word and its parts, less those that nobody asked for."""
        forms = self._analyzer.forms(word)
        return self.lookout.stems.intersection((forms.stem, *forms.parts))


def _written(text: str, summary: str) -> str:
    """What may be shown of a document: its summary where that is not the beginning of the text, and the text."""
    repeated = text.startswith(summary.removesuffix(" …"))
    return (text if repeated or not summary else f"{summary} {text}")[:READ_LETTERS].rstrip()


def _stems_of(places: Iterable[_Place]) -> frozenset[str]:
    return frozenset[str]().union(*(place.stems for place in places))


def _matched(places: Iterable[_Place], wanted: frozenset[str]) -> list[_Place]:
    return [_Place(start, end, stems & wanted) for start, end, stems in places if not wanted.isdisjoint(stems)]


def _marked(text: str, places: Iterable[_Place], start: int = 0, end: int | None = None) -> str:
    """The stretch from `start` to `end` with those places marked that lie in it."""
    end = len(text) if end is None else end
    pieces: list[str] = []
    done = start
    for place in places:
        if done <= place.start and place.end <= end:
            before, word = html.escape(text[done : place.start]), html.escape(text[place.start : place.end])
            pieces.append(f"{before}<mark>{word}</mark>")
            done = place.end
    return "".join(pieces) + html.escape(text[done:end])


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
    """The match that most different matched words follow within an excerpt, the first of several such."""
    all_there_are = len(_stems_of(matched))
    best, most, end = matched[0], 0, 0
    for begin, first in enumerate(matched):
        while end < len(matched) and matched[end].start < first.start + EXCERPT_LETTERS - _LEAD:
            end += 1
        inside = len(_stems_of(matched[begin:end]))
        if inside > most:
            best, most = first, inside
        if most == all_there_are:
            break
    return best


def _cut(text: str) -> str:
    return text if len(text) <= EXCERPT_LETTERS else text[:EXCERPT_LETTERS].rsplit(" ", 1)[0] + " …"
