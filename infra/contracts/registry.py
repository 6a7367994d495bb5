"""The list of all events: `@event("lotse.….v1")` gives a dataclass its name and makes it known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

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
E = TypeVar("E", bound=Event)


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
