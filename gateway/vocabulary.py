"""Labels of slugs: the controlled vocabularies and the regions, kept here for a minute.

Both change rarely and every page needs them. When contacts is away the last known ones are used; before any are
known a slug stands for itself, so that a page never fails for want of a label.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.errors import Unavailable
from infra.web.client import ServiceClient

KEEP_SECONDS = 60.0
FEDERATION = "deutschland"


@dataclass(frozen=True)
class Region:
    """A Land, a district or the federation."""

    slug: str
    name: str
    name_full: str
    kind: str
    parent: str


@dataclass(frozen=True)
class Vocabulary:
    """All labels: `terms[list][slug]` is {"de", "en"}."""

    terms: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    regions: Mapping[str, Region] = field(default_factory=dict)

    def label(self, kind: str, slug: str, language: str = "de") -> str:
        """The label of `slug` in the list `kind` ("topics", "stages" …); the slug itself when unknown."""
        term = self.terms.get(kind, {}).get(slug)
        return (term.get(language) or term["de"]) if term else slug

    def choices(self, kind: str, language: str = "de") -> list[tuple[str, str]]:
        """(slug, label) of a list in its own order, for forms."""
        return [(slug, self.label(kind, slug, language)) for slug in self.terms.get(kind, {})]

    def region_name(self, slug: str) -> str:
        """The name of a region; the slug itself when unknown."""
        region = self.regions.get(slug)
        return region.name if region else slug

    def lacks_region(self, slug: str) -> bool:
        """Whether there is surely no such region; False as long as contacts could not be asked."""
        return bool(self.regions) and slug not in self.regions

    def full_name(self, slug: str) -> str:
        """The name with what it is ("Landkreis Harz", but "Sachsen"); the slug itself when unknown."""
        region = self.regions.get(slug)
        if region is None:
            return slug
        return region.name if region.kind in ("land", "bund") else region.name_full

    def lands(self) -> list[Region]:
        """The sixteen Länder by name."""
        return sorted((r for r in self.regions.values() if r.kind == "land"), key=lambda region: region.name)

    def districts(self, land: str) -> list[Region]:
        """The districts of a Land by name."""
        return sorted((r for r in self.regions.values() if r.parent == land), key=lambda region: region.name)

    def land_of(self, slug: str) -> str:
        """The Land a region is or lies in; "" for the federation and unknown ones."""
        region = self.regions.get(slug)
        while region is not None and region.kind != "land":
            region = self.regions.get(region.parent)
        return region.slug if region else ""

    def district_choices(self, land: str) -> list[tuple[str, str]]:
        """(slug, full name) of the districts of a Land, for forms."""
        return [(district.slug, district.name_full) for district in self.districts(land)]

    def region_choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """(Land, [(slug, full name)]) for a grouped choice; the Land itself stands first in its group."""
        return [
            (land.name, [(land.slug, land.name), *((d.slug, d.name_full) for d in self.districts(land.slug))])
            for land in self.lands()
        ]


class VocabularyCache:
    """The vocabulary as contacts last told it."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client
        self._known = Vocabulary()
        self._until = 0.0

    async def get(self) -> Vocabulary:
        """The vocabulary, at most a minute old unless contacts is away."""
        if time.monotonic() >= self._until:
            await self._refresh()
        return self._known

    async def _refresh(self) -> None:
        try:
            terms = await self._client.request("contacts", "GET", "/vocabulary")
            regions = await self._client.request("contacts", "GET", "/regions", query={"limit": 500})
        except Unavailable:
            return
        if terms.ok and regions.ok:
            self._known = Vocabulary(_terms(terms.json()), _regions(regions.json()))
            self._until = time.monotonic() + KEEP_SECONDS


def _terms(answer: Mapping[str, Any]) -> dict[str, dict[str, dict[str, str]]]:
    return {
        kind: {term["slug"]: {"de": term["de"], "en": term["en"]} for term in terms}
        for kind, terms in answer["lists"].items()
    }


def _regions(answer: Mapping[str, Any]) -> dict[str, Region]:
    return {
        item["slug"]: Region(item["slug"], item["name"], item["name_full"], item["kind"], item["parent"] or "")
        for item in answer["items"]
    }
