"""What this process has put aside for a later attempt: not handled yet, but not lost either."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from infra.inbox.once import Work

# A message that has not come back so long after its time is lost (its queue was deleted).
_GRACE_SECONDS = 60.0


@dataclass(frozen=True)
class _Entry:
    work: Work
    lost_at: float


class Parked:
    """Remembers works between their attempts."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], _Entry] = {}

    def __len__(self) -> int:
        return sum(entry.lost_at > time.monotonic() for entry in self._entries.values())

    def __contains__(self, work: Work) -> bool:
        entry = self._entries.get(work.key)
        return entry is not None and entry.lost_at > time.monotonic()

    def add(self, work: Work, seconds: float) -> None:
        """`work` comes back after `seconds`."""
        self._entries[work.key] = _Entry(work, time.monotonic() + seconds + _GRACE_SECONDS)

    def remove(self, work: Work) -> None:
        """`work` is dealt with."""
        self._entries.pop(work.key, None)

    def counts(self, producer: str, after: int, upto: int) -> Counter[tuple[str, str]]:
        """How many works of each (event type, handler) of positions in (after, upto] are put aside."""
        counts: Counter[tuple[str, str]] = Counter()
        for entry in self._entries.values():
            envelope = entry.work.envelope
            position = envelope.position
            if envelope.producer == producer and position is not None and after < position <= upto:
                counts[envelope.type, entry.work.handler.name] += entry.lost_at > time.monotonic()
        return counts
