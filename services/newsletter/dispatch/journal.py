"""The journal of a claim: which mails were begun and what the server said, on disk before the database knows.

One file for each claim, named by its lease, in `journal` of the data folder. Its worker holds a lock on it for as long
as it lives (flock), so whoever can lock one knows that its worker is gone and settles it:

    I <boot of the machine> <issue>     the head
    S <delivery>                        right before the content and its final dot go out
    D <delivery> <result> <code> <reply>   when the server has answered, with the next S at the latest

As a connection begins a mail only after the one before was answered, a worker that is killed leaves one S without D
for each connection at the most. Lines are not forced to the disk: a killed process loses nothing that it wrote, and a
machine that loses its power is recognised by its boot, after which all that the journal does not say was sent counts
as begun.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from uuid import UUID

from infra.ids import as_id
from infra.mail.message import Outcome, Result

log = logging.getLogger(__name__)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_SUFFIX = ".journal"


class Journal:
    """The journal of one claim of this process."""

    def __init__(self, folder: Path, issue_id: UUID, lease: UUID) -> None:
        """Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{lease}{_SUFFIX}"
        self._file = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        self._unwritten = bytearray(f"I {_boot()} {issue_id}\n".encode())
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.write()
        except OSError:
            self.close(settled=True)
            raise

    def begun(self, delivery: UUID) -> None:
        """Its content goes out as soon as this is written."""
        self._unwritten += f"S {delivery}\n".encode()

    def done(self, delivery: UUID, outcome: Outcome) -> None:
        """What the server said."""
        self._unwritten += f"D {delivery} {outcome.result} {outcome.code} {_line(outcome.reply)}\n".encode()

    def write(self) -> None:
        """Put on disk what is to be said. Raises OSError; what a full disk did not take is said the next time."""
        while self._unwritten:
            del self._unwritten[: os.write(self._file, self._unwritten)]

    def close(self, *, settled: bool) -> None:
        """Let go of it, whatever the disk says; one that is `settled` in the database is not needed any more."""
        try:
            if settled:
                self._path.unlink(missing_ok=True)
            else:
                self.write()
        except OSError as error:
            log.warning("a journal cannot be written", extra={"error": str(error)})
        finally:
            os.close(self._file)


@dataclass
class Record:
    """What a journal says. `complete` means that every mail which was begun is in it."""

    lease: UUID
    issue_id: UUID | None = None
    complete: bool = False
    begun: set[UUID] = field(default_factory=set)
    done: dict[UUID, Outcome] = field(default_factory=dict)


@dataclass
class Orphan:
    """The journal of a worker that is gone, locked by this process until it is closed."""

    record: Record
    _path: Path
    _file: int

    def close(self, *, settled: bool) -> None:
        """As with `Journal`."""
        if settled:
            self._path.unlink(missing_ok=True)
        os.close(self._file)


def folder_of(data_dir: Path) -> Path:
    """Where the journals are."""
    return data_dir / "journal"


def orphans(folder: Path) -> Iterator[Orphan]:
    """The journals whose workers are gone, each locked while it is in hand. Blocks a little: reads files."""
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        lease = as_id(path.stem)
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # another worker was faster
            continue
        if lease is None or not _locked(file) or not path.exists():
            os.close(file)
            continue
        yield Orphan(_read(path, lease), path, file)


def has_journal(folder: Path, lease: UUID) -> bool:
    """Whether a claim's journal is on this machine."""
    return (folder / f"{lease}{_SUFFIX}").exists()


def _line(reply: str) -> str:
    return reply.replace("\n", " ")


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path, lease: UUID) -> Record:
    """A line that is not whole was being written when the machine stopped, and says nothing."""
    record = Record(lease)
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        kind, _, rest = line.partition(" ")
        first, _, rest = rest.partition(" ")
        identifier = as_id(first)
        if kind == "I":
            record.issue_id, record.complete = as_id(rest), first == _boot()
        elif kind == "S" and identifier is not None:
            record.begun.add(identifier)
        elif kind == "D" and identifier is not None:
            result, _, rest = rest.partition(" ")
            code, _, reply = rest.partition(" ")
            if result in set(Result) and code.isdigit():
                record.done[identifier] = Outcome(Result(result), int(code), reply)
    return record


@cache
def _boot() -> str:
    """What names this start of the machine; "-" where the system does not tell, as then nothing can be told apart."""
    return _BOOT.read_text().strip() if _BOOT.exists() else "-"
