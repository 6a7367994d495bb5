"""How a process ends otherwise than well: its exit codes, and what an operator can mend before a start."""

from __future__ import annotations

from infra.errors import Text

EXIT_FAULT = 1
EXIT_CANNOT_START = 2
EXIT_AT_ONCE = 130


class CannotStart(Exception):
    """The process cannot start; `text` says why and what to do about it."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)
