"""A running search service, and short ways to feed and ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from infra.contracts.contacts import RegionPublished, Term, VocabularyPublished
from infra.contracts.registry import Event
from infra.web.client import Answer
from infra.web.identity import ANONYMOUS, Identity
from services.search import running as search_running
from services.search.service import service
from tests.kit import Database, Running, running

REGIONS = [
    RegionPublished(
        id="r0", version=1, slug="deutschland", name="Deutschland", name_full="Bundesrepublik", kind="bund"
    ),
    RegionPublished(
        id="r1",
        version=1,
        slug="sachsen-anhalt",
        name="Sachsen-Anhalt",
        name_full="Land Sachsen-Anhalt",
        kind="land",
        parent="deutschland",
    ),
    RegionPublished(
        id="r2",
        version=1,
        slug="stadt-magdeburg",
        name="Magdeburg",
        name_full="Stadt Magdeburg",
        kind="kreisfreie-stadt",
        parent="sachsen-anhalt",
    ),
    RegionPublished(
        id="r3",
        version=1,
        slug="landkreis-harz",
        name="Harz",
        name_full="Landkreis Harz",
        kind="landkreis",
        parent="sachsen-anhalt",
    ),
    RegionPublished(
        id="r4", version=1, slug="hessen", name="Hessen", name_full="Land Hessen", kind="land", parent="deutschland"
    ),
]
VOCABULARIES = [
    VocabularyPublished(
        id="v1",
        version=1,
        slug="stages",
        terms=[
            Term("language", "Sprache", "Language", ["Deutsch lernen"]),
            Term("recognition", "Anerkennung", "Recognition", ["Berufsanerkennung"]),
        ],
    ),
    VocabularyPublished(
        id="v2",
        version=1,
        slug="target_groups",
        terms=[Term("refugees", "Geflüchtete", "Refugees", ["Asylsuchende"]), Term("women", "Frauen", "Women")],
    ),
    VocabularyPublished(
        id="v3", version=1, slug="topics", terms=[Term("pflege-gesundheit", "Pflege und Gesundheit", "Care and health")]
    ),
    VocabularyPublished(
        id="v4", version=1, slug="search_synonyms", synonym_groups=[["BA", "Arbeitsamt", "Agentur für Arbeit"]]
    ),
]


@dataclass
class Search:
    """The service with the ways in that tests use."""

    kit: Running

    async def tell(self, *events: Event) -> None:
        """Deliver events and wait until they are searchable."""
        for event in events:
            await self.kit.deliver("search", event)
        await search_running.current().settled()

    async def tell_all(self) -> None:
        """Regions and vocabularies."""
        await self.tell(*REGIONS, *VOCABULARIES)

    async def get(self, path: str, identity: Identity = ANONYMOUS, speaks: str = "de", **query: Any) -> Answer:
        """A request as the gateway sends it."""
        return await self.kit.get("search", path, identity=identity, language=speaks, query=query)

    async def find(self, q: str, **query: Any) -> list[str]:
        """Slugs of the results, in their order."""
        answer = await self.get("/search", q=q, **query)
        assert answer.status == 200, answer.content
        return [hit["slug"] for hit in answer.json()["hits"]]

    async def export(self) -> bytes:
        """All documents of the index in canonical form."""
        return await search_running.current().engine.export()


@pytest.fixture
async def search(database: Database) -> AsyncIterator[Search]:
    """Search on an empty database of each kind."""
    async with running([service], database) as kit:
        yield Search(kit)
