"""Which function of a service handles which event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from infra.contracts.registry import Event, forms, successor
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
    function: Callable[[Transaction, Any, Meta], Awaitable[None]]


class Handlers:
    """The subscriptions of one service."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._handlers: dict[str, list[Handler]] = {}

    def on(self, event: type[E]) -> Callable[[HandlerFunction[E]], HandlerFunction[E]]:
        """Handle `event`, and the earlier forms that become it, with the function (`async def f(tx, event, meta)`)."""
        if newer := successor(event):
            raise ValueError(f"{self.service} shall handle {newer.type}: {event.type} reaches its handlers as that")

        def register(function: HandlerFunction[E]) -> HandlerFunction[E]:
            for form in forms(event):
                self._add(form.type, Handler(function.__name__, function))
            return function

        return register

    def _add(self, event_type: str, handler: Handler) -> None:
        handlers = self._handlers.setdefault(event_type, [])
        if any(known.name == handler.name for known in handlers):
            raise ValueError(
                f"{self.service} has two handlers {handler.name} of {event_type}; the inbox knows them by name"
            )
        handlers.append(handler)

    @property
    def types(self) -> frozenset[str]:
        """Names of all events that this service wants to hear."""
        return frozenset(self._handlers)

    def of(self, event_type: str) -> list[Handler]:
        """The handlers of one event, in the order of registration."""
        return list(self._handlers.get(event_type, ()))
