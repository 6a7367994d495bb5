"""State from events equals state rebuilt: random histories, delivered out of order, twice and in parts.

Whatever order the events of some things arrive in, the index holds the newest state of each, the same as after one
orderly replay, byte for byte; and an index made anew from the table is the same again, and answers the same.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.contracts.contacts import (
    ContactPointPublished,
    GlossaryTermPublished,
    OfferPublished,
    OfferWithdrawn,
    RegionPublished,
)
from infra.contracts.forum import TopicChanged, TopicRemoved
from infra.contracts.registry import Event
from services.search import running as search_running
from services.search.documents import document_of
from services.search.domain import Circle, Point, Request
from services.search.engine import Engine
from services.search.handlers import DESCRIBING
from services.search.queries import changes_after
from services.search.service import service
from tests.kit import Database, Running, running

HERE = Point(52.2, 11.6)
MEMBER = frozenset({"public", "space:space"})
REQUESTS = (
    Request(limit=50),
    Request(audience=MEMBER, limit=50),
    Request(q="Sprachkurs im Harz", limit=50),
    Request(q="Anerkenung Pflege", limit=50),
    Request(q="Beratung", strict=True, newest_first=True, limit=50),
    Request(filters={"district": ("thing-0",), "stage": ("language",)}, limit=50),
    Request(within=Circle(HERE, 12), limit=50),
    Request(q="Beratung", nearest_to=HERE, limit=50),
    Request(only=frozenset({"thing-0", "thing-2"}), audience=MEMBER, limit=50),
)
WORDS = st.sampled_from(["Sprachkurs", "Anerkennung", "Pflege", "Beratung im Harz", "Straßenfest <b>"])


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """The events of some things in the order they happened, and the same in an order they may arrive in."""
    happened: list[Event] = []
    for thing in range(draw(st.integers(1, 4))):
        happened += draw(_life(f"thing-{thing}"))
    arrived = draw(st.permutations(happened))
    repeated = draw(st.lists(st.sampled_from(happened), max_size=4))
    return happened, [*arrived, *repeated]


@st.composite
def _life(draw: st.DrawFn, identifier: str) -> list[Event]:
    kind = draw(st.sampled_from(["offer", "contact point", "topic", "glossary", "region"]))
    events: list[Event] = []
    for version in range(1, draw(st.integers(1, 5)) + 1):
        text = draw(WORDS)
        gone = draw(st.booleans()) and version > 1
        events.append(_event(kind, identifier, version, text, gone))
    return events


def _event(kind: str, identifier: str, version: int, text: str, gone: bool) -> Event:
    if kind == "offer":
        if gone:
            return OfferWithdrawn(id=identifier, version=version, slug=identifier)
        return OfferPublished(
            id=identifier,
            version=version,
            slug=identifier,
            name=text,
            title=text,
            region=("thing-0", "thing-1", "hessen")[version % 3],
            stages=["language"] if version % 2 else [],
        )
    if kind == "contact point":
        return ContactPointPublished(
            id=identifier,
            version=version,
            slug=identifier,
            name=text,
            region="thing-0",
            lat=52.1 + version / 10 if version % 2 else None,
            lon=11.6 if version % 2 else None,
        )
    if kind == "topic":
        if gone:
            return TopicRemoved(id=identifier, version=version, slug=identifier)
        seen = "public" if version % 2 else "space"
        return TopicChanged(id=identifier, version=version, slug=identifier, title=text, visible_to=seen)
    if kind == "glossary":
        return GlossaryTermPublished(id=identifier, version=version, slug=identifier, name=text, short="ABC")
    return RegionPublished(
        id=identifier,
        version=version,
        slug=identifier,
        name=text,
        name_full=text,
        kind="landkreis",
        parent=("", "thing-0", "hessen")[version % 3],
        lat=52.1,
        lon=11.6,
    )


def expected(happened: Sequence[Event]) -> bytes:
    """What the index must hold after these events, worked out without the service."""
    newest: dict[str, Event] = {}
    for event in happened:
        newest[event.id] = event
    documents = [document_of(newest[key]) for key in sorted(newest) if isinstance(newest[key], DESCRIBING)]
    encoder = msgspec.json.Encoder(order="sorted")
    return b"".join(encoder.encode(document) + b"\n" for document in documents)


@given(histories())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_way_events_arrive_does_not_matter(history: tuple[list[Event], list[Event]]) -> None:
    happened, arrived = history
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.search.indexing.LEAST_PAUSE", 0.0)
        patch.setattr("services.search.indexing.MOST_PAUSE", 0.0)
        live, rebuilt = asyncio.run(_live_and_rebuilt(arrived))
        replayed, _ = asyncio.run(_live_and_rebuilt(happened))
    assert live.export == expected(happened)
    for field in ("pages", "completions", "export"):
        assert getattr(rebuilt, field) == getattr(live, field), field
    assert replayed == live


@dataclass(frozen=True)
class Seen:
    """What an engine holds and what it answers, without the order of equally good hits."""

    export: bytes
    pages: list[object]
    completions: list[object]


async def _seen(engine: Engine) -> Seen:
    pages: list[object] = []
    for request in REQUESTS:
        page = await engine.search(request)
        hits = sorted((hit.document.id, hit.title_html, hit.distance_km or 0.0) for hit in page.hits)
        pages.append((hits, page.total, page.exact, page.facets, page.regions))
    completions = [sorted(item.text for item in await engine.suggest(typed, MEMBER, 20)) for typed in ("Spra", "Anerk")]
    return Seen(await engine.export(), pages, [*completions])


async def _live_and_rebuilt(events: Sequence[Event]) -> tuple[Seen, Seen]:
    with tempfile.TemporaryDirectory() as folder:
        async with running([service], Database("sqlite", Path(folder))) as kit:
            await _deliver(kit, events)
            engine = search_running.current().engine
            live = await _seen(engine)
            await engine.rebuild(changes_after)
            return live, await _seen(engine)


async def _deliver(kit: Running, events: Sequence[Event]) -> None:
    for number, event in enumerate(events):
        await kit.deliver("search", event)
        if number % 5 == 0:
            await search_running.current().settled()
    await search_running.current().settled()
