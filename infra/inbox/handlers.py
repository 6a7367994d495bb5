"""Which function of a service handles which event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from infra.contracts.registry import Event
from infra.db import Transaction

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Meta:
    """What the envelope says about a received event. `time` is ISO 8601, when it was recorded."""

    event_id: str
    producer: str
    position: int | None
    time: str


HandlerFunction = Callable[[Transaction, E, Meta], Awaitable[None]]


@dataclass(frozen=True)
class Handler:
    """One subscription: `name` identifies it in the inbox and must never change once in use."""

    name: str
    event: type[Event]
    function: Callable[[Transaction, Any, Meta], Awaitable[None]]


class Handlers:
    """The subscriptions of one service."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._handlers: dict[str, list[Handler]] = {}

    def on(self, event: type[E]) -> Callable[[HandlerFunction[E]], HandlerFunction[E]]:
        """Handle `event` with the decorated function (`async def f(tx, event, meta)`)."""

        def register(function: HandlerFunction[E]) -> HandlerFunction[E]:
            name = function.__name__
            handlers = self._handlers.setdefault(event.type, [])
            if any(handler.name == name for handler in handlers):
                raise ValueError(
                    f"{self.service} has two handlers {name} of {event.type}; the inbox knows them by name"
                )
            handlers.append(Handler(name, event, function))
            return function

        return register

    @property
    def types(self) -> frozenset[str]:
        """Names of all events that this service wants to hear."""
        return frozenset(self._handlers)

    def of(self, event_type: str) -> list[Handler]:
        """The handlers of one event, in the order of registration."""
        return list(self._handlers.get(event_type, ()))
