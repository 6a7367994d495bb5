"""The words that occur in the index, to correct misspelt ones.

A small index in memory with one entry per word answers "which words are at most two edits away" within a
millisecond, however many words there are; transposed letters count as one edit.
"""

from __future__ import annotations

from collections.abc import Iterable

import tantivy

from services.search.language.analysis import fold

HEAP_BYTES = 15_000_000
CANDIDATES = 50


def allowed_edits(folded: str) -> int:
    """How many typing errors a word of this length may have."""
    if len(folded) < 5:
        return 0
    return 1 if len(folded) < 8 else 2


class Lexicon:
    """Words by folded spelling, each with the way it is written most plainly."""

    def __init__(self) -> None:
        self._schema = tantivy.SchemaBuilder().add_text_field("word", stored=True, tokenizer_name="raw").build()
        self._index = tantivy.Index(self._schema)
        self._writer = self._index.writer(HEAP_BYTES, 1)
        self._shown: dict[str, str] = {}

    def __contains__(self, folded: object) -> bool:
        return folded in self._shown

    def learn(self, words: Iterable[str]) -> None:
        """Add words as they are written."""
        new = False
        for word in words:
            folded = fold(word)
            if folded in self._shown:
                continue
            new = True
            self._shown[folded] = word
            self._writer.add_document(tantivy.Document.from_dict({"word": folded}, self._schema))
        if new:
            self._writer.commit()
            self._index.reload()

    def shown(self, folded: str) -> str:
        """A word as people write it."""
        return self._shown.get(folded, folded)

    def near(self, folded: str) -> list[tuple[str, int]]:
        """Known words within the allowed edits, the nearest first, as (folded word, edits)."""
        edits = allowed_edits(folded)
        if not edits:
            return []
        query = tantivy.Query.fuzzy_term_query(self._schema, "word", folded, edits, True)
        searcher = self._index.searcher()
        found = [
            str(searcher.doc(address)["word"][0]) for _, address in searcher.search(query, CANDIDATES, count=False).hits
        ]
        counted = [(word, distance(folded, word)) for word in found]
        return sorted(
            counted, key=lambda item: (item[1], item[0][:1] != folded[:1], abs(len(item[0]) - len(folded)), item[0])
        )


def distance(one: str, other: str) -> int:
    """Edits between two words; a transposition of neighbours is one (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        before, last = last, current
    return last[-1]
