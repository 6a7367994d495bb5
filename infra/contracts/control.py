"""What the plumbing of services says about the logs themselves, so that nothing stays lost.

These are not facts of the domain: they are sent beside the log and never recorded in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.contracts.envelope import MOST_POSITION
from infra.contracts.registry import Event, event


@event("lotse.control.log.head.v1")
@dataclass(frozen=True, kw_only=True)
class LogHead(Event):
    """A producer's log has been published up to `position`; `id` is the producer's name.

    `since` is the position of the mark before; `counts` says how many events of each type lie in
    (since, position], so that a consumer can tell whether it has seen all that concern it.
    """

    position: int
    since: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """See `_check`."""
        _check(self.position, self.since)


@event("lotse.control.replay.requested.v1")
@dataclass(frozen=True, kw_only=True)
class ReplayRequested(Event):
    """A consumer asks a producer (`id`) to send everything after `after` to `queue` once more."""

    queue: str
    after: int = 0
    types: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """See `_check`."""
        _check(self.after)


@event("lotse.control.replay.completed.v1")
@dataclass(frozen=True, kw_only=True)
class ReplayCompleted(Event):
    """The slice (after, position] of the producer's (`id`) log has been sent again.

    `counts` says how many events of each requested type that were, so that a slice of which the broker lost a part
    is not taken for complete.
    """

    after: int = 0
    position: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """See `_check`."""
        _check(self.position, self.after)


def _check(*positions: int) -> None:
    """Raises ValueError for a position that no log can have."""
    if not all(0 <= position <= MOST_POSITION for position in positions):
        raise ValueError("an impossible position")
