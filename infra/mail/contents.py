"""The table of contents of the local mailbox: who got what and when, to be paged and searched among many thousands.

An SQLite file beside the mails that can be thrown away at any time. Who writes mails knows nothing of it: who looks
compares it with the folder first and reads the heads of those files that it lacks.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from functools import lru_cache
from pathlib import Path

SIZE = 50  # mails on a page
_FILE = "contents.sqlite3"
_PATIENCE_SECONDS = 30.0
_HEAD_BYTES = 16_384  # enough for what our mails have before their body
_TABLE = """CREATE TABLE IF NOT EXISTS mails (
    id TEXT PRIMARY KEY, subject TEXT, sender TEXT, recipient TEXT, date TEXT, language TEXT, words TEXT
) WITHOUT ROWID"""
_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_SHOWN = (b"subject", b"from", b"to", b"date", b"content-language")
_FIELD = re.compile(rb"^(%s):(.*)$" % b"|".join(_SHOWN), re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Head:
    """One mail in the list; `language` is that of its subject, "" when it does not say."""

    id: str
    subject: str
    sender: str
    recipient: str
    date: str
    language: str


@dataclass(frozen=True)
class Shelf:
    """One page of the list; `total` mails were found, `pages` is at least 1."""

    heads: list[Head]
    total: int
    number: int
    pages: int


class Contents:
    """The table of contents of one folder. Blocks: belongs into a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def shelf(self, number: int, query: str) -> Shelf:
        """See `Mailbox.shelf`. A number beyond the end means the last page."""
        if not self._folder.is_dir():
            return Shelf([], 0, 1, 1)
        try:
            return self._look(number, query)
        except sqlite3.DatabaseError as error:  # cut off while it was written, or not ours: it is made anew
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:  # somebody else reads many new mails
                raise
            (self._folder / _FILE).unlink(missing_ok=True)
            return self._look(number, query)

    def _look(self, number: int, query: str) -> Shelf:
        with self._open() as database:
            self._bring_up_to_date(database)
            # instr and not LIKE: what is looked for may hold % or _
            which, sought = ("WHERE instr(words, ?)", [query.casefold()]) if query else ("", [])
            total = database.execute(f"SELECT count(*) FROM mails {which}", sought).fetchone()[0]  # noqa: S608 - ours
            pages = max(1, -(-total // SIZE))
            number = min(max(1, number), pages)
            columns = "id, subject, sender, recipient, date, language"
            rows = database.execute(
                f"SELECT {columns} FROM mails {which} ORDER BY id DESC LIMIT ? OFFSET ?",  # noqa: S608 - ours
                [*sought, SIZE, (number - 1) * SIZE],
            )
            return Shelf([Head(*row) for row in rows], total, number, pages)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._folder / _FILE, timeout=_PATIENCE_SECONDS)) as database, database:
            database.execute("PRAGMA synchronous = OFF")  # it can be made anew
            database.execute(_TABLE)
            yield database

    def _bring_up_to_date(self, database: sqlite3.Connection) -> None:
        with os.scandir(self._folder) as entries:
            there = {entry.name.removesuffix(".eml") for entry in entries if entry.name.endswith(".eml")}
        known = {row[0] for row in database.execute("SELECT id FROM mails")}
        if gone := known - there:
            database.executemany("DELETE FROM mails WHERE id = ?", ((name,) for name in gone))
        rows = self._read(there - known)
        database.executemany("INSERT OR REPLACE INTO mails VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def _read(self, names: Iterable[str]) -> Iterator[tuple[str, ...]]:
        for name in names:
            try:
                with (self._folder / f"{name}.eml").open("rb") as file:
                    head = _head(file.read(_HEAD_BYTES))
            except FileNotFoundError:
                continue
            subject, sender, recipient, date, language = (head.get(key, "") for key in _SHOWN)
            yield name, subject, sender, recipient, date, language, f"{recipient}\n{subject}\n{sender}".casefold()


def _head(content: bytes) -> dict[bytes, str]:
    """What the list shows of a mail, by header; the library's parser takes five times as long for the whole head."""
    head = _FOLD.sub(b" ", _END.split(content, maxsplit=1)[0])
    return {name.lower(): decoded(value) for name, value in reversed(_FIELD.findall(head))}


@lru_cache(maxsize=1000)  # the mails of an issue share subject and sender
def decoded(value: bytes) -> str:
    """A header's value as one line of text, whatever is in it."""
    raw = value.decode("utf-8", "replace")
    try:
        text = str(make_header(decode_header(raw))) if "=?" in raw else raw
    except (HeaderParseError, LookupError, UnicodeDecodeError):
        text = raw
    return " ".join(text.split())
