"""The filters of the search page: every facet with the counts that one gets by choosing a value, and the chosen ones.

Counts come with the results and already say what a click would give. Only districts of a Land that is in question are
listed, and what finds nothing is left out, so that the choice stays short.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from gateway.i18n import language_name, translations
from gateway.pages.search_request import FACETS, Asked
from gateway.visit import Visit
from gateway.vocabulary import FEDERATION

SHOWN = 7
Count = Mapping[str, Any]
Counts = Mapping[str, Sequence[Count]]
_VOCABULARIES = {"stage": "stages", "target_group": "target_groups", "topic": "topics", "format": "formats"}


class Option(NamedTuple):
    """One value of a facet; `found` is None where it was chosen but finds nothing any more."""

    value: str
    label: str
    found: int | None
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """One facet; the values after the first `shown` stand behind "more"."""

    name: str
    legend: str
    options: Sequence[Option]
    shown: int


@dataclass(frozen=True)
class Link:
    """A way to the same search with something changed; `count` says how much there is, None where that is not known."""

    label: str
    address: str
    count: int | None = None


def facets(visit: Visit, counts: Counts, asked: Asked, regions: Collection[str]) -> list[Facet]:
    """All facets that have anything to choose.

    `counts` as search gives them, {} when it gave none; `regions` are the slugs of those in question.
    """
    legends = {
        "kind": visit._("Was"),
        "district": visit._("Region"),
        "stage": visit._("Schritt auf dem Weg in Arbeit"),
        "target_group": visit._("Für wen"),
        "topic": visit._("Thema"),
        "language": visit._("Sprache"),
        "format": visit._("Form"),
    }
    lands = {visit.vocabulary.land_of(slug) for slug in regions} - {""}
    offered = {**counts, "district": _worth_showing(visit, counts.get("district", ()), lands)}
    made = [_facet(visit, name, legends[name], offered.get(name, ()), asked.chosen.get(name, ())) for name in FACETS]
    return [facet for facet in made if facet.options]


def kinds(visit: Visit, counts: Counts, asked: Asked) -> list[Link]:
    """The kinds of things found, most frequent first, each leading to the same search for it alone."""
    if asked.chosen.get("kind"):
        return []
    return [
        Link(_plural(visit, item["value"]), asked.address(visit, kind=item["value"]), item["count"])
        for item in counts.get("kind", ())
    ]


def chips(visit: Visit, asked: Asked) -> list[Link]:
    """Every chosen value, and the address of the same search without it."""
    return [
        Link(value_label(visit, name, value), asked.address(visit, **{name: asked.without(name, value)}))
        for name, values in asked.chosen.items()
        for value in values
    ]


def kind_label(visit: Visit, kind: str) -> str:
    """What a kind of document is called in the page's language."""
    return _kinds(visit.language).get(kind, kind)


def value_label(visit: Visit, facet: str, value: str) -> str:
    """What a facet's value is called."""
    if facet == "kind":
        return kind_label(visit, value)
    if facet == "district":
        return visit._("Bundesweit") if value == FEDERATION else visit.vocabulary.full_name(value)
    if facet == "language":
        return language_name(value, visit.language)
    return visit.label(_VOCABULARIES[facet], value)


def _plural(visit: Visit, kind: str) -> str:
    """What several things of a kind are called."""
    return _several(visit.language).get(kind) or kind_label(visit, kind)


@cache
def _kinds(language: str) -> Mapping[str, str]:
    _ = translations(language).gettext
    return {
        "offer": _("Angebot"),
        "event": _("Termin"),
        "organisation": _("Organisation"),
        "contact_point": _("Ansprechstelle"),
        "network": _("Netzwerk"),
        "state_profile": _("Länderprofil"),
        "document": _("Dokument"),
        "glossary_term": _("Abkürzung"),
        "topic": _("Forum"),
        "issue": _("Newsletter"),
        "article": _("Artikel"),
    }


@cache
def _several(language: str) -> Mapping[str, str]:
    _ = translations(language).gettext
    return {
        "offer": _("Angebote"),
        "event": _("Termine"),
        "organisation": _("Organisationen"),
        "contact_point": _("Ansprechstellen"),
        "network": _("Netzwerke"),
        "state_profile": _("Länderprofile"),
        "document": _("Dokumente"),
        "glossary_term": _("Abkürzungen"),
    }


def _facet(visit: Visit, name: str, legend: str, counts: Sequence[Count], chosen: Sequence[str]) -> Facet:
    """The chosen values first, whether or not they find anything."""
    known = {item["value"]: item["count"] for item in counts}
    values = [*chosen, *(value for value in known if value not in chosen)]
    options = [Option(value, value_label(visit, name, value), known.get(value), value in chosen) for value in values]
    return Facet(name, legend, options, max(SHOWN, len(chosen)))


def _worth_showing(visit: Visit, counts: Sequence[Count], lands: Collection[str]) -> list[Count]:
    """Länder always; districts only of these `lands`, and then first: 400 at once help nobody."""
    regions = visit.vocabulary.regions
    inside, others = [], []
    for item in counts:
        if item["value"] in lands or visit.vocabulary.land_of(item["value"]) in lands:
            inside.append(item)
        elif item["value"] not in regions or regions[item["value"]].kind in ("land", "bund"):
            others.append(item)
    return inside + others
