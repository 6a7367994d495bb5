"""The part of the suite of engines that is about words: their forms, compounds, errors, meanings, places, names."""

from __future__ import annotations

import pytest

from services.search.domain import Request
from services.search.engine import Engine
from tests.services.search.engine_kit import KNOWLEDGE, batch, document, slugs


class WordsSuite:
    """What is found by which words, and in what order."""

    @pytest.mark.parametrize(
        ("written", "typed"),
        [
            ("Häuser für Familien", "Haus"),
            ("Vögel beobachten", "Voegel"),
            ("Vögel beobachten", "Vogel"),
            ("Sprachcafé", "Sprachcafe"),
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
