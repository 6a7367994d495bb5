"""Releasing: a right of its own, the hour at which an issue goes out, and mails that try it on oneself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.contracts.notices import NoticeWanted
from services.newsletter.issues.models import Issue
from services.newsletter.release.models import TestMail
from tests.kit import identity
from tests.services.newsletter.desk import ANNA, BERTA, VISITOR, Desk, both, offer, tokens

WRITER = identity("dora", "editor", name="Dora")
PUBLISHER = identity("emil", "publisher", name="Emil")
LATER = (datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(days=3)).replace(
    hour=9, minute=30, second=0, microsecond=0, tzinfo=None
)


async def step(desk: Desk, name: str, who: Any, body: Any = None, **options: Any) -> Any:
    return await desk.post(f"/issues/2026-q4/{name}", body, identity=who, **options)


async def approved(desk: Desk) -> dict[str, Any]:
    await desk.draft()
    answer = await step(desk, "approve", BERTA)
    assert answer.status == 200, answer.content
    return dict(answer.json())


async def test_writing_and_releasing_are_two_rights(desk: Desk) -> None:
    issue = await desk.draft()
    for name, body in (("approve", None), ("send", None), ("schedule", {"send_at": f"{LATER}"})):
        assert (await step(desk, name, WRITER, body)).status == 403
    assert (await desk.change(issue, {"focus": both("x")}, PUBLISHER)).status == 403
    assert (await step(desk, "submit", PUBLISHER)).status == 403
    assert (await desk.post("/issues", {"quarter": "2027-Q1"}, identity=PUBLISHER)).status == 403
    seen = (await desk.get("/issues/2026-q4", identity=PUBLISHER)).json()
    assert {name for name, open_now in seen["can"].items() if open_now} == {"approve"}
    assert (await step(desk, "approve", PUBLISHER)).status == 200


async def test_who_edited_last_cannot_release_whatever_rights_they_have(desk: Desk) -> None:
    issue = await desk.draft()
    assert (await desk.change(issue, {"focus": both("x")}, BERTA)).status == 200
    assert [(await step(desk, "approve", who)).status for who in (ANNA, BERTA, PUBLISHER)] == [403, 403, 200]


async def test_publishers_are_told_of_what_waits_but_not_by_their_own_doing(desk: Desk) -> None:
    await desk.draft()
    assert (await step(desk, "submit", ANNA)).status == 200
    [told] = await desk.kit.recorded("newsletter", NoticeWanted)
    assert (told.kind, told.role, told.but, told.path) == (
        "issue-waiting",
        "publisher",
        ["anna"],
        "/redaktion/ausgaben/2026-q4",
    )


async def test_the_hour_is_that_of_germany_and_is_taken_back(desk: Desk) -> None:
    await approved(desk)
    answer = await step(desk, "schedule", BERTA, {"send_at": LATER.isoformat(timespec="minutes")})
    assert answer.status == 200, answer.content
    moment = datetime.fromisoformat(answer.json()["send_at"])
    assert moment == LATER.replace(tzinfo=ZoneInfo("Europe/Berlin"))
    exact = await step(desk, "schedule", BERTA, {"send_at": moment.astimezone(UTC).isoformat()})
    assert datetime.fromisoformat(exact.json()["send_at"]) == moment
    assert (await step(desk, "schedule", BERTA, {"send_at": ""})).json()["send_at"] == ""


@pytest.mark.parametrize(
    "send_at", ["2020-01-01T10:00", "2999-01-01T10:00", "T", "2026-13-01T10:00", "morgen", "x" * 41]
)
async def test_an_hour_that_cannot_be_is_refused(one_desk: Desk, send_at: str) -> None:
    await approved(one_desk)
    refused = await step(one_desk, "schedule", BERTA, {"send_at": send_at})
    assert refused.status == 422
    assert refused.json()["fields"][0]["field"] == "send_at"


async def test_an_hour_needs_an_approval_and_goes_with_it(desk: Desk) -> None:
    issue = await desk.draft()
    wanted = {"send_at": LATER.isoformat()}
    assert (await step(desk, "schedule", BERTA, wanted)).status == 409
    assert (await step(desk, "approve", BERTA)).status == 200
    scheduled = (await step(desk, "schedule", BERTA, wanted)).json()
    assert scheduled["send_at"]
    changed = await desk.change(scheduled, {"focus": both("doch anders")})
    assert (changed.json()["state"], changed.json()["send_at"]) == ("draft", "")
    assert (await step(desk, "schedule", BERTA, wanted, headers={"if-match": f'"{issue["version"]}"'})).status == 412


async def test_what_stopped_being_well_is_not_scheduled(desk: Desk) -> None:
    await approved(desk)
    await Issue.filter(slug="2026-q4").update(title={"de": "Nur deutsch", "en": ""})
    refused = await step(desk, "schedule", BERTA, {"send_at": LATER.isoformat()})
    assert (refused.status, refused.json()["fields"][0]["field"]) == (409, "title")


async def test_a_test_mail_is_marked_and_acts_for_nobody(desk: Desk) -> None:
    await desk.tell(offer("a", title="In Magdeburg"))
    await desk.tell(offer("b", title="In Leipzig", districts=["stadt-leipzig"]))
    await desk.draft()
    body = {"to": "dora@example.org", "language": "en", "districts": ["stadt-magdeburg"]}
    assert (await step(desk, "test", WRITER, body)).status == 202
    await desk.job("send_tests")
    mail = await desk.mail_to("dora@example.org")
    assert mail.subject == "[Test] Lotse newsletter Q4 2026: News from the networks"
    text = mail.parts[0].content
    assert "In Magdeburg" in text
    assert "In Leipzig" not in text
    assert not [name for name, _ in mail.headers if name.lower().startswith("list-")]
    for token in tokens(mail).values():
        for act in ("unsubscribe", "preferences"):
            assert (await desk.post(f"/subscriptions/{act}", {"token": token})).status in (400, 404, 410, 422)
    assert (await desk.get("/issues/2026-q4", identity=ANNA)).json()["counts"]["audience"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": "keine"}, "to"),
        ({"to": "a@example.org\r\nBcc: b@example.org"}, "to"),
        ({"to": "a@example.org", "districts": ["atlantis"]}, "districts"),
        ({"to": "a@example.org", "language": "fr"}, "language"),
    ],
)
async def test_a_test_mail_goes_to_one_address_as_a_reader_that_can_be(
    one_desk: Desk, body: dict[str, Any], field: str
) -> None:
    await one_desk.draft()
    refused = await step(one_desk, "test", ANNA, body)
    assert (refused.status, refused.json()["fields"][0]["field"]) == (422, field)
    assert (await step(one_desk, "test", VISITOR, {"to": "a@example.org"})).status == 401


async def test_who_must_not_be_written_to_gets_no_test_mail_either(one_desk: Desk) -> None:
    await one_desk.draft()
    blocked = {"email": "nie@example.org", "note": "bat um Ruhe"}
    assert (await one_desk.post("/suppressions", blocked, identity=ANNA)).status == 204
    refused = await step(one_desk, "test", ANNA, {"to": "Nie@example.org"})
    assert (refused.status, refused.json()["fields"][0]["field"]) == (422, "to")
    assert await TestMail.all().count() == 0


async def test_test_mails_are_few_and_their_addresses_are_forgotten(desk: Desk) -> None:
    await desk.draft()
    body = {"to": "anna@example.org"}
    answers = [(await step(desk, "test", ANNA, body)).status for _ in range(21)]
    assert answers == [202] * 20 + [429]
    assert (await step(desk, "test", BERTA, body)).status == 202
    await desk.job("send_tests")
    await TestMail.filter(account_id="anna").update(changed_at=datetime.now(UTC) - timedelta(days=2))
    await desk.job("forget_tests")
    assert [row.account_id for row in await TestMail.all()] == ["berta"]
