"""What a phrase of a query can mean."""

from __future__ import annotations

from dataclasses import dataclass, field

ENDINGS_OF_NAMES = ("", "s", "er", "ers", "ern", "erin")


@dataclass(frozen=True)
class Tag:
    """A facet value that a phrase stands for, more or less surely."""

    field: str
    value: str
    weight: float = 1.0


@dataclass
class Meaning:
    """What a phrase can mean: other wordings, facet values, regions; `spellings` are the phrases in folded words."""

    wordings: dict[str, None] = field(default_factory=dict)
    tags: dict[Tag, None] = field(default_factory=dict)
    regions: dict[str, None] = field(default_factory=dict)
    spellings: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.wordings or self.tags or self.regions)

    def names(self, typed: str) -> bool:
        """Whether folded words are one of the phrases, or one with an ending that names have: Magdeburgs, Harzer."""
        return any(typed.startswith(name) and typed[len(name) :] in ENDINGS_OF_NAMES for name in self.spellings)
