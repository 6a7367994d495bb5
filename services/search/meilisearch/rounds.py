"""Asking a server in as few rounds as can be: guess what is not known yet, and ask everything that is open at once.

Whoever works out an answer does so as if all were known: an open question is noted and gets None, for which the likely
thing is assumed. Then all of them go in one request, and the answer is worked out again with what came back. Where the
guesses were right that is all; a question that was answered is never asked twice.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from services.search.meilisearch.held import counting
from services.search.meilisearch.server import Query, Result, Server


class Rounds:
    """The questions and answers of one request. `sent` counts the rounds."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._known: dict[bytes, Result] = {}
        self._open: dict[bytes, Query] = {}
        self.sent = 0

    def ask(self, query: Query) -> Result | None:
        """The answer to a question; None, and an open question, where that is not known yet."""
        key = msgspec.json.encode(query)
        if key not in self._known:
            self._open[key] = query
        return self._known.get(key)

    def count(self, uid: str, condition: str, *, guess: int = 0) -> int:
        """How many documents meet a condition."""
        found = self.ask(counting(uid, condition))
        return guess if found is None else found.total_hits or 0

    def values(self, uid: str, condition: str, attributes: Iterable[str]) -> dict[str, dict[str, int]]:
        """How many documents that meet a condition have which values of some attributes; empty until that is known."""
        found = self.ask(counting(uid, condition, attributes))
        return dict((found.facet_distribution or {}) if found else {})

    async def send(self) -> bool:
        """Ask everything that is open; False where nothing was."""
        if not self._open:
            return False
        asked, self._open = self._open, {}
        found = await self._server.search(list(asked.values()))
        self._known |= zip(asked, found, strict=True)
        self.sent += 1
        return True
