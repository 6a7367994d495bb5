"""The process in which an index is built: `python -m services.search.embedded.builder DIRECTORY POSITION`.

It ends when its standard input does, which is when the process that started it has gone.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from pathlib import Path

from services.search.embedded.building import build


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    gc.disable()  # nothing here refers to itself, and looking through all words for what does took a fifth of the time
    threading.Thread(target=_end_with_parent, daemon=True).start()
    build(Path(sys.argv[1]), int(sys.argv[2]))
