"""The relay of one service: gives every recorded event its position and publishes it in that order.

INTERFACE (bodies follow within the hour):

    publisher = Publisher(settings.broker_url)                  # infra.bus.publisher; may be shared by all in a process
    relay = Relay("contacts", publisher, retention_days=…, snapshot=service.snapshot)
    task = asyncio.create_task(relay.run())                     # returns after stop()
    head = await relay.flush()                                  # everything recorded so far is out; its last position
    await relay.stop(); await publisher.close()

    consumer = Consumer("forum", handlers, publisher)           # infra.inbox.consumer
    task = asyncio.create_task(consumer.run())
    await consumer.opened()                                     # its queue exists
    await consumer.caught_up({"contacts": head, …})             # all of these logs up to there are dealt with
    consumer.producers                                          # names of the services it listens to
    await consumer.stop()

At start of the all-in-one: run the relays, run the consumers, `opened()` of each, then per service in order:
`heads = {relay.service: await relay.flush() for relay in relays}`, `await consumer.caught_up(heads)`, seed.
Order of stopping: consumers, relays, publisher, database.
Operator: infra.inbox.checkpoints.forget(service, producer, after=0), infra.inbox.dead_letters.{listing,retry}.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from infra.bus.publisher import Publisher


class Relay:
    """See the module."""

    def __init__(
        self,
        service: str,
        publisher: Publisher,
        *,
        retention_days: int = 90,
        snapshot: Callable[[], Awaitable[int]] | None = None,
    ) -> None: ...

    async def run(self) -> None:
        """Work until `stop`."""

    async def stop(self) -> None:
        """End the batch in hand and return once it is settled."""

    async def flush(self) -> int:
        """Wait until everything recorded so far is published; send a mark; the position of the log's head."""
        raise NotImplementedError
