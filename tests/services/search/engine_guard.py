"""The part of the suite of engines about what must not happen: closed spaces betrayed, values that become operators.

The canaries compare everything that an outsider is told before and after hidden documents came in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from services.search.domain import MAX_OFFSET, Circle, Document, Point, Request
from services.search.engine import Batch, Engine
from tests.services.search.engine_kit import KNOWLEDGE, batch, document, slugs

PUBLIC = frozenset({"public"})
HERE = Point(52.1316, 11.6399)
EVIL = [
    '"',
    "\\",
    '\\"',
    "'",
    'x" OR kind = "offer',
    "x') OR (kind = 'offer",
    'x\\" OR audience EXISTS OR topic = "',
    "NOT",
    "IN [",
    "AND",
    "*",
    "_geoRadius(52, 11, 9999999)",
    "a\x00b",
    "a\nb\t\x1b[0m",
    "\u202eevil\ufeff",
    "x" * 10_000,
]
LONG = [
    "a" * 10_000,
    "Kurs " * 2_000,
    "Kurs-" * 2_000,
    " ".join(f"wort{number}" for number in range(1_500)),
    "ä\u0308 " * 500,
]


async def _told(engine: Engine, request: Request) -> tuple[object, ...]:
    """All that a page tells, without the order of equally good hits."""
    page = await engine.search(request)
    hits = sorted((found.document.id, found.title_html, found.text_html, found.reasons) for found in page.hits)
    return hits, page.total, page.facets, page.corrections, page.regions, page.places


class GuardSuite:
    """What outsiders and evil words cannot do."""

    async def test_what_an_outsider_is_told_does_not_change_when_hidden_documents_come(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        opened = [
            document("a", "Offene Runde", text="Treffen für alle", regions=["landkreis-harz"], stages=["language"]),
            document("b", "Sprachkurs", text="Offen für alle", lat=HERE.lat, lon=HERE.lon, topics=["pflege"]),
        ]
        await engine.apply(batch(1, *opened))
        requests = [
            Request(),
            Request(q="Runde Sprachkurs"),
            Request(q="Lupinenbeet Treffen"),
            Request(q="Lupinenbete"),
            Request(q="Sprachkurs Magdeburg"),
            Request(q="Runde", filters={"district": ("sachsen-anhalt",)}),
            Request(filters={"stage": ("recognition",)}),
            Request(within=Circle(HERE, 50)),
            Request(q="Runde", nearest_to=HERE),
            Request(q="Lupinenbeet", only=frozenset({"id-a", "id-h1"})),
            Request(q="Runde", strict=True, newest_first=True),
        ]
        before = [await _told(engine, request) for request in requests]
        completed = [await engine.suggest(typed, PUBLIC, 8) for typed in ("Lup", "Run", "Kas")]
        counted = await engine.stats(PUBLIC)
        hidden = [
            document(
                f"h{number}",
                "Runde im Lupinenbeet",
                text="Sprachkurs Treffen Rundes",
                regions=["stadt-kassel", "stadt-magdeburg"],
                stages=["recognition"],
                topics=["geheimes"],
                languages=["xx"],
                lat=HERE.lat,
                lon=HERE.lon,
                date="2030-01-01",
                audience=["network:iq", "space:s"],
            )
            for number in range(20)
        ]
        await engine.apply(batch(2, *hidden))
        for request, then in zip(requests, before, strict=True):
            assert await _told(engine, request) == then, request
        assert [await engine.suggest(typed, PUBLIC, 8) for typed in ("Lup", "Run", "Kas")] == completed
        assert await engine.stats(PUBLIC) == counted
        member = frozenset({"public", "network:iq"})
        assert (await engine.search(Request(q="Lupinenbeet", audience=member))).total == 20

    async def test_words_of_hidden_documents_change_nothing_that_is_made_of_words(self, engine: Engine) -> None:
        """Neither into what compounds fall apart nor how misspelt words are completed to titles."""
        opened = [document("a", "Sprachkurs Vormittag"), document("b", "Kurs", text="Ein Kurs")]
        hidden = document("h", "Lupinenbeete", text="Sprachkurz Sprachkurt Vormitte", audience=["network:iq"])

        async def told(*documents: Document) -> object:
            async def source(after: int) -> AsyncIterator[Batch]:
                if after < len(documents):
                    yield batch(len(documents), *documents)

            await engine.rebuild(source)
            completed = [await engine.suggest(q, PUBLIC, 8) for q in ("Sprachkurz Vormittag", "Sprachkurs Vormitte")]
            return completed, await _told(engine, Request(q="Lupinenbeetekurs"))

        before = await told(*opened)
        assert await told(*opened, hidden) == before
        assert [item.slug for item in await engine.suggest("Sprachkurz Vormittag", PUBLIC, 8)] == ["a"]

    async def test_what_becomes_hidden_is_gone_for_outsiders(self, engine: Engine) -> None:
        first = document("a", "Lupinenbeet", stages=["language"])
        await engine.apply(batch(1, first))
        await engine.apply(batch(2, replace(first, audience=["network:iq"])))
        page = await engine.search(Request(q="Lupinenbeet"))
        assert (page.hits, page.total, page.facets["stage"]) == ([], 0, [])
        assert await engine.suggest("Lup", PUBLIC, 5) == []

    async def test_nobody_asking_finds_nothing(self, engine: Engine) -> None:
        await engine.apply(batch(1, document("a", "Kurs"), document("b", "Kurs", audience=[])))
        assert await slugs(engine, audience=frozenset()) == []
        assert await slugs(engine) == ["a"]
        assert await engine.suggest("Kurs", frozenset(), 5) == []

    async def test_no_value_is_an_operator(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(batch(1, document("b", "Kurs"), document("c", "Kurs", audience=["network:iq"])))
        for value in EVIL:
            chosen: list[dict[str, Any]] = [{facet: (value,)} for facet in ("topic", "kind", "stage", "language")]
            for filters in [*chosen, {"district": (value,)}, {"topic": ("x", value)}]:
                page = await engine.search(Request(filters=filters, strict=True, newest_first=True))
                assert (list(page.hits), page.total) == ([], 0), filters
            assert await slugs(engine, audience=frozenset({value})) == []
            assert await slugs(engine, audience=frozenset({f"network:{value}"})) == []
            assert await slugs(engine, only=frozenset({value, "id-b"})) == ["b"]
            assert set(await slugs(engine, value)) <= {"b"}
            await engine.suggest(value, PUBLIC, 5)

    async def test_a_document_may_hold_any_value(self, engine: Engine) -> None:
        values = dict(enumerate(EVIL[:-1]))
        held = [
            replace(document(f"a{place}", value, text=value, topics=[value], regions=[value]), id=value)
            for place, value in values.items()
        ]
        hidden = [document(f"c{place}", "Kurs", audience=[value]) for place, value in values.items()]
        await engine.apply(batch(1, *held, *hidden))
        assert len(await slugs(engine, limit=50)) == len(held)
        for place, value in values.items():
            assert await slugs(engine, only=frozenset({value})) == [f"a{place}"], value
            assert await slugs(engine, filters={"topic": (value,)}) == [f"a{place}"], value
            assert await slugs(engine, audience=frozenset({value})) == [f"c{place}"], value
        await engine.apply(batch(2, *(replace(item, title="Anders") for item in held)))
        assert (await engine.search(Request(q="anders"))).total == len(held)

    async def test_no_words_are_operators_or_too_many(self, engine: Engine) -> None:
        await engine.apply(batch(1, document("a", "Kurs")))
        for q in (*EVIL, *LONG, "+", "Kurs AND", "title:Kurs", "Kurs~9", "(((", "Kurs\\", "_state", "-Kurs"):
            page = await engine.search(Request(q=q, nearest_to=HERE))
            assert {found.document.slug for found in page.hits} <= {"a"}, q[:50]
            await engine.suggest(q, PUBLIC, 5)

    async def test_deep_offsets_show_nothing_and_end(self, engine: Engine) -> None:
        await engine.apply(batch(1, *(document(f"d{number}", "Kurs") for number in range(3))))
        for offset in (3, MAX_OFFSET, 10**9):
            for request in (
                Request(q="Kurs"),
                Request(),
                Request(q="Kurs", nearest_to=HERE),
                Request(newest_first=True),
            ):
                page = await engine.search(replace(request, offset=offset))
                assert (list(page.hits), page.total, page.next_offset) == ([], 3, None)
