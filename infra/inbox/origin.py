"""Whether a message says what its sender may say: the broker holds every service to its routing keys, not to bodies."""

from __future__ import annotations

from infra.bus.consumer import Delivery
from infra.bus.topology import EVENTS, REPLAYS, events_queue, mark_key, replay_key
from infra.contracts.control import LogHead, ReplayCompleted
from infra.contracts.envelope import Envelope
from infra.contracts.registry import find

_CONTROL = (LogHead.type, ReplayCompleted.type)


def is_vouched_for(delivery: Delivery, envelope: Envelope, service: str) -> bool:
    """Whether the way by which `service` got the envelope is its producer's own, for this type of event.

    Else a service could speak in another's name, by a key that is its own. What a service put aside for itself came
    through its own exchange, to which nobody else may write, and was looked at before.
    """
    name, producer = envelope.type, envelope.producer
    contract = find(name)
    if name not in _CONTROL and (contract is None or contract.producer != producer):
        return False
    if delivery.exchange == EVENTS:
        return delivery.routing_key == (mark_key(producer) if name == LogHead.type else name)
    if delivery.exchange == REPLAYS:
        return delivery.routing_key == replay_key(events_queue(service), producer)
    return True
