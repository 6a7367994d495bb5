"""What keeps a process from starting and an operator can mend; printed in both languages, exit code 2."""

from __future__ import annotations

from infra.errors import Text

EXIT_CANNOT_START = 2


class CannotStart(Exception):
    """The process cannot start; `text` says why and what to do about it."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)
