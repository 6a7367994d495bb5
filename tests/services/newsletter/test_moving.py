"""Moving to another address: confirmed there, told to the old one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.newsletter.subscribers.models import AddressMove, ServiceMail, Subscriber, Suppression
from services.newsletter.subscribers.queries import hash_of
from tests.kit import together
from tests.services.newsletter.desk import Desk, tokens
from tests.services.newsletter.reader import ANNA, NEW, acts, asked_to_move, link_of, own


async def test_moving_is_confirmed_at_the_new_address_and_told_to_the_old_one(desk: Desk) -> None:
    await desk.subscribe(ANNA, districts=["landkreis-harz"])
    owner = await link_of(desk)
    token = await asked_to_move(desk, owner)
    assert [row.address for row in await Subscriber.all()] == [ANNA]
    moved = await desk.post("/subscriptions/address/confirm", {"token": token})
    assert moved.status == 200
    assert (moved.json()["address"], moved.json()["districts"]) == ("a…@example.org", ["landkreis-harz"])
    assert [row.address for row in await Subscriber.all()] == [NEW]
    await desk.job("send_service_mails")
    told = await desk.mail_to(ANNA)
    assert told.subject == "Ihr Newsletter geht an eine neue Adresse"
    assert NEW not in told.parts[0].content
    assert set(tokens(told)) == {"abmelden"}
    assert (await acts())[-3:] == ["move-asked", "mailed", "moved"]
    assert [row.address_hash for row in await Suppression.all()] == [hash_of(ANNA)], "no import brings the old one back"
    assert {row.address for row in await ServiceMail.all()} == {""}
    assert (await desk.post("/records/own", {"token": owner})).status == 404, "the old address opens nothing"
    assert (await desk.post("/subscriptions/address/confirm", {"token": token})).status == 404
    proof = (await own(desk, await link_of(desk, NEW)))["held"]["proof"]
    assert [line["act"] for line in proof][:3] == ["asked", "mailed", "confirmed"], "from before it moved"


async def test_the_next_reader_of_an_old_address_learns_nothing_of_who_moved_away(one_desk: Desk) -> None:
    await one_desk.subscribe(ANNA)
    token = await asked_to_move(one_desk, await link_of(one_desk))
    moved = (await one_desk.post("/subscriptions/address/confirm", {"token": token})).json()
    gone = await one_desk.post("/subscriptions/unsubscribe", {"token": moved["unsubscribe_token"]})
    assert gone.status == 200
    await one_desk.subscribe(ANNA, language="en")
    proof = (await own(one_desk, await link_of(one_desk)))["held"]["proof"]
    assert {line["act"] for line in proof} & {"moved", "unsubscribed"} == set()
    assert [line["act"] for line in proof].count("confirmed") == 2
    assert (await acts()).count("moved") == 1


async def test_two_confirmations_at_the_same_moment_move_once(desk: Desk) -> None:
    await desk.subscribe(ANNA)
    token = await asked_to_move(desk, await link_of(desk))

    async def confirm() -> Any:
        return await desk.post("/subscriptions/address/confirm", {"token": token})

    answers = await together(confirm, confirm)
    assert sorted(answer.status for answer in answers) == [200, 404]
    assert (await acts()).count("moved") == 1


async def test_a_new_address_that_reads_already_is_taken_over(one_desk: Desk) -> None:
    await one_desk.subscribe(NEW, districts=["sachsen"])
    await one_desk.subscribe(ANNA, districts=["landkreis-harz"])
    token = await asked_to_move(one_desk, await link_of(one_desk))
    assert (await one_desk.post("/subscriptions/address/confirm", {"token": token})).status == 200
    assert [(row.address, row.districts) for row in await Subscriber.all()] == [(NEW, ["landkreis-harz"])]
    assert not await Suppression.filter(address_hash=hash_of(NEW)).exists()


async def test_a_later_wish_to_move_takes_the_place_of_an_earlier_one(one_desk: Desk) -> None:
    await one_desk.subscribe(ANNA)
    owner = await link_of(one_desk)
    first = await asked_to_move(one_desk, owner, "first@example.org")
    second = await asked_to_move(one_desk, owner)
    assert (await one_desk.post("/subscriptions/address/confirm", {"token": first})).status == 404
    assert (await one_desk.post("/subscriptions/address/confirm", {"token": second})).status == 200


@pytest.mark.parametrize(
    "address", ["", "Anna@Example.org", "a@b@c", "x@example.org\r\nBcc: y@example.org", "x@mailinator.com"]
)
async def test_where_nobody_can_move_to(one_desk: Desk, address: str) -> None:
    await one_desk.subscribe(ANNA)
    answer = await one_desk.post("/subscriptions/address", {"token": await link_of(one_desk), "email": address})
    assert answer.status == 422
    assert [field["field"] for field in answer.json()["fields"]] == ["email"]
    assert await AddressMove.all().count() == 0


async def test_an_address_that_complained_gets_no_mail_by_moving_either(one_desk: Desk) -> None:
    await one_desk.subscribe(ANNA)
    await Suppression.create(address_hash=hash_of(NEW), reason="complaint", at=datetime.now(UTC))
    owner = await link_of(one_desk)
    answer = await one_desk.post("/subscriptions/address", {"token": owner, "email": NEW})
    assert answer.status == 202, "the answer says nothing about it"
    assert await ServiceMail.filter(kind="move").count() == 0


async def test_what_nobody_confirms_is_forgotten_after_two_days(one_desk: Desk) -> None:
    await one_desk.subscribe(ANNA)
    token = await asked_to_move(one_desk, await link_of(one_desk))
    for move in await AddressMove.all():
        await AddressMove.filter(id=move.id).update(asked_at=datetime.now(UTC) - timedelta(days=2, minutes=1))
    await one_desk.job("forget_unconfirmed")
    assert await AddressMove.all().count() == 0
    assert (await one_desk.post("/subscriptions/address/confirm", {"token": token})).status == 404
