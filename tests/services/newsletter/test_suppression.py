"""Who gets no mail, for how long, and how it ends; what editors see of a person and do for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.db import transaction
from infra.web.client import Answer
from services.newsletter.alerts.models import AlertSubscription
from services.newsletter.subscribers.commands import suppress
from services.newsletter.subscribers.domain import REASONS
from services.newsletter.subscribers.models import Consent, ServiceMail, Subscriber, Suppression
from services.newsletter.subscribers.queries import hash_of
from tests.services.newsletter.desk import ANNA, COORDINATOR, VISITOR, Desk
from tests.services.newsletter.reader import alert_for

READER = "leserin@example.org"


async def suppressed(address: str, reason: str, days: float = 0) -> None:
    at = datetime.now(UTC) - timedelta(days=days)
    await Suppression.create(address_hash=hash_of(address), reason=reason, at=at)


async def reasons() -> list[str]:
    return [row.reason for row in await Suppression.all().order_by("address_hash")]


async def at_the_desk(desk: Desk, path: str, address: str = READER, note: str = "Anruf vom 3. März") -> Answer:
    return await desk.post(path, {"email": address, "note": note}, identity=ANNA)


@pytest.mark.parametrize(
    ("reason", "days", "comes_back"),
    [
        ("unsubscribed", 0, True),
        ("erased", 0, True),
        ("bounce", 29, False),
        ("bounce", 31, True),
        ("complaint", 1000, False),
        ("blocked", 1000, False),
    ],
)
async def test_what_the_owners_own_sign_up_ends(one_desk: Desk, reason: str, days: int, comes_back: bool) -> None:
    await suppressed(READER, reason, days)
    answer = await one_desk.sign_up(READER)
    assert answer.content == (await one_desk.sign_up("other@example.org")).content, "the answer says nothing about it"
    assert await ServiceMail.all().count() == (2 if comes_back else 1)
    assert await reasons() == [reason], "typing an address lifts nothing"
    if comes_back:
        await one_desk.subscribe(READER)
    assert await reasons() == ([] if comes_back else [reason])


async def test_a_reason_takes_the_place_of_weaker_ones_only(desk: Desk) -> None:
    for first in REASONS:
        for second in REASONS:
            async with transaction("newsletter") as tx:
                await suppress(tx, hash_of(READER), first)
                await suppress(tx, hash_of(READER), second)
            assert await reasons() == [max(first, second, key=REASONS.index)]
            await Suppression.filter(reason__in=REASONS).delete()


async def test_editors_look_somebody_up_and_others_do_not(one_desk: Desk) -> None:
    await one_desk.subscribe(READER, districts=["sachsen"])
    found = await one_desk.post("/records/look-up", {"email": READER}, identity=ANNA)
    assert found.status == 200
    assert found.json()["subscription"]["districts"] == ["sachsen"]
    assert [line["act"] for line in found.json()["proof"]] == ["asked", "mailed", "confirmed"]
    nobody = await one_desk.post("/records/look-up", {"email": "nobody@example.org"}, identity=ANNA)
    assert nobody.json()["subscription"] is None
    assert nobody.json()["proof"] == []
    for path in ("/records/look-up", "/records/end", "/suppressions", "/suppressions/lift", "/subscribers/lists"):
        body = {"email": READER, "note": "weil"} if path != "/records/look-up" else {"email": READER}
        body = {"csv": "x", "name": "x"} if path == "/subscribers/lists" else body
        assert (await one_desk.post(path, body, identity=COORDINATOR)).status == 403
        assert (await one_desk.post(path, body, identity=VISITOR)).status == 401
    for path in ("/suppressions", "/subscribers/figures"):
        assert (await one_desk.get(path, identity=COORDINATOR)).status == 403
    assert await Subscriber.all().count() == 1


async def test_ending_for_somebody_who_called(one_desk: Desk) -> None:
    await one_desk.subscribe(READER)
    assert (await at_the_desk(one_desk, "/records/end")).status == 204
    assert await Subscriber.all().count() == 0
    last = await Consent.all().order_by("-at").first()
    assert last is not None
    assert (last.act, last.way, last.note) == ("ended", "desk", "Anruf vom 3. März (anna)")
    assert await reasons() == ["unsubscribed"]
    assert (await at_the_desk(one_desk, "/records/end")).status == 404
    assert (await at_the_desk(one_desk, "/records/end", note="x")).status == 422, "a reason must be given"


async def test_blocking_ends_everything_and_only_the_desk_lifts_it(one_desk: Desk) -> None:
    await one_desk.subscribe(READER)
    await alert_for(READER)
    assert (await at_the_desk(one_desk, "/suppressions")).status == 204
    assert (await Subscriber.all().count(), await AlertSubscription.all().count()) == (0, 0)
    await one_desk.sign_up(READER)
    await one_desk.post("/subscriptions/link", {"email": READER})
    assert await ServiceMail.exclude(kind="confirm").count() == 0
    assert await ServiceMail.all().count() == 1
    assert (await at_the_desk(one_desk, "/suppressions/lift")).status == 204
    assert await reasons() == []
    assert (await at_the_desk(one_desk, "/suppressions/lift")).status == 404
    assert await Subscriber.all().count() == 0, "allowing mail again subscribes nobody"
    proof = (await one_desk.post("/records/look-up", {"email": READER}, identity=ANNA)).json()["proof"]
    assert [line["act"] for line in proof][-3:] == ["blocked", "blocked", "lifted"]


async def test_an_unknown_address_can_be_blocked(one_desk: Desk) -> None:
    assert (await at_the_desk(one_desk, "/suppressions", "Never@example.org")).status == 204
    assert await reasons() == ["blocked"]
    assert (await at_the_desk(one_desk, "/suppressions", "nobody")).status == 422


async def test_the_list_of_the_suppressed_in_pages_without_addresses(desk: Desk) -> None:
    for number in range(5):
        await suppressed(f"reader{number}@example.org", REASONS[number % 2], days=number)
    shown: list[dict[str, Any]] = []
    cursor, pages = "", 0
    while cursor is not None:
        answer = await desk.get("/suppressions", query={"limit": 2, "cursor": cursor}, identity=ANNA)
        page = answer.json()
        shown, cursor, pages = shown + page["items"], page["next"], pages + 1
    assert (pages, len({entry["address_hash"] for entry in shown})) == (3, 5)
    assert [entry["at"] for entry in shown] == sorted((entry["at"] for entry in shown), reverse=True)
    assert all(len(entry["address_hash"]) == 12 for entry in shown)
    only = (await desk.get("/suppressions", query={"reason": "erased"}, identity=ANNA)).json()
    assert (only["total"], only["counts"]) == (2, {"unsubscribed": 3, "erased": 2})


async def test_figures_name_nobody(desk: Desk) -> None:
    await desk.subscribe("a@example.org", language="en")
    await desk.subscribe("b@example.org", frequency="every")
    await desk.sign_up("c@example.org")
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    await Subscriber.filter(address="a@example.org").update(paused_until=tomorrow)
    assert (await desk.get("/subscribers/figures", identity=ANNA)).json() == {
        "active": 2,
        "pending": 1,
        "paused": 1,
        "languages": {"de": 1, "en": 1},
        "frequencies": {"news": 1, "every": 1},
    }
