"""Builds a new index directory from all changes; in a process of its own when there are many.

Taking words apart is Python's work, and a process has only one thread for that at a time: done in the service it would
make every search wait. Changes come as lines of JSON in their order, the number of the last one after them; they are
gone through twice, since compounds are made of the nouns of all texts, and so are kept in a file beside the index.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from services.search.domain import Document, open_texts
from services.search.embedded.store import WORDS, Store, read_make
from services.search.engine import Batch, DamagedError
from services.search.language.analysis import Analyzer
from services.search.language.constituents import constituents_of
from services.search.language.lexicon import write_lexicon

HEAP_BYTES = 400_000_000
"""Enough for one segment of some 130,000 documents of 150 words: each further one makes every search slower, and to
merge small ones would take a fifth of what writing them does. No more is taken than is needed."""
MOST_GENTLE = 19
GENTLE = 10
"""The niceness of a builder while the index before answers searches; where none does, nobody is to wait for it."""

_SPOOL = "changes.jsonl"
_decode = msgspec.json.Decoder(tuple[str, Document | None] | int).decode
_encode = msgspec.json.Encoder()


def lines_of(batch: Batch) -> bytes:
    """A batch as `take_in` reads it."""
    return _encode.encode_lines([(change.id, change.document) for change in batch.changes])


def last_line(position: int) -> bytes:
    """What tells `take_in` that it has heard of all changes, and the number of the last one."""
    return _encode.encode_lines([position])


def take_in(directory: Path, lines: Iterable[bytes]) -> set[str]:
    """Keep changes for `build`; gives what compounds may be made of. OSError or ValueError: it cannot be done."""
    return constituents_of(open_texts(_kept(directory / _SPOOL, lines)))


def build(directory: Path, constituents: set[str]) -> None:
    """Make the index of everything that was taken in; it is left to be opened. OSError or ValueError: it cannot be."""
    made_of = {"constituents": sorted(constituents), "stems": sorted(Analyzer(constituents).stems)}
    store = Store.create(directory, msgspec.structs.replace(read_make(directory), **made_of), HEAP_BYTES)
    words = _fill(store, directory / _SPOOL)
    write_lexicon(directory / WORDS, sorted(words))
    store.remake(msgspec.structs.replace(store.make, documents=store.documents, lexicon=True))
    store.close()
    (directory / _SPOOL).unlink()


def _kept(changes: Path, lines: Iterable[bytes]) -> Iterator[Document | None]:
    """The documents of all changes, which are written to a file on the way."""
    with changes.open("wb") as file:
        for line in lines:
            file.write(line)
            said = _decode(line)
            if isinstance(said, int):
                return
            yield said[1]
    raise ValueError("nobody said which change was the last one")


def _fill(store: Store, changes: Path) -> set[str]:
    """Add all documents; gives their words."""
    seen: set[str] = set()
    words: set[str] = set()
    with changes.open("rb") as file:
        for said in map(_decode, file):
            if isinstance(said, int):
                store.commit(said)
                continue
            identifier, document = said
            words.update(store.put(identifier, document, is_new=identifier not in seen))
            seen.add(identifier)
    return words


async def build_beside(directory: Path, lines: AsyncIterator[bytes], niceness: int = 0) -> None:
    """`take_in` and `build` in a process of its own, which ends with this one and is by so much nicer.

    It counts nouns while the table is still being read. DamagedError: it failed.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"{__package__}.builder", str(directory)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with suppress(ProcessLookupError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, process.pid, min(MOST_GENTLE, os.nice(0) + niceness))
    try:
        _, said = await asyncio.gather(_tell(process.stdin, lines), _heard(process.stderr))
        if await process.wait():
            raise DamagedError(f"building the index failed: {said.decode(errors='replace')[-500:]}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _tell(stdin: asyncio.StreamWriter | None, lines: AsyncIterator[bytes]) -> None:
    """Pass on everything as fast as it is read; how the process ended tells what stopped it."""
    async for told in lines:  # what the table fails with is not suppressed: the builder would wait for more
        try:
            if stdin is not None:
                stdin.write(told)
                await stdin.drain()
        except ConnectionError:
            return


async def _heard(stderr: asyncio.StreamReader | None) -> bytes:
    return await stderr.read() if stderr is not None else b""
