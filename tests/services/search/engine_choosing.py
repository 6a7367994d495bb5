"""The part of the suite of engines about narrowing and ordering, large batches, and why something was found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.search.domain import Request
from services.search.engine import Batch, Change, Engine
from tests.services.search.engine_kit import KNOWLEDGE, batch, document, slugs


class ChoosingSuite:
    """Only some, only what meets everything, the newest first; all of that for many documents."""

    async def test_only_these_documents(self, engine: Engine) -> None:
        documents = [document(f"d{number:04}", "Kurs", stages=["language"]) for number in range(30)]
        await engine.apply(batch(1, *documents))
        assert sorted(await slugs(engine, "Kurs", only=frozenset({"id-d0003", "id-d0017", "gone"}))) == [
            "d0003",
            "d0017",
        ]
        page = await engine.search(Request(only=frozenset({"id-d0003"})))
        assert (page.total, page.facets["stage"]) == (1, [("language", 1)])
        assert await slugs(engine, "Kurs", only=frozenset()) == []
        thousand = frozenset(f"id-d{number:04}" for number in range(20, 1020))
        assert (await engine.search(Request(q="Kurs", only=thousand))).total == 10

    async def test_articles_are_found_by_their_kind_which_is_said_and_counted(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        story = document("story", "Ankommen", kind="article", category="success-story")
        law = document("law", "Neue Regeln", kind="article", category="legislation", regions=["hessen"])
        await engine.apply(batch(1, story, law, document("offer", "Kurs")))
        page = await engine.search(Request(q="Erfolgsgeschichte"))
        assert [found.document.slug for found in page.hits] == ["story"]
        assert [(reason.kind, reason.text) for reason in page.hits[0].reasons] == [("tag", "Erfolgsgeschichte")]
        assert await slugs(engine, "change of law", language="en") == ["law"]
        page = await engine.search(Request(filters={"kind": ("article",)}))
        assert sorted(found.document.slug for found in page.hits) == ["law", "story"]
        assert page.facets["kind"] == [("article", 2), ("offer", 1)]
        assert await slugs(engine, filters={"kind": ("article",), "district": ("stadt-kassel",)}) == ["law"]

    async def test_strict_is_never_loosened(self, engine: Engine) -> None:
        await engine.apply(
            batch(
                1,
                document("whole", "Alpha Bravo Charlie", stages=["language"]),
                document("part", "Alpha Bravo", stages=["recognition"]),
                document("little", "Charlie"),
            )
        )
        assert await slugs(engine, "Alpha Bravo Charlie") == ["whole", "part", "little"]
        page = await engine.search(Request(q="Alpha Bravo Charlie", strict=True))
        assert [found.document.slug for found in page.hits] == ["whole"]
        assert (page.total, page.exact, page.facets["stage"]) == (1, 1, [("language", 1)])
        assert await slugs(engine, "Alpha Delta", strict=True) == []

    async def test_how_many_meet_every_word_is_told_when_more_are_shown(self, engine: Engine) -> None:
        await engine.apply(batch(1, document("a", "Alpha Bravo"), document("b", "Alpha"), document("c", "Delta")))
        for q, exact, total in (
            ("Alpha Bravo", 1, 2),
            ("Bravo Delta", 0, 2),
            ("Alpha", 2, 2),
            ("Echo", 0, 0),
            ("", 3, 3),
        ):
            page = await engine.search(Request(q=q))
            assert (page.exact, page.total) == (exact, total), q

    async def test_facets_that_nobody_needs_are_left_out(self, engine: Engine) -> None:
        await engine.apply(batch(1, document("a", "Kurs", stages=["language"])))
        page = await engine.search(Request(q="Kurs", filters={"stage": ("language",)}, facets=False))
        assert ([found.document.slug for found in page.hits], page.total, page.facets) == (["a"], 1, {})

    async def test_what_is_over_comes_after_what_is_to_come(self, engine: Engine) -> None:
        await engine.apply(
            batch(
                1,
                document("past", "Lupinentag", kind="event", date="2025-05-01"),
                document("coming", "Lupinentag", kind="event", date="2026-05-01", date_end="2026-05-03"),
                document("ended", "Lupinenkurs", status="ended"),
                document("active", "Lupinenkurs"),
            )
        )
        assert await slugs(engine, "Lupinentag", today="2026-05-02") == ["coming", "past"]
        assert await slugs(engine, "Lupinenkurs", today="2026-05-02") == ["active", "ended"]
        over = document("over", "Rosenkurs", date="2026-04-01", date_end="2026-04-30")
        await engine.apply(batch(2, over, document("running", "Rosenkurs", date="2025-04-01")))
        assert await slugs(engine, "Rosenkurs", today="2026-05-02") == ["running", "over"]

    async def test_strict_knows_compounds_synonyms_and_corrections_too(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(batch(1, document("a", "Berufssprachkurs der Agentur für Arbeit"), document("b", "Kurs")))
        assert await slugs(engine, "Sprachkurs Arbeitsamt", strict=True) == ["a"]
        assert await slugs(engine, "Berufsprachkurs", strict=True) == ["a"]

    async def test_the_newest_first_whatever_the_words_prefer(self, engine: Engine) -> None:
        await engine.apply(
            batch(
                1,
                document("old", "Lupinenbeet", date="2019-05-01"),
                document("new", "Garten", text="Ein Lupinenbeet", date="2026-02-03"),
                document("middle", "Lupinenbeet im Garten", date="2020-02"),
                document("undated", "Lupinenbeet"),
                document("other", "Kurs", date="2027-01-01"),
            )
        )
        newest = ["new", "middle", "old", "undated"]
        assert await slugs(engine, "Lupinenbeet", newest_first=True, strict=True) == newest
        assert await slugs(engine, "Lupinenbeet", newest_first=True) == newest
        first = await engine.search(Request(q="Lupinenbeet", newest_first=True, limit=3))
        second = await engine.search(
            Request(q="Lupinenbeet", newest_first=True, limit=3, offset=3, snapshot=first.snapshot)
        )
        assert [found.document.slug for page in (first, second) for found in page.hits] == newest
        assert await slugs(engine, newest_first=True) == ["other", *newest]

    @pytest.mark.parametrize("number", [500, 5_000])
    async def test_large_batches(self, engine: Engine, number: int) -> None:
        documents = [document(f"d{place:04}", f"Kurs {place}", stages=["language"]) for place in range(number)]
        await engine.apply(batch(number, *documents))
        page = await engine.search(Request(q="Kurs", limit=5))
        assert (engine.position, page.total, page.facets["stage"]) == (number, number, [("language", number)])
        assert await slugs(engine, f"Kurs {number - 1}", strict=True) == [f"d{number - 1:04}"]
        gone = [Change(item.id, None) for item in documents[1:]]
        changed = Change(documents[0].id, replace(documents[0], title="Lupinenbeet"))
        await engine.apply(Batch([*gone, changed], number + 1))
        assert await slugs(engine) == ["d0000"]
        assert (await engine.search(Request(q="Kurs"))).total == 0

    async def test_of_several_changes_of_one_document_the_last_holds(self, engine: Engine) -> None:
        a, b = document("a", "Apfelernte"), document("b", "Birnenernte")
        changes = [
            Change(a.id, a),
            Change(b.id, b),
            Change(a.id, replace(a, title="Kirschernte")),
            Change(b.id, None),
            Change("id-c", None),
            Change("id-c", document("c", "Dattelernte")),
        ]
        await engine.apply(Batch(changes, 6))
        assert sorted(await slugs(engine)) == ["a", "c"]
        assert await slugs(engine, "Kirschernte", strict=True) == ["a"]

    async def test_of_two_rebuilds_at_once_neither_spoils_the_other(self, engine: Engine) -> None:
        documents = [document(f"d{number}", f"Kurs {number}") for number in range(20)]
        await engine.apply(batch(20, *documents))
        before = await engine.export()

        async def source(after: int) -> AsyncIterator[Batch]:
            for end in (5, 10, 15, 20):
                if after < end:
                    yield batch(end, *documents[max(0, end - 5) : end])

        await asyncio.gather(engine.rebuild(source), engine.rebuild(source))
        assert (await engine.export(), engine.position) == (before, 20)
        assert len(await slugs(engine, "Kurs", limit=50)) == 20

    async def test_a_batch_that_comes_late_after_a_rebuild_changes_nothing(self, engine: Engine) -> None:
        async def source(after: int) -> AsyncIterator[Batch]:
            if after < 9:
                yield batch(9, document("a", "Birnenernte", version=3))

        await engine.rebuild(source)
        await engine.apply(batch(8, document("a", "Apfelernte", version=2), document("b", "Apfelernte")))
        assert engine.position == 9
        assert await slugs(engine) == ["a"]
        assert await slugs(engine, "Apfelernte") == []

    @pytest.mark.parametrize(
        ("q", "kind", "text"),
        [
            ("Arbeitsamt", "synonym", "Agentur für Arbeit"),
            ("Sprachkurs", "compound", "Sprachkurs"),
            ("Anerkenung", "correction", "Anerkennung"),
            ("Migrantinnen", "tag", "Frauen"),
            ("Beratung Magdeburg", "place", "Magdeburg"),
            ("Beratung Harz", "around", "Sachsen-Anhalt"),
            ("Beratung Kassel", "nationwide", "Deutschland"),
        ],
    )
    async def test_a_hit_says_why_it_is_there(self, engine: Engine, q: str, kind: str, text: str) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(
            batch(
                1,
                document("synonym", "Agentur für Arbeit"),
                document("compound", "Berufssprachkurs"),
                document("correction", "Anerkennung"),
                document("tag", "Kompass", target_groups=["women"]),
                document("place", "Beratung", regions=["stadt-magdeburg"]),
                document("around", "Beratung", regions=["sachsen-anhalt"]),
                document("nationwide", "Beratung", regions=["deutschland"]),
            )
        )
        page = await engine.search(Request(q=q))
        reasons = {found.document.slug: list(found.reasons) for found in page.hits}
        assert [reason.kind for reason in reasons[kind]] == [kind]
        assert reasons[kind][0].text == text
