"""Reading the directory, regions, vocabularies, state profiles and the glossary."""

from __future__ import annotations

from typing import Any

import pytest

from infra.contracts.contacts import ContactPointPublished
from infra.db import transaction
from infra.errors import Forbidden, Invalid, Unauthenticated
from infra.web.identity import ANONYMOUS
from services.contacts.directory.commands import add_contact_point
from services.contacts.directory.domain import ContactPointDraft
from tests.kit import counted_queries
from tests.services.contacts.world import COORDINATOR, EAST, NORTH, OTHER, Contacts, fields_of


def point(**values: Any) -> ContactPointDraft:
    """A contact point of the network in the north."""
    given = {"name": "Beratung Aadorf", "network": NORTH, "kind": "counselling", "districts": ["aadorf"], **values}
    return ContactPointDraft(**given)


async def _slugs(contacts: Contacts, path: str, **query: Any) -> list[str]:
    answer = await contacts.get(path, **query)
    assert answer.status == 200, answer.content
    return [item["slug"] for item in answer.json()["items"]]


async def test_everything_is_found_by_slug_and_by_id(contacts: Contacts) -> None:
    for path, slug in (
        ("/organisations", "kammer"),
        ("/networks", NORTH),
        ("/documents", "gesetz"),
        ("/events", "treffen"),
        ("/state-profiles", "profil-nordland"),
        ("/offers", "altes-angebot"),
    ):
        by_slug = (await contacts.get(f"{path}/{slug}")).json()
        by_id = (await contacts.get(f"{path}/{by_slug['id']}")).json()
        assert by_slug == by_id
        assert (await contacts.get(f"{path}/gibt-es-nicht")).status == 404
        assert (await contacts.get(f"{path}/{'x' * 500}")).status == 404
        assert slug in await _slugs(contacts, path)


async def test_an_organisation_names_what_it_refers_to(contacts: Contacts) -> None:
    view = (await contacts.get("/organisations/verein")).json()

    assert view["parent"] == {"slug": "kammer", "name": "Kammer", "kind": "organisation"}
    assert view["source"] == {"slug": "quelle", "name": "Eine Quelle", "kind": "source"}
    assert view["networks"] == [{"slug": NORTH, "name": "Netz Nord", "kind": "network"}]
    assert view["region_name"] == "Aadorf"


async def test_a_network_names_its_members_of_both_kinds(contacts: Contacts) -> None:
    north = (await contacts.get(f"/networks/{NORTH}")).json()
    east = (await contacts.get(f"/networks/{EAST}")).json()

    assert (north["lead"]["name"], [member["name"] for member in north["members"]]) == ("Kammer", ["Verein"])
    assert [(member["name"], member["kind"]) for member in east["members"]] == [("Netz Nord", "network")]
    assert (east["lead"], east["coordinators"]) == (None, [])


async def test_directory_lists_follow_the_place_rule_and_kinds(contacts: Contacts) -> None:
    assert await _slugs(contacts, "/organisations", region="aadorf") == ["kammer", "verein"]
    assert await _slugs(contacts, "/organisations", region="oebach") == ["kammer"]
    assert await _slugs(contacts, "/organisations", region="ostland") == []
    assert await _slugs(contacts, "/organisations", region="deutschland", kind="other") == ["verein"]
    assert await _slugs(contacts, "/networks", region="ostdorf") == [EAST]
    assert await _slugs(contacts, "/documents", region="oebach", kind="law") == ["gesetz"]
    assert fields_of(await contacts.get("/networks", region="atlantis")).keys() == {"region"}


async def test_dates_are_sorted_and_filtered_by_day(contacts: Contacts) -> None:
    assert await _slugs(contacts, "/events") == ["runde", "treffen"]
    assert await _slugs(contacts, "/events", after="2020-01-01") == ["treffen"]
    assert await _slugs(contacts, "/events", after="2020-02") == []
    assert await _slugs(contacts, "/events", before="2020-12-31") == ["treffen"]
    first = (await contacts.get("/events", limit=1)).json()
    assert await _slugs(contacts, "/events", limit=1, cursor=first["next"]) == ["treffen"]
    assert (await contacts.get("/events", after="x" * 11)).status == 422


async def test_regions_show_what_is_offered_in_them(contacts: Contacts) -> None:
    await contacts.offer(title="Eins", districts=["aadorf", "oebach"])
    await contacts.offer(title="Zwei", districts=["nordland"])
    await contacts.offer(title="Drei", districts=["deutschland"])

    view = (await contacts.get("/regions/nordland")).json()
    assert (view["offers"], view["offers_concerning"]) == (2, 3), "what has ended does not count"
    assert [(child["slug"], child["offers"]) for child in view["children"]] == [("aadorf", 1), ("oebach", 1)]
    assert [parent["slug"] for parent in view["parents"]] == ["deutschland"]
    district = (await contacts.get(f"/regions/{view['children'][0]['id']}")).json()
    assert [parent["slug"] for parent in district["parents"]] == ["nordland", "deutschland"]
    assert (district["offers"], district["offers_concerning"], district["children"]) == (1, 3, [])
    assert await _slugs(contacts, "/regions", kind="landkreis") == ["aadorf", "oebach", "ostdorf"]
    assert await _slugs(contacts, "/regions", parent="ostland") == ["ostdorf"]
    assert (await contacts.get("/regions/atlantis")).status == 404


async def test_the_chain_shows_every_stage_nearest_offers_first(contacts: Contacts) -> None:
    await contacts.offer(title="Aus dem Bund", districts=["deutschland"])
    await contacts.offer(title="Aus dem Land", districts=["nordland"], stages=["language", "placement"])
    await contacts.offer(title="Vom Ort", districts=["aadorf"])
    await contacts.offer(title="Von nebenan", districts=["oebach"])

    chain = (await contacts.get("/regions/aadorf/chain")).json()

    stages = {stage["stage"]: [offer["slug"] for offer in stage["offers"]] for stage in chain["stages"]}
    assert stages == {
        "orientation": [],
        "language": ["vom-ort", "aus-dem-land", "aus-dem-bund"],
        "placement": ["aus-dem-land"],
    }
    assert [stage["total"] for stage in chain["stages"]] == [0, 3, 1]
    assert chain["region"]["name"] == "Aadorf"


async def test_a_state_profile_links_to_what_it_speaks_of(contacts: Contacts) -> None:
    view = (await contacts.get("/state-profiles/profil-nordland")).json()

    (section,) = view["sections"]
    assert [(link["slug"], link["kind"]) for link in section["links"]] == [
        ("altes-angebot", "offer"),
        ("kammer", "organisation"),
        (NORTH, "network"),
        ("gesetz", "document"),
        ("treffen", "event"),
    ]
    assert await _slugs(contacts, "/state-profiles", region="aadorf") == ["profil-nordland"]
    assert await _slugs(contacts, "/state-profiles", region="ostdorf") == []


async def test_the_glossary_and_the_sources(contacts: Contacts) -> None:
    terms = (await contacts.get("/glossary")).json()["items"]
    assert [(term["abbr"], term["long"], term["ref"] and term["ref"]["kind"]) for term in terms] == [
        ("K", "Kammer", "organisation"),
        ("X", "", None),
    ]
    (source,) = (await contacts.get("/sources")).json()["items"]
    assert (source["title"], source["publisher"]["name"]) == ("Eine Quelle", "Kammer")


async def test_the_vocabulary_comes_whole_and_once(contacts: Contacts) -> None:
    answer = await contacts.get("/vocabulary")
    assert [term["slug"] for term in answer.json()["lists"]["stages"]] == ["orientation", "language", "placement"]
    assert answer.json()["search_synonyms"] == [["Sprachkurs", "Deutschkurs"]]
    tag = {"if-none-match": f'"x", {answer.headers["etag"]}'}
    assert (await contacts.kit.get("contacts", "/vocabulary", headers=tag)).status == 304
    assert (await contacts.kit.get("contacts", "/vocabulary", headers={"if-none-match": "*"})).status == 304


async def test_contact_points_are_found_by_district_language_and_topic(contacts: Contacts) -> None:
    async with transaction("contacts") as tx:
        here = await add_contact_point(
            tx, COORDINATOR, point(languages=["ar"], topics=["sprache"], organisation="kammer")
        )
        land = await add_contact_point(tx, COORDINATOR, point(name="Land", kind="mentor", districts=["nordland"]))
        await add_contact_point(tx, OTHER, point(name="Ost", network=EAST, districts=["ostdorf", "deutschland"]))

    assert await _slugs(contacts, "/contact-points", district="ostland") != []
    assert here.slug in await _slugs(contacts, "/contact-points", district="nordland")
    assert await _slugs(contacts, "/contact-points", language="ar", topic="sprache") == [here.slug]
    assert await _slugs(contacts, "/contact-points", kind="mentor", network=NORTH) == [land.slug]
    view = (await contacts.get(f"/contact-points/{here.slug}")).json()
    assert (view["organisation"]["name"], view["network"]["name"]) == ("Kammer", "Netz Nord")
    assert view["districts"] == [{"slug": "aadorf", "name": "Aadorf", "kind": "region"}]
    told = await contacts.kit.recorded("contacts", ContactPointPublished)
    assert [event.region for event in told] == ["aadorf", "nordland", "deutschland"]
    assert told[0].organisation_name == "Kammer"


async def test_contact_points_keep_the_rules(contacts: Contacts) -> None:
    async with transaction("contacts") as tx:
        with pytest.raises(Forbidden):
            await add_contact_point(tx, OTHER, point())
        with pytest.raises(Unauthenticated):
            await add_contact_point(tx, ANONYMOUS, point())
        with pytest.raises(Invalid) as problem:
            await add_contact_point(
                tx,
                COORDINATOR,
                point(name="x", kind="orakel", districts=[], website="ftp://x", stand="neulich", hours="x" * 301),
            )
    assert {error.field for error in problem.value.fields} == {
        "name",
        "kind",
        "districts",
        "website",
        "stand",
        "hours",
    }


async def test_directory_lists_cost_a_constant_number_of_statements(contacts: Contacts) -> None:
    for path in ("/organisations", "/networks", "/documents", "/events", "/contact-points", "/state-profiles"):
        with counted_queries("contacts") as statements:
            await contacts.get(path, limit=100)
        assert len(statements) <= 9, path
    with counted_queries("contacts") as statements:
        await contacts.get("/regions", limit=500)
    assert len(statements) == 3
