"""Relays and consumers of the services in one process: how events leave and arrive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from infra.bus.publisher import Publisher
from infra.inbox.consumer import Consumer
from infra.outbox.relay import Relay
from infra.runtime.gauges import event_gauges, mail_gauges
from infra.runtime.service import Service
from infra.runtime.shutdown import Stop, Stoppable
from infra.runtime.supervision import Supervisor
from infra.settings import Settings

log = logging.getLogger(__name__)
CATCH_UP_SECONDS = 60.0


class Background:
    """One relay and one consumer for each service, sharing a publisher and thus one user of the broker."""

    def __init__(self, settings: Settings, services: Sequence[Service]) -> None:
        self.publisher = Publisher(settings.broker(services[0].name))
        days = settings.retention_days
        self.relays = {
            service.name: Relay(service.name, self.publisher, retention_days=days, snapshot=service.snapshot)
            for service in services
        }
        self.consumers = {
            service.name: Consumer(service.name, service.handlers, self.publisher, retention_days=days)
            for service in services
        }

    async def start_relays(self, parts: Stoppable, supervisor: Supervisor) -> None:
        """Connect and publish from now on."""

        async def close(_seconds: float) -> None:
            await self.publisher.close()

        parts.on_stop("broker", close)
        await parts.enter("event gauges", event_gauges(list(self.relays)))
        await parts.enter("mail gauges", mail_gauges(list(self.relays)))
        for name, relay in self.relays.items():
            task = supervisor.start(f"relay {name}", relay.run())
            parts.on_stop(f"relay {name}", _ender(relay, task))

    async def start_consumers(self, parts: Stoppable, supervisor: Supervisor) -> None:
        """Receive from now on; returns once every queue is open."""
        for name, consumer in self.consumers.items():
            task = supervisor.start(f"consumer {name}", consumer.run())
            parts.on_stop(f"consumer {name}", _ender(consumer, task))
        await asyncio.gather(*(consumer.opened() for consumer in self.consumers.values()))

    def connected(self) -> bool:
        """Whether every consumer is at its queue now, that is: the broker is there."""
        return all(consumer.is_open for consumer in self.consumers.values())

    async def catch_up(self, services: Sequence[str], seconds: float = CATCH_UP_SECONDS) -> bool:
        """Wait until the consumers of `services` have dealt with all that is recorded now in this process.

        Returns False, and says so in the log, when that takes longer than `seconds` (an event that is tried again
        later, a broker that is away): a process goes on without it rather than not at all.
        """
        try:
            async with asyncio.timeout(seconds):
                heads = {name: await relay.flush() for name, relay in self.relays.items()}
                await asyncio.gather(*(self.consumers[name].caught_up(heads, seconds) for name in services))
        except TimeoutError:
            log.warning("not caught up yet", extra={"services": ", ".join(services), "seconds": seconds})
            return False
        return True


def _ender(worker: Relay | Consumer, task: asyncio.Task[None]) -> Stop:
    async def end(_seconds: float) -> None:
        await worker.stop()
        await task

    return end
