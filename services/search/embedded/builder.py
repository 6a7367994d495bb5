"""The process in which an index is built: `python -m services.search.embedded.builder DIRECTORY`.

Its standard input tells the changes. It ends when that does, which is when the process that started it has gone.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from pathlib import Path

from services.search.embedded.building import build, take_in


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # without the lock of the file, which is closed when all is done
    os._exit(1)


if __name__ == "__main__":
    gc.disable()  # nothing here refers to itself, and looking through all words for what does took a fifth of the time
    directory = Path(sys.argv[1])
    constituents = take_in(directory, sys.stdin.buffer)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    build(directory, constituents)
