"""The life of events as the operator reads it, put together from what the services told of themselves.

An event stands below the one that caused it. Its steps: recorded, published, and what each handler made of it; who
should have heard and neither handled nor gave up is shown as waiting (in the queue, or between two attempts).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

HANDLED, WAITING, DEAD = "handled", "waiting", "dead"
MOST_SHOWN = 100


@dataclass(frozen=True)
class Step:
    """What one handler of one service made of an event. `letter` is the dead letter, also of one that was resolved."""

    service: str
    handler: str
    state: str
    at: str = ""
    letter: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class EventLife:
    """One event: what its service recorded, what became of it, and the events that it caused."""

    service: str
    recorded: Mapping[str, Any]
    steps: Sequence[Step]
    caused: list[EventLife] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The type without what all types begin with: "offer.published.v1"."""
        return str(self.recorded["type"]).removeprefix(f"lotse.{self.service}.")

    def after(self, moment: str) -> float:
        """Seconds from its recording to `moment`; clocks of several machines may differ, so never negative."""
        passed = datetime.fromisoformat(moment) - datetime.fromisoformat(self.recorded["recorded_at"])
        return max(0.0, passed.total_seconds())


def by_time(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[tuple[str, Mapping[str, Any]]]:
    """(service, event) of all services in the order of recording; the ids of events rise with time."""
    pairs = [(service, event) for service, events in found.items() for event in events]
    return sorted(pairs, key=lambda pair: (pair[1]["recorded_at"], pair[1]["id"]))


def roots(
    events: Iterable[tuple[str, Mapping[str, Any]]], receptions: Mapping[str, Mapping[str, Any]]
) -> list[EventLife]:
    """The events that no other of `events` caused, each with those that it caused. `receptions` by service."""
    lives = {event["id"]: EventLife(service, event, _steps(event, receptions)) for service, event in events}
    first: list[EventLife] = []
    for life in lives.values():
        cause = lives.get(life.recorded["causation_id"])
        (first if cause is None or cause is life else cause.caused).append(life)
    return first


def _steps(event: Mapping[str, Any], receptions: Mapping[str, Mapping[str, Any]]) -> list[Step]:
    steps = [_step(service, handler, event, reception) for service, handler, reception in _hearers(event, receptions)]
    return sorted(steps, key=lambda step: (step.at or "~", step.service, step.handler))


def _hearers(
    event: Mapping[str, Any], receptions: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Who hears of this type by now, and who had to do with this event though another version ran then."""
    found = []
    for service, reception in receptions.items():
        names = dict.fromkeys(reception["hears"].get(event["type"], ()))
        for kind in ("handled", "letters"):
            names |= dict.fromkeys(item["handler"] for item in reception[kind] if item["event"] == event["id"])
        found += [(service, name, reception) for name in names]
    return found


def _step(service: str, handler: str, event: Mapping[str, Any], reception: Mapping[str, Any]) -> Step:
    handled = _of(event, handler, reception["handled"])
    letter = _of(event, handler, reception["letters"])
    if handled is not None:
        return Step(service, handler, HANDLED, handled["handled_at"], letter)
    if letter is not None and letter["resolved_at"] is None:
        return Step(service, handler, DEAD, letter["since"], letter)
    return Step(service, handler, WAITING)


def _of(event: Mapping[str, Any], handler: str, items: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((item for item in items if item["event"] == event["id"] and item["handler"] == handler), None)
