"""The list of all events: `@event("lotse.….v1")` gives a dataclass its name and makes it known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

_NAME = re.compile(r"lotse\.(?P<service>[a-z]+)\.(?P<subject>[a-z_]+)\.(?P<action>[a-z_]+)\.v\d+")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events: which thing (`id`) in which of its versions (`version`, rising) it speaks of."""

    type: ClassVar[str]
    producer: ClassVar[str]
    subject_kind: ClassVar[str]

    id: str
    version: int = 0

    @property
    def subject(self) -> str:
        """The CloudEvents subject, `kind/id`."""
        return f"{self.subject_kind}/{self.id}"


_events: dict[str, type[Event]] = {}
_upcasts: dict[str, tuple[type[Event], Callable[[Any], Event]]] = {}
E = TypeVar("E", bound=Event)
N = TypeVar("N", bound=Event)


def event(name: str) -> Callable[[type[E]], type[E]]:
    """Register a dataclass as the event `name` (`lotse.{service}.{subject}.{action}.v{major}`)."""
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise ValueError(f"not an event name: {name}")

    def register(cls: type[E]) -> type[E]:
        if name in _events:
            raise ValueError(f"event registered twice: {name}")
        cls.type = name
        cls.producer = parts["service"]
        cls.subject_kind = parts["subject"]
        _events[name] = cls
        return cls

    return register


def events() -> dict[str, type[Event]]:
    """All registered events by name (import the producers' modules first, see `catalogue`)."""
    return dict(_events)


def find(name: str) -> type[Event] | None:
    """The class of the event `name`, or None when this version of the program does not know it."""
    return _events.get(name)


def upcast(old: type[E], new: type[N]) -> Callable[[Callable[[E], N]], Callable[[E], N]]:
    """Have `old` events reach the handlers of `new`, which came after it, in the form that the function makes of them.

    Both stay registered: logs hold old events as long as they are kept, and for the time of an upgrade a producer of
    the version before still says them. A consumer then handles only the new one.
    """
    if old.producer != new.producer or old.type in _upcasts:
        raise ValueError(f"{old.type} cannot become {new.type}: another producer's, or it has a successor already")

    def register(function: Callable[[E], N]) -> Callable[[E], N]:
        _upcasts[old.type] = (new, function)
        return function

    return register


def newest(said: Event) -> Event:
    """What `said` means in the newest version of its contract."""
    while step := _upcasts.get(said.type):
        said = step[1](said)
    return said


def successor(contract: type[Event]) -> type[Event] | None:
    """The contract that came after `contract`, None when it is the newest."""
    step = _upcasts.get(contract.type)
    return None if step is None else step[0]


def forms(contract: type[Event]) -> list[type[Event]]:
    """`contract` and all before it that become it, the newest first."""
    before = [_events[name] for name, (new, _) in _upcasts.items() if new is contract]
    return [contract, *(form for old in before for form in forms(old))]
