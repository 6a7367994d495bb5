"""What the suite of engines asks with: a small world of regions and words, short ways to make documents and to ask.

The regions are real ones, since districts are also known by their postal places; the words are made up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from infra.contracts.contacts import Term
from services.search.domain import Document, Request
from services.search.engine import Batch, Change, Engine, Source
from services.search.language.knowledge import Knowledge, RegionFacts

KNOWLEDGE = Knowledge(
    [
        RegionFacts("deutschland", "Deutschland", kind="bund", lat=51.0553, lon=10.3732),
        RegionFacts("sachsen-anhalt", "Sachsen-Anhalt", "Land Sachsen-Anhalt", "land", "deutschland", 52.0093, 11.7028),
        RegionFacts(
            "stadt-magdeburg", "Magdeburg", "Stadt Magdeburg", "kreisfreie-stadt", "sachsen-anhalt", 52.1171, 11.6408
        ),
        RegionFacts("landkreis-harz", "Harz", "Landkreis Harz", "landkreis", "sachsen-anhalt", 51.8211, 10.9591),
        RegionFacts("hessen", "Hessen", "Land Hessen", "land", "deutschland", 50.599, 9.0262),
        RegionFacts("stadt-kassel", "Kassel", "Stadt Kassel", "kreisfreie-stadt", "hessen", 51.3118, 9.4591),
        RegionFacts(
            "burgenlandkreis", "Burgenlandkreis", "Burgenlandkreis", "landkreis", "sachsen-anhalt", 51.1475, 11.8835
        ),
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


def table(batches: Sequence[Batch]) -> Source:
    """What a table tells a rebuild: of `batches`, as they are when it asks, those after its position."""

    async def source(after: int) -> AsyncIterator[Batch]:
        for told in batches:
            if told.position > after:
                yield told

    return source
