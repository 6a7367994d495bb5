"""The life of an offer: create, change, publish, withdraw, and what is told about it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from infra.contracts.contacts import OfferPublished, OfferWithdrawn
from infra.db import transaction
from services.contacts.offers import commands
from services.contacts.offers.models import Offer, OfferFacet
from services.contacts.service import service
from services.contacts.vocabulary.models import Vocabulary
from tests.kit import counted_queries, together
from tests.services.contacts.world import ADMIN, COORDINATOR, NORTH, Contacts, draft, fields_of

TODAY = datetime.now(UTC).date()


async def test_a_new_offer_is_a_draft_with_etag_and_address(contacts: Contacts) -> None:
    answer = await contacts.post("/offers", draft(description="**Wichtig** <script>alert(1)</script>"))

    offer = answer.json()
    assert answer.status == 201
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == "/offers/deutschkurs-pflege"
    assert (offer["state"], offer["slug"], offer["version"]) == ("draft", "deutschkurs-pflege", 1)
    assert (offer["region"], offer["network_name"]) == ("aadorf", "Netz Nord")
    assert offer["description_html"].startswith("<p><strong>Wichtig</strong>")
    assert "<script" not in offer["description_html"]
    assert offer["stand"] == TODAY.isoformat()
    assert offer["can_edit"] is True
    assert await contacts.told() == []


async def test_the_whole_life_is_told_with_rising_versions(contacts: Contacts) -> None:
    slug = (await contacts.offer(districts=["aadorf", "oebach"], provider="kammer", partners=[NORTH]))["slug"]
    changed = await contacts.patch(f"/offers/{slug}", {"title": "Deutsch für Pflegekräfte"}, if_match='"2"')
    withdrawn = await contacts.post(f"/offers/{slug}/withdraw", {"reason": "Kurs fällt aus"})
    again = await contacts.post(f"/offers/{slug}/publish")

    assert [answer.headers["etag"] for answer in (changed, withdrawn, again)] == ['"3"', '"4"', '"5"']
    first, second, third, fourth = await contacts.told()
    assert [event.version for event in (first, second, third, fourth)] == [2, 3, 4, 5]
    assert isinstance(first, OfferPublished)
    assert (first.title, second.title) == ("Deutschkurs Pflege", "Deutsch für Pflegekräfte")
    assert (first.region, first.districts) == ("nordland", ["aadorf", "oebach"])
    assert (first.network, first.network_name) == (NORTH, "Netz Nord")
    assert (first.provider_name, first.partner_names) == ("Kammer", ["Netz Nord"])
    assert isinstance(third, OfferWithdrawn)
    assert (third.slug, third.reason) == (slug, "Kurs fällt aus")
    assert isinstance(fourth, OfferPublished)
    assert fourth.published_at >= first.published_at


async def test_changing_a_draft_tells_nothing(contacts: Contacts) -> None:
    offer = await contacts.offer(publish=False)

    answer = await contacts.patch(f"/offers/{offer['id']}", {"seats": 12}, if_match='"1"')

    assert (answer.status, answer.json()["seats"]) == (200, 12)
    assert await contacts.told() == []


async def test_a_change_that_changes_nothing_keeps_the_version(contacts: Contacts) -> None:
    offer = await contacts.offer()

    answer = await contacts.patch(f"/offers/{offer['slug']}", {"title": "  Deutschkurs   Pflege "}, if_match='"2"')

    assert answer.headers["etag"] == '"2"'
    assert len(await contacts.told()) == 1


async def test_publishing_and_withdrawing_twice_is_one_event(contacts: Contacts) -> None:
    slug = (await contacts.offer())["slug"]

    assert (await contacts.post(f"/offers/{slug}/publish")).headers["etag"] == '"2"'
    for reason in ({"reason": "Kein Raum"}, None):
        answer = await contacts.post(f"/offers/{slug}/withdraw", reason)
        assert answer.headers["etag"] == '"3"'
    assert len(await contacts.told()) == 2


async def test_an_offer_may_be_withdrawn_without_a_reason(contacts: Contacts) -> None:
    slug = (await contacts.offer())["slug"]

    assert (await contacts.post(f"/offers/{slug}/withdraw", {"reason": "x" * 501})).status == 422
    answer = await contacts.post(f"/offers/{slug}/withdraw")

    assert (answer.status, answer.json()["state"], answer.json()["withdrawal_reason"]) == (200, "withdrawn", "")


async def test_a_draft_cannot_be_withdrawn(contacts: Contacts) -> None:
    offer = await contacts.offer(publish=False)

    answer = await contacts.post(f"/offers/{offer['slug']}/withdraw", {"reason": "Kein Raum"})

    assert (answer.status, answer.json()["code"]) == (409, "conflict")


async def test_a_change_needs_the_version_that_was_read(contacts: Contacts) -> None:
    slug = (await contacts.offer())["slug"]
    path = f"/offers/{slug}"

    assert (await contacts.patch(path, {"seats": 1})).status == 428
    assert (await contacts.patch(path, {"seats": 1}, if_match="*")).status == 428
    assert (await contacts.patch(path, {"seats": 1}, if_match='"1"')).status == 412
    assert (await contacts.patch(path, {"seats": 1}, if_match="gestern")).status == 400
    assert (await contacts.post(f"{path}/publish", if_match='"1"')).status == 412
    assert (await contacts.post(f"{path}/withdraw", {"reason": "Kein Raum"}, if_match='"1"')).status == 412
    assert (await contacts.patch(path, {"seats": 1}, if_match='"2"')).status == 200


async def test_of_two_changes_at_the_same_moment_one_wins(contacts: Contacts) -> None:
    slug = (await contacts.offer())["slug"]

    def change(seats: int):  # type: ignore[no-untyped-def]
        return lambda: contacts.patch(f"/offers/{slug}", {"seats": seats}, if_match='"2"')

    answers = await together(change(1), change(2), change(3))

    assert sorted(answer.status for answer in answers) == [200, 412, 412]
    won = next(answer.json()["seats"] for answer in answers if answer.status == 200)
    assert (await contacts.get(f"/offers/{slug}")).json()["seats"] == won
    assert [event.version for event in await contacts.told()] == [2, 3]


async def test_offers_of_the_same_title_get_slugs_of_their_own(contacts: Contacts) -> None:
    answers = await together(*[lambda: contacts.post("/offers", draft()) for _ in range(4)])

    assert {answer.status for answer in answers} == {201}
    slugs = {answer.json()["slug"] for answer in answers}
    assert "deutschkurs-pflege" in slugs
    assert len(slugs) == 4


async def test_a_title_without_letters_still_gets_a_slug(small: Contacts) -> None:
    assert (await small.offer(publish=False, title="???!"))["slug"] == "angebot"


async def test_a_title_that_looks_like_an_id_is_found_by_its_slug(small: Contacts) -> None:
    offer = await small.offer(title="6f2f9c1e-8e7b-5c4e-9a1d-10753c0a7e01")

    assert (await small.get(f"/offers/{offer['slug']}")).json()["id"] == offer["id"]


async def test_what_fails_after_recording_leaves_neither_row_nor_event(contacts: Contacts) -> None:
    offer = await contacts.offer(publish=False)

    with pytest.raises(ConnectionError):
        async with transaction("contacts") as tx:
            await commands.publish(tx, COORDINATOR, offer["slug"])
            raise ConnectionError("the machine stops here")

    assert (await contacts.get(f"/offers/{offer['slug']}", COORDINATOR)).json()["state"] == "draft"
    assert await contacts.told() == []


async def test_a_log_that_cannot_be_written_keeps_the_offer_as_it_was(contacts: Contacts) -> None:
    offer = await contacts.offer(publish=False)
    async with transaction("contacts") as tx:
        await tx.connection.execute_script("ALTER TABLE outbox RENAME TO outbox_gone")

    failed = await contacts.post(f"/offers/{offer['slug']}/publish")
    async with transaction("contacts") as tx:
        await tx.connection.execute_script("ALTER TABLE outbox_gone RENAME TO outbox")

    assert failed.status == 500
    assert (await contacts.get(f"/offers/{offer['slug']}", COORDINATOR)).json()["version"] == 1
    assert (await contacts.post(f"/offers/{offer['slug']}/publish")).status == 200


async def test_the_index_of_facets_follows_the_offer(contacts: Contacts) -> None:
    offer = await contacts.offer(topics=["sprache"])

    await contacts.patch(f"/offers/{offer['slug']}", {"topics": ["handwerk"], "districts": ["ostdorf"]}, if_match='"2"')

    rows = await OfferFacet.filter(entry_id=offer["id"]).values_list("facet", "value")
    assert sorted(rows) == [
        ("area", "deutschland"),
        ("area", "ostdorf"),
        ("area", "ostland"),
        ("district", "ostdorf"),
        ("stage", "language"),
        ("topic", "handwerk"),
    ]


async def test_the_calendar_ends_and_begins_offers(contacts: Contacts) -> None:
    running_out = await contacts.offer(title="Läuft aus", valid_to=TODAY.isoformat())
    to_come = await contacts.offer(title="Kommt noch", valid_from=(TODAY + timedelta(days=2)).isoformat())
    assert (running_out["status"], to_come["status"]) == ("active", "planned")

    async with transaction("contacts") as tx:
        assert await commands.follow_calendar(tx, TODAY) == 0
        assert await commands.follow_calendar(tx, TODAY + timedelta(days=3)) == 2
        assert await commands.follow_calendar(tx, TODAY + timedelta(days=3)) == 0

    told = {event.slug: event.status for event in await contacts.told(OfferPublished)}
    assert told == {running_out["slug"]: "ended", to_come["slug"]: "active"}
    assert (await Offer.get(slug="altes-angebot")).version == 1


async def test_the_calendar_is_followed_by_a_job(small: Contacts) -> None:
    await small.offer(valid_to=TODAY.isoformat())

    await asyncio.gather(*(service.jobs.run(name) for name in ("follow_calendar", "forget_expired_sessions")))

    assert len(await small.told()) == 1


async def test_an_imported_offer_belongs_to_the_platform_once_it_is_edited(contacts: Contacts) -> None:
    before = (await contacts.get("/offers/altes-angebot")).json()
    assert (before["origin"], before["valid_from"], before["source_title"]) == ("bundle", "2014", "Eine Quelle")
    assert before["published_at"] == ""

    lacking = await contacts.patch("/offers/altes-angebot", {"seats": 3}, ADMIN, if_match='"1"')
    done = await contacts.patch("/offers/altes-angebot", {"network": NORTH}, ADMIN, if_match='"1"')

    assert "network" in fields_of(lacking)
    assert (done.status, done.json()["origin"], done.json()["status"]) == (200, "", "ended")
    assert date.fromisoformat(done.json()["stand"]) == TODAY


async def test_publishing_takes_few_statements(contacts: Contacts) -> None:
    """Lock the row, names, state of the vocabularies, write the row, tell of it; names for the answer."""
    warm, offer = [await contacts.offer(title=title, publish=False) for title in ("Erster", "Zweiter")]
    await contacts.post(f"/offers/{warm['slug']}/publish")
    with counted_queries("contacts") as statements:
        answer = await contacts.post(f"/offers/{offer['slug']}/publish")
    assert answer.status == 200
    assert len(statements) <= 6


async def test_a_vocabulary_that_another_process_changed_counts_at_once(contacts: Contacts) -> None:
    offer = await contacts.offer(stages=["language"])
    row = await Vocabulary.get(slug="stages")
    row.terms = [{**term, "slug": "sprache"} if term["slug"] == "language" else term for term in row.terms]
    row.version += 1
    await row.save()

    refused = await contacts.patch(f"/offers/{offer['slug']}", {"seats": 3}, if_match='"2"')
    taken = await contacts.patch(f"/offers/{offer['slug']}", {"stages": ["sprache"]}, if_match='"2"')

    assert set(fields_of(refused)) == {"stages"}
    assert taken.status == 200
