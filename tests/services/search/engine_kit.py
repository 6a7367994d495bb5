"""What the suite of engines asks with: a small world of regions and words, short ways to make documents and to ask."""

from __future__ import annotations

from typing import Any

from infra.contracts.contacts import Term
from services.search.domain import Document, Request
from services.search.engine import Batch, Change, Engine
from services.search.language.knowledge import Knowledge, RegionFacts

KNOWLEDGE = Knowledge(
    [
        RegionFacts("deutschland", "Deutschland", kind="bund"),
        RegionFacts("sachsen-anhalt", "Sachsen-Anhalt", "Land Sachsen-Anhalt", "land", "deutschland"),
        RegionFacts("stadt-magdeburg", "Magdeburg", "Stadt Magdeburg", "kreisfreie-stadt", "sachsen-anhalt"),
        RegionFacts("landkreis-harz", "Harz", "Landkreis Harz", "landkreis", "sachsen-anhalt"),
        RegionFacts("hessen", "Hessen", "Land Hessen", "land", "deutschland"),
        RegionFacts("burgenlandkreis", "Burgenlandkreis", "Burgenlandkreis", "landkreis", "sachsen-anhalt"),
    ],
    {
        "stages": [Term("language", "Sprache", "Language"), Term("recognition", "Anerkennung", "Recognition")],
        "target_groups": [Term("women", "Frauen", "Women", ["Migrantinnen"])],
        "topics": [Term("pflege-gesundheit", "Pflege und Gesundheit", "Care and health")],
    },
    [["BA", "Arbeitsamt", "Agentur für Arbeit"], ["Geflüchtete", "Flüchtlinge", "Asylsuchende"]],
)


def document(slug: str, title: str, **fields: Any) -> Document:
    """A document of any kind, an offer unless told otherwise."""
    values: dict[str, Any] = {"id": f"id-{slug}", "kind": "offer", "slug": slug, "version": 1, "title": title}
    return Document(**values | fields)


def batch(position: int, *documents: Document, gone: tuple[str, ...] = ()) -> Batch:
    """A batch of upserts and deletes (by slug)."""
    changes = [Change(item.id, item) for item in documents] + [Change(f"id-{slug}", None) for slug in gone]
    return Batch(changes, position)


async def slugs(engine: Engine, q: str = "", **options: Any) -> list[str]:
    """What a search finds, in order."""
    page = await engine.search(Request(q=q, **options))
    return [found.document.slug for found in page.hits]
