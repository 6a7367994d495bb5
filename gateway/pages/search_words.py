"""A search beyond its page: in words for people, as what is saved, and back from there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gateway.pages.search_facets import value_label
from gateway.pages.search_request import FACETS, Asked
from gateway.visit import Visit

_NUMBER = re.compile(r"[0-9]{1,6}")


def in_words(visit: Visit, asked: Asked) -> str:
    """The search as a person would say it, in the page's language: "„Sprachkurs“, Angebot, Landkreis Harz"."""
    words = [visit._("„%(query)s“", query=asked.q)] if asked.q else []
    words += [value_label(visit, name, value) for name, values in asked.chosen.items() for value in values]
    if asked.near:
        place = visit.vocabulary.region_name(asked.near)
        words.append(visit._("bis %(radius)s km um %(place)s", radius=asked.radius, place=place))
    return ", ".join(words) or visit._("alle Einträge")


def criteria(asked: Asked) -> dict[str, Any]:
    """What of a search is saved: all but the order, which says nothing about what is found.

    The radius is a number where it may be one; anything else is for search to refuse.
    """
    said = asked.params()
    said.pop("sort", None)
    if "radius" in said:
        said["radius"] = int(asked.radius) if _NUMBER.fullmatch(asked.radius) else asked.radius
    return said


def asked_of(saved: Mapping[str, Any]) -> Asked:
    """The search that was saved."""
    return Asked(
        q=saved["q"],
        near=saved["near"],
        radius=str(saved["radius"]),
        chosen={name: tuple(saved[name]) for name in FACETS if saved[name]},
    )
