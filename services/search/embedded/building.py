"""Builds a new index directory from a file of documents; in a process of its own when there are many.

Taking words apart is Python's work, and a process has only one thread for that at a time: done in the service it would
make every search wait. The directory holds `changes.jsonl`, what is to be in the index in the order it changed, and a
`make.json` to begin with; the finished index is left to be opened.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from services.search.domain import Document, open_texts
from services.search.embedded.store import WORDS, Make, Store, read_make, write_make
from services.search.engine import Batch, DamagedError
from services.search.language.analysis import Analyzer
from services.search.language.constituents import constituents_of
from services.search.language.lexicon import write_lexicon

HEAP_BYTES = 150_000_000
SMALLEST_PART = 500
PARTS = 8  # so many segments of one size tantivy makes into one; every further one makes each search slower
MOST_GENTLE = 19
GENTLE = 10
"""The niceness of a builder while the index before answers searches; where none does, nobody is to wait for it."""

_SPOOL = "changes.jsonl"
_decode = msgspec.json.Decoder(tuple[str, Document | None]).decode
_encode = msgspec.json.Encoder().encode


def prepare(directory: Path, make: Make) -> None:
    """Begin a directory in which an index is to be built."""
    write_make(directory, make)
    (directory / _SPOOL).touch()


def spool(directory: Path, batch: Batch) -> None:
    """Put a batch into the file that `build` reads."""
    with (directory / _SPOOL).open("ab") as file:
        file.writelines(_encode((change.id, change.document)) + b"\n" for change in batch.changes)


def build(directory: Path, position: int) -> None:
    """Make the index of everything that was spooled, standing at `position`. OSError or ValueError: it cannot be."""
    changes = directory / _SPOOL
    constituents = constituents_of(open_texts(document for _, document in _read(changes)))
    made_of = {"constituents": sorted(constituents), "stems": sorted(Analyzer(constituents).stems)}
    store = Store.create(directory, msgspec.structs.replace(read_make(directory), **made_of), HEAP_BYTES)
    words = _fill(store, changes)
    store.commit(position)
    write_lexicon(directory / WORDS, sorted(words))
    store.remake(msgspec.structs.replace(store.make, documents=store.documents, lexicon=True))
    store.close()
    changes.unlink()


def _fill(store: Store, changes: Path) -> set[str]:
    """Add all documents, in parts of one size; gives their words."""
    with changes.open("rb") as file:
        size = sum(1 for _ in file) // PARTS
    seen: set[str] = set()
    words: set[str] = set()
    for number, (identifier, document) in enumerate(_read(changes), 1):
        words.update(store.put(identifier, document, is_new=identifier not in seen))
        seen.add(identifier)
        if size > SMALLEST_PART and number % size == 0 and number <= size * (PARTS - 1):
            store.end_segment()
    return words


async def build_beside(directory: Path, position: int, niceness: int = 0) -> None:
    """`build` in a process of its own, which ends with this one and is by so much nicer. DamagedError: it failed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"{__package__}.builder", str(directory), str(position)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with suppress(ProcessLookupError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, process.pid, min(MOST_GENTLE, os.nice(0) + niceness))
    try:
        said = await process.stderr.read() if process.stderr else b""
        if await process.wait():
            raise DamagedError(f"building the index failed: {said.decode(errors='replace')[-500:]}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _read(changes: Path) -> Iterator[tuple[str, Document | None]]:
    with changes.open("rb") as file:
        yield from map(_decode, file)
