"""How the services are, for the operator: their logs, how far each has read the others', what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.visit import Part

PATIENCE = timedelta(seconds=60)  # as `status` has it: what takes longer is worth a look


@dataclass(frozen=True)
class ReadingState:
    """How far a service has dealt with one producer's log; `head` is None while the producer does not answer."""

    producer: str
    position: int
    head: int | None
    late: bool

    @property
    def behind(self) -> int:
        """Positions still to deal with."""
        return max(0, (self.head or 0) - self.position)


@dataclass(frozen=True)
class ServiceState:
    """One service. `told` is what it said of itself; None when it did not answer."""

    name: str
    told: Mapping[str, Any] | None
    readings: list[ReadingState] = field(default_factory=list)
    stuck: bool = False

    @property
    def well(self) -> bool:
        """Whether nothing here needs a person."""
        if self.told is None:
            return False
        return not (self.stuck or self.told["letters_waiting"] or any(reading.late for reading in self.readings))


def states(parts: Mapping[str, Part]) -> list[ServiceState]:
    """The state of every service, from its answer."""
    told = {name: part.value for name, part in parts.items() if part.ok}
    return [_state(name, told.get(name), told) for name in parts]


def _state(name: str, own: Mapping[str, Any] | None, told: Mapping[str, Mapping[str, Any]]) -> ServiceState:
    if own is None:
        return ServiceState(name, None)
    readings = [_reading(item["producer"], item["position"], told.get(item["producer"])) for item in own["readings"]]
    return ServiceState(name, own, readings, stuck=_long_ago(own["waiting_since"]))


def _reading(producer: str, position: int, log: Mapping[str, Any] | None) -> ReadingState:
    if log is None:
        return ReadingState(producer, position, None, late=False)
    late = position < log["position"] and _long_ago(log["published_at"])
    return ReadingState(producer, position, log["position"], late)


def _long_ago(moment: str | None) -> bool:
    return moment is not None and datetime.fromisoformat(moment) < datetime.now(UTC) - PATIENCE
