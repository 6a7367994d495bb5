"""Which slugs exist, and what to say about those that do not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from infra.errors import FieldError, Text

MAX_ITEMS = 60
MAX_SLUG = 120


@dataclass(frozen=True)
class Known:
    """The slugs that exist, by vocabulary or kind of entry."""

    slugs: Mapping[str, Collection[str]]

    def missing(self, name: str, values: Iterable[str]) -> list[str]:
        """Those of `values` that the list `name` does not have."""
        return [value for value in values if value not in self.slugs.get(name, ())]

    def problems(self, field: str, name: str, values: Sequence[str]) -> Iterable[FieldError]:
        """What is wrong with the values of `field`, which come from the list `name`."""
        if len(values) > MAX_ITEMS:
            yield FieldError(field, Text(f"Höchstens {MAX_ITEMS} Werte.", f"At most {MAX_ITEMS} values."))
            return
        missing = self.missing(name, values)
        if missing:
            shown = ", ".join(f"„{value[:60]}“" for value in missing[:5])
            yield FieldError(field, Text(f"Nicht bekannt: {shown}.", f"Not known: {shown}."))
