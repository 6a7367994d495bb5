"""What somebody asked the search page, and the addresses of the same search with something changed.

The words, the place, the order and the filters stand in the address and nowhere else, so that a search can be kept as
a bookmark, sent to a colleague, saved or read as a feed. Whatever stands there is taken in without complaint: what is
wrong with it the service says, and the page shows it at the field.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.visit import Visit

FACETS = ("kind", "district", "stage", "target_group", "topic", "language", "format")
RADII = (10, 25, 50, 100)
RADIUS = "25"
SORTS = ("relevance", "newest")
MAX_QUERY = 300
MAX_VALUE = 100  # no slug and no name of a place is longer
MAX_CHOSEN = 30  # in all: the address of every chip names all others, so the page grows with their square


@dataclass(frozen=True)
class Asked:
    """One search as it stands in the address. `shortened` says that its words were more than a search takes."""

    q: str = ""
    near: str = ""
    radius: str = RADIUS
    sort: str = SORTS[0]
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shortened: bool = False

    def params(self) -> dict[str, Any]:
        """The search as query parameters, without those that say nothing: of the page, its feeds and the service."""
        said = {
            "q": self.q,
            "near": self.near,
            "radius": self.radius if self.near and self.radius != RADIUS else "",
            "sort": self.sort if self.sort != SORTS[0] else "",
            **{name: list(values) for name, values in self.chosen.items()},
        }
        return {name: value for name, value in said.items() if value}

    def address(self, visit: Visit, **changed: Any) -> str:
        """The address of the page for this search with some parameters changed; None, "" and [] leave one out."""
        return visit.url("/suche", **{**self.params(), **changed})

    def without(self, facet: str, value: str) -> list[str]:
        """The chosen values of a facet but one."""
        return [other for other in self.chosen.get(facet, ()) if other != value]

    @property
    def unfiltered(self) -> dict[str, Any]:
        """The changes that leave only words and order."""
        return {"near": None, "radius": None, **dict.fromkeys(self.chosen)}


def read_asked(visit: Visit) -> Asked:
    """The search that the visit's address asks for; of a parameter given twice the last one counts."""
    words = _clean(visit.query("q"))
    q = words if len(words) <= MAX_QUERY else _shorten(words)
    return Asked(
        q=q,
        near=_clean(visit.query("near"))[:MAX_VALUE],
        radius=visit.query("radius")[:MAX_VALUE] or RADIUS,
        sort=visit.query("sort")[:MAX_VALUE] or SORTS[0],
        chosen=_chosen(visit),
        shortened=q != words,
    )


def _chosen(visit: Visit) -> dict[str, tuple[str, ...]]:
    """The values of each facet once each, only so many in all."""
    chosen: dict[str, tuple[str, ...]] = {}
    left = MAX_CHOSEN
    for name in FACETS:
        values = _distinct(visit.queries(name))[:left]
        left -= len(values)
        if values:
            chosen[name] = values
    return chosen


def _distinct(values: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_clean(value)[:MAX_VALUE] for value in values if _clean(value)))


def _clean(text: str) -> str:
    """`text` with single spaces and without what nobody sees: soft hyphens go, control characters part words."""
    if not text.isprintable():
        seen = (letter for letter in text if unicodedata.category(letter) != "Cf")
        text = "".join(letter if letter.isprintable() else " " for letter in seen)
    return " ".join(text.split())


def _shorten(words: str) -> str:
    """As many whole words as a search takes."""
    return words[: MAX_QUERY + 1].rpartition(" ")[0] or words[:MAX_QUERY]
