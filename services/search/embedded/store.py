"""One index directory: opened or made, written by batches, read by snapshots.

Beside tantivy's files lie `make.json`, what the index was built with and documents must go on being treated with (the
constituents of compounds and the tree of regions), and the words of all documents: a lexicon, and those that came
since. The number of the last change is kept in the index itself, as a document of its own, so that it is committed
together with the changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import tantivy

from services.search.domain import Document
from services.search.embedded.districts import Districts
from services.search.embedded.fields import CLOSED, STATE_ID, VERSION, fields_of, make_schema, spot_of
from services.search.embedded.nearness import Spots
from services.search.engine import Batch
from services.search.language.analysis import Analyzer
from services.search.language.lexicon import Lexicon
from services.search.language.terms import terms_of

HEAP_BYTES = 15_000_000
GROWTH, FIRST_DOCUMENTS = 2, 50
WORDS = "words"
_MAKE, _FURTHER_WORDS = "make.json", "words.txt"
_read = msgspec.json.Decoder(Document).decode
_position = msgspec.json.Decoder(int).decode


class Make(msgspec.Struct, frozen=True, kw_only=True):
    """What an index was built with: constituents of compounds with their stems, each region's parent, and how many
    documents there were; `lexicon` says that their words lie in a folder beside."""

    version: int = VERSION
    documents: int = 0
    lexicon: bool = False
    parents: dict[str, str] = {}
    constituents: list[str] = []
    stems: list[str] = []


class Store:
    """One directory with its writer. Not for several threads at once, except `searcher`."""

    def __init__(self, directory: Path, index: tantivy.Index, make: Make, heap: int = HEAP_BYTES) -> None:
        self.directory = directory
        self.make = make
        self.schema = make_schema()
        self.analyzer = Analyzer(make.constituents, make.stems)
        self.districts = Districts(make.parents)
        self._index = index
        self._writer = index.writer(heap, 1)
        index.config_reader("manual")
        self.spots = Spots(self.schema, self._values("spot"))
        self.lexicon = self._read_lexicon()
        self.position = self._read_position()

    @classmethod
    def create(cls, directory: Path, make: Make, heap: int = HEAP_BYTES) -> Store:
        """A new, empty index."""
        write_make(directory, make)
        return cls(directory, tantivy.Index(make_schema(), path=str(directory)), make, heap)

    @classmethod
    def open(cls, directory: Path) -> Store:
        """The index that is there. ValueError or OSError: there is none, or it is damaged or of another version."""
        make = read_make(directory)
        if make.version != VERSION:
            raise ValueError(f"made with version {make.version} of the fields, not {VERSION}")
        return cls(directory, tantivy.Index.open(str(directory)), make)

    def remake(self, make: Make) -> None:
        """Note with what the index is made; for one that is empty, or at the end of a build."""
        write_make(self.directory, make)
        self.make, self.districts = make, Districts(make.parents)

    def is_outdated(self, parents: Mapping[str, str]) -> bool:
        """Whether a build would be better: much was added since the last one, or the tree of regions has changed."""
        documents = self.documents
        return documents > GROWTH * self.make.documents + FIRST_DOCUMENTS or (
            bool(documents) and self.make.parents != parents
        )

    @property
    def documents(self) -> int:
        """Number of documents, hidden ones included."""
        return max(0, self.searcher().num_docs - 1)

    def searcher(self) -> tantivy.Searcher:
        """A snapshot of the present state."""
        return self._index.searcher()

    def write(self, batch: Batch) -> None:
        """Take in a batch and make it visible."""
        words = {word for change in batch.changes for word in self.put(change.id, change.document)}
        self.spots.add(filter(None, (spot_of(change.document) for change in batch.changes if change.document)))
        self._note(self.lexicon.learn(sorted(words)))
        self.commit(batch.position)

    def put(self, identifier: str, document: Document | None, *, is_new: bool = False) -> list[str]:
        """Replace a document, remove it (None), or add one that is not there; seen from the next commit on.

        Gives the words of the document as they are written.
        """
        if not is_new:
            self._writer.delete_documents_by_term("id", identifier)
        if document is None:
            return []
        terms = terms_of(document, self.analyzer)
        self._add(fields_of(document, terms, self.districts.territory))
        return terms.words

    def commit(self, position: int) -> None:
        """Make all that was added visible, together with the number of the last change."""
        self._writer.delete_documents_by_term("id", STATE_ID)
        self._add({"id": STATE_ID, "access": CLOSED, "body": msgspec.json.encode(position)})
        self._writer.commit()
        self._index.reload()
        self.position = position

    def close(self) -> None:
        """Let the writer go, after its merges."""
        self._writer.wait_merging_threads()

    def all_documents(self) -> list[Document]:
        """Every document."""
        searcher = self.searcher()
        found = searcher.search(tantivy.Query.all_query(), max(1, searcher.num_docs), count=False)
        stored = [searcher.doc(address) for _, address in found.hits]
        return [read_body(item) for item in stored if item["id"][0] != STATE_ID]

    def _values(self, name: str) -> list[str]:
        return [value for value, _ in self.searcher().terms_with_prefix(name, "")]

    def _read_lexicon(self) -> Lexicon:
        lexicon = Lexicon(self.directory / WORDS if self.make.lexicon else None)
        further = self.directory / _FURTHER_WORDS
        if further.exists():
            lexicon.learn(further.read_text(encoding="utf-8", errors="replace").split())
        return lexicon

    def _note(self, words: Iterable[str]) -> None:
        """Keep words for the next time; a few that a power cut takes are missed by corrections only."""
        noted = "".join(f"{word}\n" for word in words)
        if noted:
            with (self.directory / _FURTHER_WORDS).open("a", encoding="utf-8") as file:
                file.write(noted)

    def _add(self, values: dict[str, object]) -> None:
        self._writer.add_document(tantivy.Document.from_dict(values, self.schema))

    def _read_position(self) -> int:
        searcher = self.searcher()
        found = searcher.search(tantivy.Query.term_query(self.schema, "id", STATE_ID), 1, count=False).hits
        return _position(searcher.doc(found[0][1])["body"][0]) if found else 0


def read_body(stored: tantivy.Document) -> Document:
    """The document that a stored entry carries."""
    return _read(stored["body"][0])


def read_make(directory: Path) -> Make:
    """What a directory's index is, or is to be, made with. ValueError or OSError: it does not say."""
    return msgspec.json.decode((directory / _MAKE).read_bytes(), type=Make)


def write_make(directory: Path, make: Make) -> None:
    """Note with what a directory's index is, or is to be, made; the directory is there afterwards."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _MAKE).write_bytes(msgspec.json.encode(make))
