"""One index directory: opened or made, written by batches, read by snapshots.

Beside tantivy's files lies `make.json`: the version of the fields and the constituents that compounds were split with,
since queries must be split the same way. The number of the last change is kept in the index itself, as a document of
its own, so that it is committed together with the changes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from pathlib import Path

import msgspec
import tantivy

from services.search.domain import Document
from services.search.embedded.fields import STATE_ID, VERSION, fields_of, make_schema
from services.search.engine import Batch
from services.search.language.analysis import Analyzer

HEAP_BYTES = 15_000_000
GROWTH, FIRST_DOCUMENTS = 2, 50
_MAKE = "make.json"


class Store:
    """One directory with its writer. Not for several threads at once, except `searcher`."""

    def __init__(self, directory: Path, index: tantivy.Index, constituents: Collection[str], built_with: int) -> None:
        self.directory = directory
        self.schema = make_schema()
        self.analyzer = Analyzer(constituents)
        self._constituents = sorted(constituents)
        self._built_with = built_with
        self._index = index
        self._writer = index.writer(HEAP_BYTES, 1)
        index.config_reader("manual")
        self.position = self._read_position()

    @classmethod
    def create(cls, directory: Path, constituents: Collection[str] = ()) -> Store:
        """A new, empty index in a directory that is emptied first."""
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        store = cls(directory, tantivy.Index(make_schema(), path=str(directory)), constituents, 0)
        store.settle()
        return store

    @classmethod
    def open(cls, directory: Path) -> Store:
        """The index that is there. ValueError or OSError: there is none, or it is damaged or of another version."""
        make = json.loads((directory / _MAKE).read_text(encoding="utf-8"))
        if make["version"] != VERSION:
            raise ValueError(f"made with version {make['version']} of the fields, not {VERSION}")
        return cls(directory, tantivy.Index.open(str(directory)), make["constituents"], make["documents"])

    def settle(self) -> None:
        """Note how many documents there are at the end of a build."""
        self._built_with = self.documents
        make = {"version": VERSION, "documents": self._built_with, "constituents": self._constituents}
        (self.directory / _MAKE).write_text(json.dumps(make), encoding="utf-8")

    @property
    def outgrown(self) -> bool:
        """Whether so much was added since the build that its list of constituents is out of date."""
        return self.documents > GROWTH * self._built_with + FIRST_DOCUMENTS

    @property
    def documents(self) -> int:
        """Number of documents, hidden ones included."""
        return max(0, self.searcher().num_docs - 1)

    def searcher(self) -> tantivy.Searcher:
        """A snapshot of the present state."""
        return self._index.searcher()

    def write(self, batch: Batch) -> None:
        """Take in a batch and make it visible."""
        for change in batch.changes:
            self._writer.delete_documents_by_term("id", change.id)
            if change.document is not None:
                self._add(fields_of(change.document, self.analyzer))
        self._writer.delete_documents_by_term("id", STATE_ID)
        self._add({"id": STATE_ID, "body": msgspec.json.encode(batch.position)})
        self._writer.commit()
        self._index.reload()
        self.position = batch.position

    def close(self) -> None:
        """Let the writer go, after its merges."""
        self._writer.wait_merging_threads()

    def words(self) -> list[str]:
        """All words as they are written in documents."""
        return [word for word, _ in self.searcher().terms_with_prefix("words", "")]

    def all_documents(self) -> list[Document]:
        """Every document."""
        searcher = self.searcher()
        found = searcher.search(tantivy.Query.all_query(), max(1, searcher.num_docs), count=False)
        stored = [searcher.doc(address) for _, address in found.hits]
        return [read_body(item) for item in stored if item["id"][0] != STATE_ID]

    def _add(self, values: dict[str, object]) -> None:
        self._writer.add_document(tantivy.Document.from_dict(values, self.schema))

    def _read_position(self) -> int:
        searcher = self.searcher()
        found = searcher.search(tantivy.Query.term_query(self.schema, "id", STATE_ID), 1, count=False).hits
        return int(msgspec.json.decode(searcher.doc(found[0][1])["body"][0])) if found else 0


def read_body(stored: tantivy.Document) -> Document:
    """The document that a stored entry carries."""
    return msgspec.json.decode(stored["body"][0], type=Document)
