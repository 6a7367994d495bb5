"""The journal of a claim where its disk is full: nothing is sent that is not noted, and nobody is held up for good."""

from __future__ import annotations

import errno
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.ids import new_id
from infra.mail import Outcome, Result
from services.newsletter.dispatch.journal import Journal, orphans

TAKEN = Outcome(Result.ACCEPTED, 250, "taken")


@contextmanager
def full(after: int) -> Iterator[None]:
    """Inside, no file of this process grows beyond so many bytes, and a write across that border is cut short."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_write_that_was_cut_short_goes_on_where_it_stopped(tmp_path: Path) -> None:
    journal, first, second = Journal(tmp_path, new_id(), new_id()), new_id(), new_id()
    journal.begun(first)
    journal.done(first, TAKEN)
    journal.begun(second)
    [path] = tmp_path.iterdir()
    with full(path.stat().st_size + 50), pytest.raises(OSError) as refused:
        journal.write()
    assert refused.value.errno == errno.EFBIG
    journal.write()
    journal.close(settled=False)
    [orphan] = orphans(tmp_path)
    assert orphan.record.begun == {first, second}
    assert orphan.record.done == {first: TAKEN}
    orphan.close(settled=True)


def test_a_full_disk_keeps_no_journal_locked(tmp_path: Path) -> None:
    journal, sent = Journal(tmp_path, new_id(), new_id()), new_id()
    journal.begun(sent)
    journal.write()
    journal.done(sent, TAKEN)
    with full(10):
        journal.close(settled=False)
    [orphan] = orphans(tmp_path)
    assert orphan.record.begun == {sent}
    assert not orphan.record.done
    orphan.close(settled=True)


def test_a_journal_that_cannot_be_begun_leaves_nothing(tmp_path: Path) -> None:
    with full(10), pytest.raises(OSError):
        Journal(tmp_path, new_id(), new_id())
    assert not list(tmp_path.iterdir())
