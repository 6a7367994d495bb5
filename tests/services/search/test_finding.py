"""Search through its own edge: what events make findable, for whom, and how it is answered."""

from __future__ import annotations

from typing import Any

from infra.contracts.contacts import (
    ContactPointPublished,
    DocumentPublished,
    EventPublished,
    GlossaryTermPublished,
    NetworkPublished,
    OfferPublished,
    OfferWithdrawn,
    OrganisationPublished,
    StateProfilePublished,
    Term,
    VocabularyPublished,
)
from infra.contracts.forum import TopicChanged, TopicRemoved
from infra.contracts.newsletter import ArticlePublished, ArticleWithdrawn, IssuePublished
from infra.db import transaction
from infra.inbox import Meta
from services.search import running
from services.search.handlers import remove_document, store_document
from services.search.models import SearchDocument
from tests.kit import counted_queries, identity
from tests.services.search.conftest import REGIONS, VOCABULARIES, Search

MEMBER = identity("a1", "member", networks=["iq-netz"])
MODERATOR = identity("a3", "moderator")


def offer(slug: str, title: str, version: int = 1, **fields: Any) -> OfferPublished:
    """A published offer."""
    values: dict[str, Any] = {"id": f"offer-{slug}", "version": version, "slug": slug, "name": title, "title": title}
    return OfferPublished(**values | fields)


EVERY_KIND = [
    offer("o", "Lupinenprojekt", provider_name="Caritas"),
    EventPublished(id="e", version=1, slug="ev", name="Lupinentreffen", place="Stralsund"),
    OrganisationPublished(id="g", version=1, slug="og", name="Lupinenverein", short="LV"),
    ContactPointPublished(id="c", version=1, slug="cp", name="Lupinenzentrum", organisation_name="Lupinenverein"),
    NetworkPublished(id="n", version=1, slug="nw", name="Lupinennetzwerk", member_names=["Caritas"]),
    DocumentPublished(id="d", version=1, slug="dc", name="Lupinenstrategie", issuer_name="Land"),
    StateProfilePublished(id="s", version=1, slug="sp", name="Profil", text="Alles über die Lupine."),
    GlossaryTermPublished(id="t", version=1, slug="gl", name="Lupine", short="LUP"),
    TopicChanged(id="f", version=1, slug="tp", title="Frage", text="Wer kennt die Lupine?"),
    IssuePublished(id="i", version=1, slug="is", title="Ausgabe 1", quarter="2026-1", text="Schwerpunkt Lupine"),
    ArticlePublished(id="a", version=1, slug="ar", kind="handout", title="Leitfaden", text="Die Lupine im Betrieb"),
]


async def test_every_kind_is_found(search: Search) -> None:
    await search.tell(*EVERY_KIND)
    answer = await search.get("/search", q="Lupine", limit=50)
    hits = answer.json()["hits"]
    assert {hit["kind"] for hit in hits} == {
        "offer",
        "event",
        "organisation",
        "contact_point",
        "network",
        "document",
        "state_profile",
        "glossary_term",
        "topic",
        "issue",
        "article",
    }
    assert answer.json()["total"] == len(EVERY_KIND)
    assert {value["value"]: value["count"] for value in answer.json()["facets"]["kind"]}["offer"] == 1


def article(slug: str, version: int = 1, **fields: Any) -> ArticlePublished:
    """A published article."""
    values: dict[str, Any] = {
        "id": f"article-{slug}",
        "version": version,
        "slug": slug,
        "kind": "success-story",
        "title": "Ankommen",
    }
    return ArticlePublished(**values | fields)


async def test_an_article_is_found_in_both_languages_by_its_kind_and_says_why(search: Search) -> None:
    await search.tell(
        article("a", title="Angekommen im Betrieb", title_en="Settled in", text_en="She runs the bakery now."),
        article("b", kind="legislation", title="Neue Regeln"),
    )
    assert await search.find("bakery") == ["a"]
    answer = (await search.get("/search", q="Erfolgsgeschichte")).json()
    assert answer["hits"][0]["slug"] == "a"
    assert {"kind": "tag", "text": "Erfolgsgeschichte"} in answer["hits"][0]["reasons"]
    assert (await search.find("Gesetzesänderung"))[0] == "b"
    answer = await search.kit.get("search", "/search", query={"q": "settled"}, language="en")
    english = answer.json()["hits"][0]
    assert (english["title"], english["title_language"], english["category"]) == ("Settled in", "en", "success-story")
    assert (await search.get("/search", q="", kind="article")).json()["total"] == 2


async def test_a_withdrawn_article_is_found_no_more_and_comes_back_when_it_is_published_again(search: Search) -> None:
    await search.tell(article("a"), ArticleWithdrawn(id="article-a", version=2, slug="a"), article("a"))
    assert await search.find("Ankommen") == []
    await search.tell(article("a", 3))
    assert await search.find("Ankommen") == ["a"]


async def test_abbreviation_of_the_glossary_stands_for_its_long_form(search: Search) -> None:
    await search.tell(
        GlossaryTermPublished(id="t", version=1, slug="kmu", name="kleine und mittlere Unternehmen", short="KMU"),
        offer("a", "Beratung für kleine und mittlere Unternehmen"),
        offer("b", "Beratung für Familien"),
    )
    assert set(await search.find("KMU", kind="offer")) == {"a"}


async def test_a_hit_has_all_that_a_list_shows(search: Search) -> None:
    await search.tell_all()
    await search.tell(
        offer(
            "kurs",
            "Sprachkurs Pflege",
            title_en="Language course care",
            summary="Deutsch im Beruf",
            summary_en="German at work",
            description="Ein Kurs für Pflegekräfte.",
            network="iq-netz",
            network_name="IQ Netz",
            provider_name="Caritas",
            region="stadt-magdeburg",
            stages=["language"],
            target_groups=["women"],
            languages=["de", "ar"],
            published_at="2026-03-01T10:00:00Z",
            valid_to="2026-12-31",
        )
    )
    german = (await search.get("/search", q="Pflege")).json()["hits"][0]
    english = (await search.get("/search", q="Pflege", speaks="en")).json()["hits"][0]
    assert german["title"] == "Sprachkurs Pflege"
    assert german["highlights"]["title"] == "Sprachkurs <mark>Pflege</mark>"
    assert german["highlights"]["text"] == "Deutsch im Beruf Ein Kurs für <mark>Pflegekräfte</mark>."
    assert (english["title"], english["summary"]) == ("Language course care", "German at work")
    assert german["region_name"] == "Magdeburg"
    assert (german["id"], german["slug"], german["kind"]) == ("offer-kurs", "kurs", "offer")
    assert german["date"] == "2026-03-01"
    assert german["network_name"] == "IQ Netz"


async def test_a_change_is_searchable_and_a_withdrawal_hides(search: Search) -> None:
    await search.tell(offer("a", "Apfelernte"))
    await search.tell(offer("a", "Birnenernte", version=2))
    assert await search.find("Apfelernte") == []
    assert await search.find("Birnenernte") == ["a"]
    await search.tell(OfferWithdrawn(id="offer-a", version=3, slug="a"))
    assert await search.find("Birnenernte") == []


async def test_older_versions_arriving_late_change_nothing(search: Search) -> None:
    await search.tell(offer("a", "Neu", version=3), offer("a", "Alt", version=2))
    assert await search.find("Alt") == []
    await search.tell(OfferWithdrawn(id="offer-a", version=5, slug="a"), offer("a", "Zwischenstand", version=4))
    assert await search.find("Zwischenstand") == []
    await search.tell(OfferWithdrawn(id="offer-b", version=2, slug="b"), offer("b", "Nie gesehen", version=1))
    assert await search.find("Nie gesehen") == []
    await search.tell(offer("a", "Wieder da", version=6))
    assert await search.find("Wieder da") == ["a"]


async def test_closed_space_exists_only_for_its_members(search: Search) -> None:
    topic = TopicChanged(
        id="t1",
        version=1,
        slug="thema",
        title="Vertraulichkeit",
        text="Geheimplan",
        network="iq-netz",
        visible_to="space-1",
        space_name="Interner Kreis",
    )
    await search.tell(topic, offer("a", "Öffentliches"))
    for q in ("Geheimplan", "Geheimpln", "Interner Kreis", ""):
        answer = (await search.get("/search", q=q)).json()
        assert "thema" not in [hit["slug"] for hit in answer["hits"]]
        assert "topic" not in [value["value"] for value in answer["facets"]["kind"]]
        assert answer["corrections"] == []
    assert (await search.get("/suggest", q="Vertrau")).json() == {"items": []}
    assert (await search.get("/stats")).json()["kinds"] == {"offer": 1}
    for insider in (MEMBER, MODERATOR, identity("a4", "admin")):
        assert await search.find("Geheimplan", identity=insider) == ["thema"]
    assert await search.find("Geheimplan", identity=identity("a2", "member", networks=["anderes"])) == []
    await search.tell(TopicRemoved(id="t1", version=2, slug="thema"))
    assert await search.find("Geheimplan", identity=MEMBER) == []


async def test_opened_topic_becomes_public(search: Search) -> None:
    closed: dict[str, Any] = {"id": "t1", "slug": "thema", "title": "Runde", "network": "iq-netz"}
    await search.tell(TopicChanged(**closed, version=1, visible_to="space-1"))
    await search.tell(TopicChanged(**closed, version=2))
    assert await search.find("Runde") == ["thema"]


async def test_place_in_the_query_is_understood_and_named(search: Search) -> None:
    await search.tell_all()
    await search.tell(offer("harz", "Kurs", region="landkreis-harz"), offer("md", "Kurs", region="stadt-magdeburg"))
    answer = (await search.get("/search", q="Kurs Magdeburg")).json()
    assert answer["hits"][0]["slug"] == "md"
    assert [(place["slug"], place["name"]) for place in answer["places"]] == [("stadt-magdeburg", "Magdeburg")]


async def test_district_filter_follows_the_territory(search: Search) -> None:
    await search.tell_all()
    await search.tell(
        offer("harz", "Kurs", region="landkreis-harz"),
        offer("land", "Kurs", region="sachsen-anhalt"),
        offer("bund", "Kurs", region="deutschland"),
        offer("hessen", "Kurs", region="hessen"),
        offer("nirgends", "Kurs"),
    )
    assert set(await search.find("", district="landkreis-harz")) == {"harz", "land", "bund"}
    assert set(await search.find("", district="stadt-magdeburg")) == {"land", "bund"}
    assert set(await search.find("", district="stadt-magdeburg,hessen")) == {"land", "bund", "hessen"}


async def test_the_form_of_an_offer_and_the_kind_of_an_organisation_are_found_and_chosen(search: Search) -> None:
    forms = VocabularyPublished(
        id="v5", version=1, slug="formats", terms=[Term("online", "online", "Online", ["virtuell"])]
    )
    kinds = VocabularyPublished(
        id="v6", version=1, slug="organisation_subkinds", terms=[Term("jobcenter", "Jobcenter", "Jobcentre")]
    )
    tongues = VocabularyPublished(
        id="v7", version=1, slug="languages", terms=[Term("de", "Deutsch", "German"), Term("ar", "Arabisch", "Arabic")]
    )
    await search.tell(
        forms,
        kinds,
        tongues,
        offer("a", "Kurs", format="online", languages=["de"], childcare=True),
        offer("b", "Kurs", format="on-site", languages=["de", "ar"], language_level_from="A2", language_level_to="B2"),
        OrganisationPublished(id="g", version=1, slug="og", name="Agentur", kind="authority", subkind="jobcenter"),
    )
    assert await search.find("", format="online") == await search.find("Kurs virtuell", strict=True) == ["a"]
    assert await search.find("Kurs Arabisch", strict=True) == await search.find("Kurs B1", strict=True) == ["b"]
    assert await search.find("Kurs Kinderbetreuung", strict=True) == ["a"]
    assert await search.find("Kurs Deutsch", strict=True) == []
    assert await search.find("Jobcenter") == ["og"]
    answer = (await search.get("/search", q="Kurs")).json()
    assert answer["facets"]["format"] == [{"value": "on-site", "count": 1}, {"value": "online", "count": 1}]
    assert {hit["slug"]: hit["formats"] for hit in answer["hits"]} == {"a": ["online"], "b": ["on-site"]}


async def test_renamed_region_and_new_words_need_no_new_document(search: Search) -> None:
    await search.tell_all()
    await search.tell(offer("a", "Kurs", target_groups=["women"]))
    assert await search.find("Damenwelt") == []
    changed = VocabularyPublished(
        id="v2", version=2, slug="target_groups", terms=[Term("women", "Frauen", "Women", ["Damenwelt"])]
    )
    await search.tell(changed)
    assert await search.find("Damenwelt") == ["a"]
    await search.tell(VOCABULARIES[1])
    assert await search.find("Damenwelt") == ["a"]
    assert (await search.get("/search", district="landkreis-unbekannt")).status == 422
    assert (await search.get("/search", district=REGIONS[3].slug)).status == 200


async def test_pages_by_cursor(search: Search) -> None:
    await search.tell(*(offer(f"o{number:02}", f"Kurs {number}") for number in range(25)))
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        answer = (await search.get("/search", q="Kurs", limit=10, cursor=cursor)).json()
        assert answer["total"] == 25
        seen += [hit["slug"] for hit in answer["hits"]]
        cursor = answer["next"]
        await search.tell(offer(f"neu{len(seen)}", "Kurs Kurs"))
    assert cursor is None
    assert sorted(seen) == [f"o{number:02}" for number in range(25)]


async def test_suggestions(search: Search) -> None:
    await search.tell_all()
    await search.tell(offer("a", "Magdeburger Sprachtreff"))
    answer = await search.get("/suggest", q="magd")
    assert answer.json()["items"] == [
        {"text": "Magdeburg", "kind": "region", "slug": "stadt-magdeburg"},
        {"text": "Magdeburger Sprachtreff", "kind": "offer", "slug": "a"},
    ]
    assert (await search.get("/suggest", q="  ?")).json() == {"items": []}


async def test_stats(search: Search) -> None:
    await search.tell(*EVERY_KIND[:3])
    answer = (await search.get("/stats")).json()
    assert answer == {
        "engine": "embedded",
        "documents": 3,
        "kinds": {"offer": 1, "event": 1, "organisation": 1},
        "position": 3,
        "pending": 0,
    }


async def test_a_document_is_kept_by_two_statements(search: Search) -> None:
    event = offer("o", "Lupinenprojekt")
    with counted_queries("search") as statements:
        await search.kit.deliver("search", event)
    assert len([text for text in statements if text.startswith("INSERT")]) == 2


async def test_what_is_told_together_is_written_together_and_comes_to_the_same(search: Search) -> None:
    await search.tell(offer("a", "Lupinenprojekt"))
    withdrawn = OfferWithdrawn(id="offer-a", version=2, slug="a")
    told = [offer("b", "Lupinenkurs"), withdrawn, offer("b", "Lupinenkurs 2", 2), offer("a", "Lupinenprojekt", 3)]
    with counted_queries("search") as statements:
        async with transaction("search") as tx:
            for event in told:
                handle = remove_document if isinstance(event, OfferWithdrawn) else store_document
                await handle(tx, event, Meta(event.id, "contacts", None, ""))
    assert len([text for text in statements if text.startswith("INSERT")]) == 3
    rows = await SearchDocument.all().order_by("sequence").values_list("id", "version", "sequence", "public_since")
    assert rows == [("offer-b", 2, 4, 2), ("offer-a", 3, 5, 5)]
    await running.current().settled()
    assert [await search.find(word) for word in ("Lupinenkurs", "Lupinenprojekt")] == [["b"], ["a"]]
