"""Messages that nobody can handle, planted in the queue of a service: they end where an operator sees them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from amqp.exceptions import NotFound

from infra.bus.codec import encode
from infra.bus.topology import dead_queue, events_queue, own_exchange
from infra.contracts.contacts import OfferPublished
from infra.contracts.envelope import Envelope
from infra.ids import new_id
from tests.faults.faults import Fault
from tests.faults.house import House
from tests.infra.toys.brokers import connected

UNREADABLE = b"\x00 this is no envelope"


@dataclass
class Poison:
    """Plants one message that cannot be read and one that does not fit its contract, both in the queue of `service`."""

    service: str
    planted: str = ""
    fault: Fault = field(init=False)

    def __post_init__(self) -> None:
        self.fault = Fault(f"poison in {self.service}'s queue", "poison", 1, self._strike)

    async def _strike(self, house: House) -> None:
        self.planted = str(new_id())
        unfit = Envelope(
            id=self.planted,
            source="/services/contacts",
            type=OfferPublished.type,
            subject="",
            time="2026-01-01T00:00:00Z",
            data={"id": 17},
        )
        await asyncio.to_thread(_put, house.settings.broker(self.service), self.service, [UNREADABLE, encode(unfit)])
        async with asyncio.timeout(30):
            while await self.problems(house) or not await self._is_buried(house):
                await asyncio.sleep(0.1)

    async def _is_buried(self, house: House) -> bool:
        return await _waiting(house, self.service) == 1

    async def problems(self, house: House) -> list[str]:
        """Dead letters that are missing or that nobody planted. (A wiped broker has forgotten its dead queues.)"""
        problems = []
        for service in house.services:
            letters = await house.rows(service, "SELECT event_id FROM dead_letters")
            expected = [self.planted] if service == self.service and self.planted else []
            if letters != expected:
                problems.append(f"dead letters of {service}: {letters}, planted: {expected}")
            buried = await _waiting(house, service)
            if buried > len(expected):
                problems.append(f"{buried} messages in the dead queue of {service}")
        return problems


async def _waiting(house: House, service: str) -> int:
    """How many messages are in the dead queue of a service."""
    return await asyncio.to_thread(_count, house.settings.broker(service), dead_queue(service))


def _count(url: str, queue: str) -> int:
    with connected(url) as connection:
        try:
            return int(connection.channel().queue_declare(queue, passive=True).message_count)
        except NotFound:
            return 0


def _put(url: str, service: str, bodies: list[bytes]) -> None:
    """Put messages into the queue of a service, through the exchange by which it reaches itself."""
    with connected(url) as connection:
        channel = connection.channel()
        for body in bodies:
            message = channel.prepare_message(body, properties={"delivery_mode": 2})
            channel.basic_publish(message, own_exchange(service), events_queue(service))
