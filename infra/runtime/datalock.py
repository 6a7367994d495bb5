"""Only one process may use a data folder: two on one SQLite file fail each other's transactions.

The lock belongs to the open file, so the operating system lets go of it however the process ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.errors import Text
from infra.runtime.problems import CannotStart

LOCK_NAME = "lotse.lock"


@contextmanager
def data_lock(folder: Path) -> Iterator[None]:
    """Hold the data folder while the block runs; makes the folder when it is not there.

    Raises:
        CannotStart: another process holds it, or the folder cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = (folder / LOCK_NAME).open("a+")
    except OSError as error:
        raise CannotStart(_unwritable(folder, error)) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise CannotStart(_taken(folder, handle.read().strip() or "?")) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def _taken(folder: Path, process: str) -> Text:
    return Text(
        f"Den Datenordner {folder} benutzt schon ein anderes Lotse (Prozess {process}). Beenden Sie es "
        f"(kill {process}) oder wählen Sie mit LOTSE_DATA_DIR einen anderen Ordner.",
        f"The data folder {folder} is in use by another Lotse (process {process}). Stop it (kill {process}) "
        "or choose another folder with LOTSE_DATA_DIR.",
    )


def _unwritable(folder: Path, error: OSError) -> Text:
    return Text(
        f"In den Datenordner {folder} kann nicht geschrieben werden ({error.strerror}). Geben Sie dem Benutzer des "
        "Prozesses Schreibrechte oder wählen Sie mit LOTSE_DATA_DIR einen anderen Ordner.",
        f"The data folder {folder} cannot be written to ({error.strerror}). Give the user of the process the right "
        "to write, or choose another folder with LOTSE_DATA_DIR.",
    )
