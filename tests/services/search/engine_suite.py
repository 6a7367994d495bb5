"""The behaviour of an engine behind the port, inherited by the test class of every adapter.

class TestEmbedded(EngineSuite):
    @pytest.fixture
    async def engine(self, tmp_path: Path) -> AsyncIterator[Engine]: …
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from infra.contracts.contacts import Term
from services.search.domain import Document, Request
from services.search.engine import Batch, Change, Engine
from services.search.language.knowledge import Knowledge, RegionFacts

# Where engines legitimately differ: what happens, and how each of them deals with it.
DIFFERENCES = {
    "a document is changed between two pages": {"embedded": "shown as it was", "meilisearch": "left out"},
}
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


class EngineSuite:
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

    @pytest.mark.parametrize(
        ("written", "typed"),
        [
            ("Häuser für Familien", "Haus"),
            ("Vögel beobachten", "Voegel"),
            ("Vögel beobachten", "Vogel"),
            ("Straße der Vielfalt", "Strasse"),
            ("Existenzgründung begleiten", "Existenzgruendung"),
            ("Existenzgründung begleiten", "existenzgrundung"),
            ("Anerkennung von Abschlüssen", "anerkennen abschluss"),
            ("Koordinierung im Landkreis", "Koordinator"),
            ("Beratung für Migrantinnen", "Migranten"),
            ("Treffen der Berater*innen", "Beraterin"),
            ("Beratungszentren im Land", "Beratungszentrum"),
        ],
    )
    async def test_forms_and_spellings_of_a_word(self, engine: Engine, written: str, typed: str) -> None:
        await engine.apply(batch(1, document("a", written), document("b", "Etwas ganz anderes")))
        assert await slugs(engine, typed) == ["a"]

    @pytest.mark.parametrize(
        ("written", "typed"),
        [
            ("Berufssprachkurs", "Sprachkurs"),
            ("Berufssprachkurs", "Sprachkurs für den Beruf"),
            ("Sprachkurs für den Beruf", "Berufssprachkurs"),
            ("Welcome Center", "Welcomecenter"),
            ("Welcomecenter", "welcome center"),
            ("Fachkräfteallianz", "fachkräfte allianz"),
            ("Arbeitsmarktintegration", "Integration"),
        ],
    )
    async def test_compounds_split_and_joined(self, engine: Engine, written: str, typed: str) -> None:
        await engine.apply(batch(1, document("a", written), document("b", "Etwas ganz anderes")))
        assert await slugs(engine, typed) == ["a"]

    @pytest.mark.parametrize("typed", ["Anerkenung", "Anerknenung", "Anrekennung", "Anerkennnung", "Annerkenung"])
    async def test_typing_errors_in_long_words(self, engine: Engine, typed: str) -> None:
        await engine.apply(batch(1, document("a", "Anerkennung"), document("b", "Etwas ganz anderes")))
        page = await engine.search(Request(q=f"{typed} finden"))
        assert [found.document.slug for found in page.hits] == ["a"]
        assert page.corrections == ("Anerkennung finden",)

    async def test_short_words_are_taken_as_typed(self, engine: Engine) -> None:
        await engine.apply(batch(1, document("a", "Amt"), document("b", "Art")))
        assert await slugs(engine, "Akt") == []

    async def test_exact_match_ranks_above_a_corrected_one(self, engine: Engine) -> None:
        await engine.apply(batch(1, document("a", "Pflegehelfer"), document("b", "Pflegehelden")))
        assert (await slugs(engine, "Pflegehelden"))[0] == "b"

    async def test_synonyms_and_abbreviations(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(batch(1, document("a", "Agentur für Arbeit"), document("b", "Projekt für Flüchtlinge")))
        assert await slugs(engine, "Arbeitsamt") == ["a"]
        assert await slugs(engine, "BA") == ["a"]
        assert await slugs(engine, "Asylsuchende") == ["b"]

    async def test_labels_of_both_languages_find_what_is_classified_so(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(batch(1, document("a", "Kompass", target_groups=["women"]), document("b", "Anker")))
        assert await slugs(engine, "women") == ["a"]
        assert await slugs(engine, "Frauen") == ["a"]
        assert await slugs(engine, "Migrantinnen") == ["a"]

    async def test_a_place_prefers_itself_then_its_land_then_the_federation(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(
            batch(
                1,
                document("bund", "Kurs", regions=["deutschland"]),
                document("harz", "Kurs", regions=["landkreis-harz"]),
                document("hessen", "Kurs", regions=["hessen"]),
                document("land", "Kurs", regions=["sachsen-anhalt"]),
                document("stadt", "Kurs", regions=["stadt-magdeburg"]),
            )
        )
        found = await engine.search(Request(q="Kurs Magdeburg"))
        assert [hit.document.slug for hit in found.hits][:3] == ["stadt", "land", "bund"]
        assert found.regions == ("stadt-magdeburg",)

    async def test_the_whole_federation_is_a_place_too(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        somewhere, nowhere = document("a", "Kurs", regions=["landkreis-harz"]), document("b", "Kurs")
        await engine.apply(batch(1, somewhere, nowhere))
        found = await engine.search(Request(q="Kurs in Deutschland"))
        assert [hit.document.slug for hit in found.hits] == ["a", "b"]
        assert found.regions == ("deutschland",)

    async def test_a_long_question_is_loosened_and_what_meets_most_of_it_comes_first(self, engine: Engine) -> None:
        whole, part = "Alpha Bravo Charlie Delta Echo Foxtrott Golf", "Alpha Charlie Echo Golf"
        await engine.apply(
            batch(1, document("c", "Golf"), document("b", part), document("a", whole), document("d", "X"))
        )
        assert await slugs(engine, whole) == ["a", "b", "c"]

    @pytest.mark.parametrize("typed", ["Burgenland", "burgenlandkreis", "Burgenlandkries"])
    async def test_a_place_in_other_words(self, engine: Engine, typed: str) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(batch(1, document("a", "Kurs", regions=["burgenlandkreis"]), document("b", "Kurs")))
        found = await engine.search(Request(q=f"Kurs {typed}"))
        assert found.hits[0].document.slug == "a"
        assert found.regions == ("burgenlandkreis",)

    async def test_names_of_provider_and_network_are_found(self, engine: Engine) -> None:
        await engine.apply(batch(1, document("a", "Kurs", related=["Caritasverband"]), document("b", "Kurs")))
        assert await slugs(engine, "Caritasverband") == ["a"]

    async def test_exact_name_comes_first(self, engine: Engine) -> None:
        await engine.apply(
            batch(
                1,
                document("a", "Sozialwirtschaft integriert, Wirtschaft integriert und mehr"),
                document("b", "Wirtschaft integriert"),
                document("c", "Integration in der Wirtschaft"),
            )
        )
        assert (await slugs(engine, "wirtschaft integriert"))[0] == "b"

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

    @pytest.mark.parametrize(
        "q", ["+", "Kurs AND", "title:Kurs", "*", '"', "Kurs~9", "(((", "Kurs\\", "a" * 300, "_state"]
    )
    async def test_no_words_are_operators(self, engine: Engine, q: str) -> None:
        await engine.apply(batch(1, document("a", "Kurs")))
        await engine.search(Request(q=q))

    @pytest.mark.parametrize("value", ['"', "\\", '\\"', 'x" OR kind = "offer', "x') OR (kind = 'offer", "NOT", "IN ["])
    async def test_no_value_is_an_operator(self, engine: Engine, value: str) -> None:
        chosen, hidden = document("a", "Kurs", topics=[value]), document("c", "Kurs", audience=[value])
        await engine.apply(batch(1, chosen, document("b", "Kurs"), hidden))
        assert await slugs(engine, filters={"topic": (value,)}) == ["a"]
        assert await slugs(engine, filters={"district": (value,)}) == []
        assert await slugs(engine, audience=frozenset({f"network:{value}"})) == []
        assert await slugs(engine, audience=frozenset({value})) == ["c"]

    async def test_suggestions(self, engine: Engine) -> None:
        await engine.learn(KNOWLEDGE)
        await engine.apply(batch(1, document("a", "Magdeburger Sprachcafé"), document("b", "Sprachcafé im Harz")))
        found = await engine.suggest("Magde", frozenset({"public"}), 5)
        assert [(item.kind, item.slug) for item in found] == [("region", "stadt-magdeburg"), ("offer", "a")]
        assert [item.slug for item in await engine.suggest("harz sprach", frozenset({"public"}), 5)] == ["b"]
        assert [item.kind for item in await engine.suggest("Reco", frozenset({"public"}), 5)] == ["term"]

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
