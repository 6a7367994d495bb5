"""Which words of a text can matter to a query at all, told before they are taken apart.

Taking a word apart costs some 40 µs where it was not met lately, and of a document that is shown hardly any word was
asked for. Stems and the parts of compounds keep the beginning of the word or part that they come from, so a word
without the first letters of any stem that was asked for cannot match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.search.language.analysis import fold, surfaces
from services.search.language.understanding import Plan

LETTERS = 3


class Lookout:
    """Looks out for the words that a plan asks for, loosely met ones included."""

    def __init__(self, plan: Plan) -> None:
        wordings = [item for concept in plan.concepts for item in (*concept.wordings, *concept.loose)]
        begins = {begin for item in wordings for stem in item.stems if stem for begin in _begins(stem)}
        self._begins = re.compile("|".join(map(re.escape, sorted(begins)))) if begins else None

    def words(self, text: str) -> Iterator[re.Match[str]]:
        """The words of a text that may match, as they stand there."""
        begins = self._begins
        if begins is None:
            return
        for found in surfaces(text):
            if begins.search(fold(found[0])):
                yield found


def _begins(stem: str) -> Iterator[str]:
    yield stem[:LETTERS]
    if stem.endswith("enn"):  # of "-annt": see `analysis.stem`
        yield f"{stem[:-3]}ann"[:LETTERS]
