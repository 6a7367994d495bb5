"""What the toy services say."""

from __future__ import annotations

from dataclasses import dataclass

from infra.contracts.registry import Event, event


@event("lotse.maker.thing.made.v1")
@dataclass(frozen=True, kw_only=True)
class ThingMade(Event):
    """A thing with its number."""

    number: int


@event("lotse.maker.thing.broken.v1")
@dataclass(frozen=True, kw_only=True)
class ThingBroken(Event):
    """Another kind of event of the same log."""

    number: int = 0
