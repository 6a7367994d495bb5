"""The words that occur in the index, to correct misspelt ones.

A small index with one entry per word answers "which words are at most two edits away" within a millisecond or two,
however many words there are; transposed letters count as one edit. Hundreds of thousands of words lie in a folder,
written once by whoever builds it; what was learned since is kept in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

import tantivy

from services.search.language.analysis import MAX_WORD, fold

HEAP_BYTES = 15_000_000
CANDIDATES = 200


def allowed_edits(folded: str) -> int:
    """How many typing errors a word of this length may have; what is longer than any word is none that is misspelt."""
    if not 5 <= len(folded) <= MAX_WORD:
        return 0
    return 1 if len(folded) < 8 else 2


class Lexicon:
    """Words by folded spelling, each with the way it is written most plainly; those in `folder`, and learned ones."""

    def __init__(self, folder: Path | None = None) -> None:
        """ValueError: there is no lexicon in `folder`, or it is damaged."""
        self._schema = _schema()
        self._built = [tantivy.Index.open(str(folder)).searcher()] if folder else []
        self._index = tantivy.Index(self._schema)
        self._index.config_reader("manual")
        self._writer = self._index.writer(HEAP_BYTES, 1)
        self._learned: dict[str, str] = {}
        self._unseen = False
        self._guard = threading.Lock()

    def __contains__(self, folded: object) -> bool:
        return folded in self._learned or any(words.doc_freq("word", folded) for words in self._built)

    def learn(self, words: Iterable[str]) -> list[str]:
        """Add words as they are written; gives those that are new."""
        new: list[str] = []
        with self._guard:
            for word in words:
                folded = fold(word)
                if folded not in self:
                    self._learned[folded] = word
                    self._writer.add_document(_entry(folded, word, self._schema))
                    new.append(word)
            self._unseen = self._unseen or bool(new)
        return new

    def shown(self, folded: str) -> str:
        """A word as people write it."""
        learned = self._learned.get(folded)
        if learned is not None:
            return learned
        query = tantivy.Query.term_query(self._schema, "word", folded, "basic")
        return next((shown for words in self._built for _, shown in _found(words, query, 1)), folded)

    def near(self, folded: str) -> list[tuple[str, int]]:
        """Known words within the allowed edits, the nearest first, as (folded word, edits).

        Those one edit away are looked up by themselves, since two edits find more than are looked at.
        """
        found = [word for edits in range(1, allowed_edits(folded) + 1) for word in self._within(folded, edits, True)]
        return sorted(((word, distance(folded, word)) for word in set(found)), key=lambda item: _unlike(folded, item))

    def begun(self, folded: str) -> list[str]:
        """Known words that begin like `folded` but for one edit; the shortest first, none for a few letters."""
        if not allowed_edits(folded):
            return []
        return sorted(self._within(folded, 1, False), key=lambda word: (word[:1] != folded[:1], len(word), word))

    def _within(self, folded: str, edits: int, whole: bool) -> list[str]:
        query = tantivy.Query.fuzzy_term_query(self._schema, "word", folded, edits, True, not whole)
        return [word for words in (*self._built, self._seen()) for word, _ in _found(words, query, CANDIDATES)]

    def _seen(self) -> tantivy.Searcher:
        """The learned words, those included that nobody has looked for yet: few learn, and fewer mistype."""
        with self._guard:
            if self._unseen:
                self._writer.commit()
                self._index.reload()
                self._unseen = False
        return self._index.searcher()


def write_lexicon(folder: Path, words: Iterable[str]) -> None:
    """Make a lexicon of words as they are written in an empty folder; of several spellings the first is kept."""
    shown: dict[str, str] = {}
    for word in words:
        shown.setdefault(fold(word), word)
    schema = _schema()
    folder.mkdir()
    writer = tantivy.Index(schema, path=str(folder)).writer(4 * HEAP_BYTES, 1)
    for folded, word in shown.items():
        writer.add_document(_entry(folded, word, schema))
    writer.commit()
    writer.wait_merging_threads()


def _unlike(folded: str, found: tuple[str, int]) -> tuple[int, bool, int, str]:
    word, edits = found
    return edits, word[:1] != folded[:1], abs(len(word) - len(folded)), word


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("word", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.add_bytes_field("shown", stored=True).build()  # nobody looks for it


def _entry(folded: str, word: str, schema: tantivy.Schema) -> tantivy.Document:
    return tantivy.Document.from_dict({"word": folded, "shown": word.encode()}, schema)


def _found(words: tantivy.Searcher, query: tantivy.Query, limit: int) -> list[tuple[str, str]]:
    stored = [words.doc(address) for _, address in words.search(query, limit, count=False).hits]
    return [(str(item["word"][0]), bytes(item["shown"][0]).decode()) for item in stored]


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
