"""What a search asks for, as its address says it: one reading for the results page, feeds and what is kept of it.

The values are taken as they came; search decides what they mean and refuses what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.pages.search import FACETS, MAX_CHOSEN, MAX_QUERY, value_label
from gateway.visit import Visit

MAX_PLACE = 120


@dataclass(frozen=True)
class Asked:
    """Words, chosen facet values, and around which place within how many kilometres ("" as not said)."""

    query: str
    chosen: Mapping[str, list[str]]
    near: str
    radius: str

    @property
    def pairs(self) -> dict[str, Any]:
        """Parameters of an address of the same search, without empty ones and in one order."""
        facets = {name: sorted(values) for name, values in self.chosen.items() if values}
        said = {"q": self.query, **facets, "near": self.near, "radius": self.radius if self.near else ""}
        return {name: value for name, value in said.items() if value}

    @property
    def anything(self) -> bool:
        """Whether there is anything to look for; else it is all there is."""
        return bool(self.pairs)


def asked(visit: Visit) -> Asked:
    """What the address of this visit asks for."""
    return Asked(
        query=visit.query("q")[:MAX_QUERY],
        chosen={name: list(dict.fromkeys(visit.queries(name)))[:MAX_CHOSEN] for name in FACETS},
        near=visit.query("near")[:MAX_PLACE],
        radius=visit.query("radius")[:8],
    )


def in_words(visit: Visit, what: Asked) -> str:
    """The search as a person would say it, in the page's language: "„Sprachkurs“, Angebot, Landkreis Harz"."""
    words = [visit._("„%(query)s“", query=what.query)] if what.query else []
    words += [value_label(visit, name, value) for name, values in what.chosen.items() for value in values]
    if what.near and what.radius:
        place = visit.vocabulary.region_name(what.near)
        words.append(visit._("im Umkreis von %(radius)s km um %(place)s", radius=what.radius, place=place))
    elif what.near:
        words.append(visit._("in der Nähe von %(place)s", place=visit.vocabulary.region_name(what.near)))
    return ", ".join(words) or visit._("alle Einträge")
