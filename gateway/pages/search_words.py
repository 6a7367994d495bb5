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
        words.append(_around(visit, asked))
    return ", ".join(words) or visit._("alle Einträge")


def _around(visit: Visit, asked: Asked) -> str:
    """The surroundings, or the Land where one is named, which is then taken as a whole."""
    typed = asked.near.casefold()
    for land in visit.vocabulary.lands():
        if typed in (land.slug, land.name.casefold()):
            return visit._("in %(place)s", place=land.name)
    place = visit.vocabulary.region_name(asked.near)
    return visit._("bis %(radius)s km um %(place)s", radius=asked.radius, place=place)


def what(asked: Asked) -> dict[str, Any]:
    """What is searched, as parameters of an address: all but the order, which says nothing about what is found."""
    return {name: value for name, value in asked.params().items() if name != "sort"}


def criteria(asked: Asked) -> dict[str, Any]:
    """The same as it is saved. The radius is a number where it may be one; anything else is for search to refuse."""
    said = what(asked)
    if "radius" in said and _NUMBER.fullmatch(asked.radius):
        said["radius"] = int(asked.radius)
    return said


def asked_of(saved: Mapping[str, Any]) -> Asked:
    """The search that was saved."""
    return Asked(
        q=saved["q"],
        near=saved["near"],
        radius=str(saved["radius"]),
        chosen={name: tuple(saved[name]) for name in FACETS if saved[name]},
    )
