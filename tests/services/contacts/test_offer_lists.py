"""Lists of offers: filters, the place rule, pages, ETags, and a constant number of statements."""

from __future__ import annotations

import msgspec
import pytest

from infra.web.cursors import encode_cursor
from tests.kit import counted_queries
from tests.services.contacts.world import COORDINATOR, EAST, NORTH, OTHER, Contacts, fields_of


async def test_the_place_rule(contacts: Contacts) -> None:
    for district in ("aadorf", "oebach", "nordland", "ostdorf", "deutschland"):
        await contacts.offer(title=f"In {district}", districts=[district])
    both = (await contacts.offer(title="In beiden", districts=["aadorf", "ostdorf"]))["slug"]

    async def concerned(district: str) -> set[str]:
        return set(await contacts.listed(district=district)) - {"altes-angebot"}

    everywhere = {"in-aadorf", "in-oebach", "in-nordland", "in-ostdorf", "in-deutschland", both}
    assert await concerned("aadorf") == {"in-aadorf", "in-nordland", "in-deutschland", both}
    assert await concerned("nordland") == everywhere - {"in-ostdorf"}
    assert await concerned("ostland") == {"in-ostdorf", "in-deutschland", both}
    assert await concerned("deutschland") == everywhere


async def test_filters_mean_any_within_and_all_between(contacts: Contacts) -> None:
    await contacts.offer(
        title="Eins", topics=["sprache"], languages=["de"], format="online", target_groups=["migrants"]
    )
    await contacts.offer(title="Zwei", topics=["sprache", "handwerk"], languages=["ar"], stages=["placement"])
    await contacts.offer(OTHER, title="Drei", topics=["anerkennung"], network=EAST, kind="service", provider="verein")

    assert await contacts.listed(topic="sprache") == ["eins", "zwei"]
    assert await contacts.listed(topic=["sprache", "anerkennung"]) == ["altes-angebot", "drei", "eins", "zwei"]
    assert await contacts.listed(topic="sprache,handwerk", stage="placement") == ["zwei"]
    assert await contacts.listed(language="de", format="online", target_group="migrants") == ["eins"]
    assert await contacts.listed(network=EAST) == ["drei"]
    assert await contacts.listed(kind="service") == ["altes-angebot", "drei"]
    assert await contacts.listed(provider="verein") == ["drei"]
    assert await contacts.listed(status="ended") == ["altes-angebot"]
    assert await contacts.listed(topic="wetter") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("district", "atlantis"),
        ("district", "x" * 200),
        ("topic", "x" * 200),
        ("kind", "x" * 200),
        ("provider", "x" * 200),
        ("network", "x" * 200),
        ("format", "x" * 200),
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "viele"),
        ("mine", "vielleicht"),
        ("state", "archived"),
        ("sort", "price"),
        ("modified_after", "gestern"),
        ("modified_after", "2026-01-01T00:00:00"),
        ("cursor", "%%%"),
        ("cursor", "e30"),
        ("cursor", encode_cursor(["sort_key", "x" * 500, "6f2f9c1e-8e7b-5c4e-9a1d-10753c0a7e01"])),
        ("cursor", encode_cursor(["updated_at", "2026-01-01T00:00:00Z", "6f2f9c1e-8e7b-5c4e-9a1d-10753c0a7e01"])),
        ("preis", "1"),
    ],
)
async def test_wrong_filters_are_answered_at_their_name(small: Contacts, name: str, value: str) -> None:
    answer = await small.kit.get("contacts", "/offers", query={name: value})

    assert answer.status == 422
    assert [field.split(".")[0].split("[")[0] for field in fields_of(answer)] == [name]


async def test_moments_that_no_database_knows_are_refused(contacts: Contacts) -> None:
    for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        answer = await contacts.get("/offers", modified_after=moment)
        assert (answer.status, list(fields_of(answer))) == (422, ["modified_after"])
        cursor = encode_cursor(["updated_at", moment, "6f2f9c1e-8e7b-5c4e-9a1d-10753c0a7e01"])
        answer = await contacts.get("/offers", sort="changed", cursor=cursor)
        assert (answer.status, list(fields_of(answer))) == (422, ["cursor"])


async def test_pages_hold_together_while_entries_come_and_go(contacts: Contacts) -> None:
    for number in range(7):
        await contacts.offer(title=f"Kurs {number}")

    first = (await contacts.get("/offers", limit=3)).json()
    await contacts.offer(title="Aaa zuerst")
    second = (await contacts.get("/offers", limit=3, cursor=first["next"])).json()
    third = (await contacts.get("/offers", limit=3, cursor=second["next"])).json()

    slugs = [item["slug"] for page in (first, second, third) for item in page["items"]]
    assert slugs == ["altes-angebot", *(f"kurs-{number}" for number in range(7))]
    assert (first["total"], third["total"], third["next"]) == (8, 9, None)


async def test_the_coordinators_list_shows_the_latest_change_first(contacts: Contacts) -> None:
    slugs = [(await contacts.offer(title=f"Kurs {number}"))["slug"] for number in range(4)]
    await contacts.patch(f"/offers/{slugs[1]}", {"seats": 9}, if_match='"2"')

    page = (await contacts.get("/offers", COORDINATOR, mine="true", limit=2)).json()
    rest = (await contacts.get("/offers", COORDINATOR, mine="true", limit=2, cursor=page["next"])).json()

    assert [item["slug"] for item in page["items"]] == [slugs[1], slugs[3]]
    assert [item["slug"] for item in rest["items"]] == [slugs[2], slugs[0]]


async def test_umlauts_stand_where_people_look(contacts: Contacts) -> None:
    for title in ("Zebra", "Übersetzen", "Uhren", "Ärzte", "Apfel"):
        await contacts.offer(title=title)

    assert await contacts.listed(network=NORTH) == ["aerzte", "apfel", "uebersetzen", "uhren", "zebra"]


async def test_readers_download_only_what_is_new(contacts: Contacts) -> None:
    await contacts.offer(title="Erstes")
    first = await contacts.get("/offers")
    again = await contacts.kit.get("contacts", "/offers", headers={"if-none-match": first.headers["etag"]})
    since = max(item["updated_at"] for item in first.json()["items"])
    await contacts.offer(title="Zweites")
    later = await contacts.kit.get("contacts", "/offers", headers={"if-none-match": first.headers["etag"]})

    assert (again.status, again.content) == (304, b"")
    assert later.status == 200
    assert await contacts.listed(modified_after=since) == ["zweites"]


async def test_a_list_costs_the_same_number_of_statements_whatever_it_holds(contacts: Contacts) -> None:
    costs = []
    for amount in (1, 12):
        for number in range(amount):
            await contacts.offer(title=f"Kurs {amount} {number}", provider="kammer", districts=["aadorf", "ostdorf"])
        with counted_queries("contacts") as statements:
            page = await contacts.get("/offers", district="aadorf", topic=[], stage="language", limit=100)
        assert len(page.json()["items"]) >= amount
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 7

    with counted_queries("contacts") as statements:
        msgspec.json.decode((await contacts.get("/regions/nordland/chain")).content)
    assert len(statements) <= 9
    with counted_queries("contacts") as statements:
        await contacts.get("/regions/nordland")
    assert len(statements) <= 6
