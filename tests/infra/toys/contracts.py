"""What the toy services say."""

from __future__ import annotations

from dataclasses import dataclass

from infra.contracts.registry import Event, event, upcast


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


@event("lotse.maker.thing.weighed.v1")
@dataclass(frozen=True, kw_only=True)
class ThingWeighedInPounds(Event):
    """What makers said before version 2."""

    number: int
    pounds: int


@event("lotse.maker.thing.weighed.v2")
@dataclass(frozen=True, kw_only=True)
class ThingWeighed(Event):
    """The weight in grams."""

    number: int
    grams: int


@upcast(ThingWeighedInPounds, ThingWeighed)
def in_grams(old: ThingWeighedInPounds) -> ThingWeighed:
    """A metric pound is 500 g; whatever is lighter than nothing cannot be told."""
    if old.pounds < 0:
        raise ValueError("lighter than nothing")
    return ThingWeighed(id=old.id, version=old.version, number=old.number, grams=old.pounds * 500)
