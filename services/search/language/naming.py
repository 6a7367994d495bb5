"""The shorter ways in which regions and labels are called."""

from __future__ import annotations

import re

_SHORTEST_PART = 6
_FURTHER = re.compile(r",? (?:\(|am |an der |im |in der |a\. ?|a\.d|i\.)|, ")
_JOINT = re.compile(r" (?:und|oder|and|or) ")


def halves_of(label: str) -> list[str]:
    """The two things that a label like “Kurs und Schulung” joins; nothing where it joins none or parts of words."""
    halves = _JOINT.split(label)
    return [half for half in halves if not half.endswith("-")] if len(halves) == 2 else []


def place_names(name: str, name_full: str) -> list[str]:
    """The ways a region is called: by its name, its full name, and without “Kreis” where the name ends with it."""
    names = [name, name_full]
    bare = name.removesuffix("kreis")
    if bare != name and len(bare) >= _SHORTEST_PART:
        names += [bare, bare.removesuffix("s")]
    return [item for item in dict.fromkeys(names) if item]


def parts_of_name(name: str, kind: str) -> list[str]:
    """Shorter ways to name a region, unless another one is called so: Halle (Saale), Mecklenburg-Vorpommern."""
    parts = _FURTHER.split(name)[:1]
    if kind == "land":
        parts += [part for part in name.split("-") if len(part) >= _SHORTEST_PART]
    return [part for part in parts if part != name]
