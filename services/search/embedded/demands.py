"""How much of a query must be met, from strict to loose: all of it, half of it, anything.

Before half of it is enough, the concept that fewest documents meet must be among what is met. Of a whole country's
offers that leaves hundreds, and then those without the word that tells most need not be looked for, which takes twice
the time; of a region's it leaves a few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

from services.search.answering import DEMANDS, ENOUGH
from services.search.language.understanding import Concept, Plan

PLENTY = 100

Frequency = Callable[[str], int]
"""In how many documents a stem stands."""


@dataclass(frozen=True)
class Demand:
    """The share of a query's concepts (0 to 1) that must be met, at least one; and one that must be among them.

    Where `enough` documents meet it, nothing looser is asked for.
    """

    share: float = 1.0
    telling: Concept | None = None
    enough: int = ENOUGH

    @property
    def is_loose(self) -> bool:
        """Whether not all must be met."""
        return self.share < 1

    @property
    def is_partial(self) -> bool:
        """Whether neither all must be met nor anything will do."""
        return 0 < self.share < 1

    def number_of(self, concepts: int) -> int:
        """How many of so many concepts must be met."""
        return max(1, ceil(concepts * self.share))


def demands(plan: Plan, frequency: Frequency, *, strict: bool) -> Iterator[Demand]:
    """What is demanded one after the other until there is enough."""
    yield Demand()
    for share in () if strict else DEMANDS[1:]:
        demand = Demand(share)
        telling = most_telling(plan, frequency) if demand.is_partial else None
        if telling is not None and demand.number_of(len(things_of(plan))) > 1:
            yield Demand(share, telling, PLENTY)
        yield demand


def things_of(plan: Plan) -> list[Concept]:
    """The concepts of a plan that are no places."""
    return [concept for concept in plan.concepts if not concept.regions]


def most_telling(plan: Plan, frequency: Frequency) -> Concept | None:
    """The concept that fewest documents meet, of those that any does; places aside."""

    def documents(concept: Concept) -> int:
        return sum(min(map(frequency, wording.stems)) for wording in concept.wordings if wording.stems)

    met = [(documents(concept), place) for place, concept in enumerate(things_of(plan))]
    _, place = min((item for item in met if item[0]), default=(0, None))
    return None if place is None else things_of(plan)[place]
