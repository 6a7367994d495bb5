"""The one rule of whom a place concerns, the same for lists, search and the newsletter.

An entry concerns a region if one of its own regions is that region, contains it (a Land for its districts, the
federation for all) or lies inside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Territory:
    """The tree of regions, given as slug → parent slug ("" at the top)."""

    def __init__(self, parents: Mapping[str, str]) -> None:
        self._parents = dict(parents)
        self._children: dict[str, list[str]] = {}
        for slug, parent in self._parents.items():
            self._children.setdefault(parent, []).append(slug)

    def __contains__(self, slug: object) -> bool:
        return slug in self._parents

    def above(self, slug: str) -> list[str]:
        """The regions that contain `slug`, nearest first. Unknown slugs have none."""
        found: list[str] = []
        parent = self._parents.get(slug, "")
        while parent and parent not in found:
            found.append(parent)
            parent = self._parents.get(parent, "")
        return found

    def below(self, slug: str) -> list[str]:
        """All regions inside `slug`, parents before children."""
        found: list[str] = []
        waiting = list(self._children.get(slug, ()))
        while waiting:
            child = waiting.pop(0)
            if child not in found and child != slug:
                found.append(child)
                waiting.extend(self._children.get(child, ()))
        return found

    def concerning(self, slug: str) -> list[str]:
        """Every region whose entries concern `slug`: itself, those above it, those inside it."""
        return [slug, *self.above(slug), *self.below(slug)]

    def concerns(self, regions: Iterable[str], slug: str) -> bool:
        """Whether an entry of `regions` concerns the region `slug`."""
        mine = set(regions)
        return slug in mine or bool(mine & set(self.above(slug))) or any(slug in self.above(own) for own in mine)
