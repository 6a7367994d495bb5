"""The behaviour of an engine behind the port, inherited by the test class of every adapter.

class TestEmbedded(EngineSuite):
    @pytest.fixture
    async def engine(self, tmp_path: Path) -> AsyncIterator[Engine]: …
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.search.domain import Request
from services.search.engine import Batch, Change, Engine
from services.search.language.knowledge import Knowledge, RegionFacts
from tests.services.search.engine_choosing import ChoosingSuite
from tests.services.search.engine_guard import GuardSuite
from tests.services.search.engine_kit import KNOWLEDGE, batch, document, slugs
from tests.services.search.engine_places import PlacesSuite
from tests.services.search.engine_words import WordsSuite

# Where engines legitimately differ: what happens, and how each of them deals with it.
DIFFERENCES = {
    "a document is changed between two pages": {"embedded": "shown as it was", "meilisearch": "left out"},
}


class EngineSuite(WordsSuite, PlacesSuite, ChoosingSuite, GuardSuite):
    """Every adapter passes all of it."""

    async def test_new_engine_is_empty(self, engine: Engine) -> None:
        assert engine.position == 0
        assert await slugs(engine, "Kurs") == []
        assert (await engine.stats(frozenset({"public"}))).documents == 0

    async def test_document_is_found_after_apply_and_position_moves(self, engine: Engine) -> None:
        await engine.apply(batch(7, document("kurs", "Berufssprachkurs in der Pflege")))
        assert engine.position == 7
        assert await slugs(engine, "Berufssprachkurs") == ["kurs"]

    async def test_newer_state_replaces_the_older_one(self, engine: Engine) -> None:
        await engine.apply(batch(1, document("a", "Apfelernte")))
        await engine.apply(batch(2, document("a", "Birnenernte")))
        assert await slugs(engine, "Apfelernte") == []
        assert await slugs(engine, "Birnenernte") == ["a"]

    async def test_a_batch_that_comes_late_changes_nothing(self, engine: Engine) -> None:
        await engine.apply(batch(2, document("a", "Birnenernte", version=2)))
        await engine.apply(batch(1, document("a", "Apfelernte"), gone=("b",)))
        await engine.apply(batch(2, gone=("a",)))
        assert engine.position == 2
        assert await slugs(engine, "Birnenernte") == ["a"]
        assert await slugs(engine, "Apfelernte") == []

    async def test_an_empty_batch_moves_the_position(self, engine: Engine) -> None:
        await engine.apply(Batch([], 9))
        assert engine.position == 9

    @pytest.mark.parametrize("identifier", ["topic:1/2", "ä ö", "state", "make", "a" * 64, 'x" OR kind = "y'])
    async def test_documents_may_be_called_anything(self, engine: Engine, identifier: str) -> None:
        await engine.apply(batch(1, replace(document("a", "Kurs"), id=identifier), document("b", "Kurs")))
        assert sorted(await slugs(engine, "Kurs")) == ["a", "b"]
        await engine.apply(Batch([Change(identifier, None)], 2))
        assert await slugs(engine, "Kurs") == ["b"]

    async def test_deleted_document_is_gone(self, engine: Engine) -> None:
        await engine.apply(batch(1, document("a", "Apfelernte"), document("b", "Apfelsaft")))
        await engine.apply(batch(2, gone=("a",)))
        assert await slugs(engine) == ["b"]

    async def test_filters_widen_within_a_facet_and_narrow_across(self, engine: Engine) -> None:
        await engine.apply(
            batch(
                1,
                document("a", "Kurs", stages=["language"], target_groups=["women"]),
                document("b", "Kurs", stages=["recognition"], target_groups=["women"]),
                document("c", "Kurs", stages=["recognition"]),
            )
        )
        assert sorted(await slugs(engine, filters={"stage": ("language", "recognition")})) == ["a", "b", "c"]
        chosen = {"stage": ("recognition",), "target_group": ("women",)}
        assert await slugs(engine, "Kurs", filters=chosen) == ["b"]

    async def test_facet_counts_tell_what_choosing_gives(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        documents = [
            document("a", "Kurs", stages=["language"], regions=["landkreis-harz", "stadt-magdeburg"]),
            document("b", "Kurs", stages=["recognition"], regions=["sachsen-anhalt"], kind="organisation"),
            document("c", "Kurs", stages=["language", "recognition"], regions=["hessen"], languages=["ar"]),
            document("d", "Kurs", regions=["deutschland"]),
        ]
        await engine.apply(batch(1, *documents))
        for q in ("", "Kurs"):
            for chosen in ({}, {"stage": ("language",)}, {"district": ("sachsen-anhalt",)}):
                facets = (await engine.search(Request(q=q, filters=chosen))).facets
                for facet, values in facets.items():
                    for value, count in values:
                        given = await engine.search(Request(q=q, filters={**chosen, facet: (value,)}))
                        assert given.total == count, (q, chosen, facet, value)

    async def test_district_counts_include_the_land(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(batch(1, document("a", "Kurs", regions=["landkreis-harz"])))
        facets = (await engine.search(Request())).facets
        assert dict(facets["district"]) == {"landkreis-harz": 1, "sachsen-anhalt": 1}

    async def test_a_region_whose_land_is_not_known_yet_does_no_harm(self, engine: Engine) -> None:
        await engine.learn(Knowledge([RegionFacts("landkreis-harz", "Harz", parent="sachsen-anhalt")]))
        await engine.apply(batch(1, document("a", "Kurs", regions=["landkreis-harz", "unbekannt"])))
        found = await engine.search(Request(q="Kurs Harz", filters={"district": ("landkreis-harz",)}))
        assert dict(found.facets["district"])["landkreis-harz"] == found.total == 1

    async def test_hidden_documents_do_not_exist_for_outsiders(self, engine: Engine) -> None:
        await engine.apply(
            batch(
                1,
                document("a", "Offene Runde"),
                document("b", "Geheimtreffen", stages=["language"], audience=["network:iq", "space:s"]),
            )
        )
        outside = await engine.search(Request(q="Geheimtreffne"))
        assert (list(outside.hits), outside.total, tuple(outside.corrections)) == ([], 0, ())
        assert (await engine.search(Request())).facets["stage"] == []
        assert await engine.suggest("geheim", frozenset({"public"}), 5) == []
        assert (await engine.stats(frozenset({"public"}))).documents == 1
        member = frozenset({"public", "network:iq"})
        assert await slugs(engine, "Geheimtreffne", audience=member) == ["b"]
        assert [item.slug for item in await engine.suggest("geheim", member, 5)] == ["b"]

    async def test_without_words_the_newest_come_first(self, engine: Engine) -> None:
        await engine.apply(
            batch(
                1,
                document("old", "Kurs", date="2019"),
                document("new", "Kurs", date="2026-02-03"),
                document("middle", "Kurs", date="2020-02"),
            )
        )
        assert await slugs(engine) == ["new", "middle", "old"]

    async def test_pages_show_everything_once_although_documents_come_in_between(self, engine: Engine) -> None:
        await engine.apply(batch(1, *(document(f"d{number:02}", f"Kurs {number}") for number in range(25))))
        seen: list[str] = []
        page = await engine.search(Request(q="Kurs", limit=10))
        while True:
            seen += [found.document.slug for found in page.hits]
            if page.next_offset is None:
                break
            await engine.apply(batch(1 + len(seen), document(f"z{len(seen)}", "Kurs Kurs Kurs")))
            page = await engine.search(Request(q="Kurs", limit=10, offset=page.next_offset, snapshot=page.snapshot))
        assert sorted(seen) == [f"d{number:02}" for number in range(25)]

    async def test_a_document_that_changes_between_two_pages_is_not_shown_twice(self, engine: Engine) -> None:
        documents = [document(f"d{number}", "Kurs", date=f"2026-01-0{number}") for number in range(1, 7)]
        await engine.apply(batch(1, *documents))
        first = await engine.search(Request(limit=3))
        await engine.apply(batch(2, replace(documents[0], date="2026-01-09"), replace(documents[4], text="Neu")))
        second = await engine.search(Request(limit=3, offset=3, snapshot=first.snapshot))
        then = DIFFERENCES["a document is changed between two pages"][engine.name]
        assert [found.document.slug for found in first.hits] == ["d6", "d5", "d4"]
        left = ["d3", "d2", "d1"] if then == "shown as it was" else ["d2"]
        assert [found.document.slug for found in second.hits] == left

    async def test_a_page_whose_snapshot_is_gone_goes_on_in_the_present_state(self, engine: Engine) -> None:
        await engine.apply(batch(1, *(document(f"d{number}", "Kurs") for number in range(5))))
        page = await engine.search(Request(q="Kurs", limit=2, offset=4, snapshot=12345))
        assert len(page.hits) == 1
        assert page.next_offset is None

    async def test_highlights_are_escaped_and_marked(self, engine: Engine) -> None:
        title = '<script>alert("Kurs")</script> & Kurse'
        text = 'Ein <b onclick="x">Kurs</b> für </mark><img src=x onerror=alert(1)> &amp; alle.'
        await engine.apply(batch(1, document("a", title, text=text)))
        found = (await engine.search(Request(q="Kurs <img onerror script"))).hits[0]
        for shown in (found.title_html, found.text_html):
            bare = shown.replace("<mark>", "").replace("</mark>", "")
            assert "<" not in bare
            assert ">" not in bare
            assert '"' not in bare
        assert "<mark>Kurs</mark>" in found.title_html
        assert "<mark>Kurse</mark>" in found.title_html
        assert "<mark>Kurs</mark>" in found.text_html
        assert "&amp;amp;" in found.text_html

    async def test_excerpt_is_taken_where_the_words_are(self, engine: Engine) -> None:
        text = "Anfang ohne Belang. " * 60 + "Hier steht Kinderbetreuung im Mittelpunkt. " + "Ende ohne Belang. " * 60
        await engine.apply(batch(1, document("a", "Titel", text=text)))
        found = (await engine.search(Request(q="Kinderbetreuung"))).hits[0]
        assert "<mark>Kinderbetreuung</mark>" in found.text_html
        assert found.text_html.startswith("… ")
        assert len(found.text_html) < 400

    async def test_suggestions(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(batch(1, document("a", "Magdeburger Sprachcafé"), document("b", "Sprachcafé im Harz")))
        found = await engine.suggest("Magde", frozenset({"public"}), 5)
        assert [(item.kind, item.slug) for item in found] == [("region", "stadt-magdeburg"), ("offer", "a")]
        found = await engine.suggest("harz sprach", frozenset({"public"}), 5)
        assert (found[0].kind, found[0].slug) == ("offer", "b")
        assert [item.kind for item in await engine.suggest("Reco", frozenset({"public"}), 5)] == ["term"]

    async def test_suggestions_forgive_an_error_and_know_small_places(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(batch(1, document("lotsen", "Willkommenslotsen"), document("other", "Garten")))
        misspelt = await engine.suggest("Wilkommenslot", frozenset({"public"}), 5)
        assert [item.slug for item in misspelt] == ["lotsen"]
        [halberstadt] = await engine.suggest("38820", frozenset({"public"}), 5)
        assert (halberstadt.text, halberstadt.kind, halberstadt.slug) == (
            "38820 Halberstadt",
            "place",
            "landkreis-harz",
        )
        hidden = document("hidden", "Geheimtreffen", audience=["space:s"])
        await engine.apply(batch(2, hidden))
        assert await engine.suggest("Geheimtrefen", frozenset({"public"}), 5) == []

    async def test_rebuild_gives_the_same_documents_and_keeps_answering(self, engine: Engine) -> None:
        documents = [document(f"d{number}", f"Kurs {number}") for number in range(30)]
        await engine.apply(batch(30, *documents))
        before = await engine.export()
        late = document("late", "Nachzügler")
        asked: list[list[str]] = []

        async def source(after: int) -> AsyncIterator[Batch]:
            if after < 30:
                yield batch(20, *documents[:20])
                asked.append(await slugs(engine, "Kurs", limit=30))
                yield batch(30, *documents[20:])
            elif after < 31:
                yield batch(31, late)

        await engine.rebuild(source)
        assert all(len(found) == 30 for found in asked)
        assert engine.position == 31
        await engine.apply(batch(32, gone=("late",)))
        assert await engine.export() == before

    async def test_export_does_not_depend_on_the_way_there(self, engine: Engine) -> None:
        first, second = document("a", "Apfel", names=["x"]), document("b", "Birne", regions=["harz"])
        await engine.apply(batch(1, second, first))
        one = await engine.export()
        await engine.apply(batch(2, replace(first, title="Anders"), gone=("b",)))
        assert await engine.export() != one
        await engine.apply(batch(3, first))
        await engine.apply(batch(4, second))
        assert await engine.export() == one
