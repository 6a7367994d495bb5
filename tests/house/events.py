"""What left says."""

from __future__ import annotations

from dataclasses import dataclass

from infra.contracts.registry import Event, event


@event("lotse.left.thing.made.v1")
@dataclass(frozen=True, kw_only=True)
class ThingMade(Event):
    """A thing with a name was made."""

    name: str
