"""The consumer of one service (interface first, see infra.outbox.relay for how they are used together)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from infra.bus.publisher import Publisher
from infra.inbox.handlers import Handlers


class Consumer:
    """See the module."""

    def __init__(
        self,
        service: str,
        handlers: Handlers,
        publisher: Publisher,
        *,
        delays: Sequence[float] = (1.0, 10.0, 60.0, 600.0),
        retention_days: int = 90,
    ) -> None: ...

    @property
    def producers(self) -> frozenset[str]:
        """The services it listens to."""
        raise NotImplementedError

    async def run(self) -> None:
        """Work until `stop`."""

    async def stop(self) -> None:
        """Take nothing new, finish and settle what is in hand."""

    async def opened(self) -> None:
        """Return once the queue of the service is there."""

    async def caught_up(self, heads: Mapping[str, int], timeout: float = 60.0) -> None:
        """Return once every log named in `heads` is dealt with up to that position (others are ignored)."""
