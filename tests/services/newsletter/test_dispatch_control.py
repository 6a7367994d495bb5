"""What can be done about an issue on its way: pausing, calling off, sending again, sending to newcomers, its hour."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.contracts.notices import NoticeWanted
from services.newsletter.deliveries.models import Dispatch
from services.newsletter.issues.models import Issue
from services.newsletter.subscribers.models import Subscriber
from tests.infra.mail.sink import Sink
from tests.kit import Database, identity, running
from tests.services.newsletter.desk import ANNA, BERTA, Desk, service
from tests.services.newsletter.test_dispatch import begin, reader, recipients, state_of, statuses

EDITOR_ONLY = identity("dora", "editor", name="Dora")
ALL = [f"r{number}@example.org" for number in range(3)]


@pytest.fixture
async def posting(database: Database, sink: Sink) -> AsyncIterator[Desk]:
    """A newsletter with three readers that sends to the sink."""
    async with running([service], database, smtp_url=sink.url) as kit:
        desk = Desk(kit)
        await desk.tell_territory()
        for address in ALL:
            await reader(address)
        yield desk


async def act(posting: Desk, step: str, body: Any = None, who: Any = ANNA) -> tuple[int, str]:
    """The status and the new state."""
    answer = await posting.post(f"/issues/2026-q4/{step}", body, identity=who)
    return answer.status, answer.json().get("state", "")


async def approved(posting: Desk) -> dict[str, Any]:
    """An approved issue."""
    issue = await posting.draft()
    text = {"de": "Guten Tag", "en": "Hello"}
    await posting.change(issue, {"sections": [{"kind": "editorial", "text": text}]})
    answer = await posting.post("/issues/2026-q4/approve", identity=BERTA)
    assert answer.status == 200, answer.content
    return dict(answer.json())


async def test_a_paused_issue_goes_to_nobody_until_it_is_resumed(posting: Desk, sink: Sink) -> None:
    issue = await begin(posting)
    assert await act(posting, "pause") == (200, "paused")
    await posting.job("send_batch", issue["id"])
    await posting.job("find_due")
    assert sink.received == []
    assert await act(posting, "resume") == (202, "sending")
    await posting.job("send_batch", issue["id"])
    assert recipients(sink) == ALL


async def test_an_issue_that_is_called_off_goes_to_nobody_else_and_all_are_accounted_for(
    posting: Desk, sink: Sink
) -> None:
    sink.script = lambda step, argument: "450 4.2.1 busy" if step == "RCPT" and "r0@" not in argument else None
    issue = await begin(posting)
    await posting.job("send_batch", issue["id"])
    assert await statuses() == {"sent": 1, "waiting": 2}
    assert await act(posting, "cancel") == (200, "cancelled")
    report = await posting.report(issue)
    assert report["counts"]["audience"] == 3
    assert {row["reply"] for row in report["items"] if row["status"] == "suppressed"} == {"cancelled"}
    assert await statuses() == {"sent": 1, "suppressed": 2}
    assert (await posting.get("/archive/2026-q4")).status == 200


async def test_an_approved_issue_that_is_called_off_can_become_a_draft_again(posting: Desk) -> None:
    await approved(posting)
    assert await act(posting, "cancel") == (200, "cancelled")
    assert (await act(posting, "send"))[0] == 409
    assert await statuses() == {}
    assert (await posting.get("/archive/2026-q4")).status == 404


@pytest.mark.parametrize("step", ["pause", "resume", "cancel", "send-late"])
async def test_what_does_not_fit_the_state_is_refused(one_desk: Desk, step: str) -> None:
    await one_desk.draft()
    assert (await act(one_desk, step))[0] == 409


@pytest.mark.parametrize("step", ["send", "pause", "resume", "cancel", "resend", "send-late"])
async def test_releasing_is_a_right_of_its_own(one_desk: Desk, step: str) -> None:
    await one_desk.draft()
    body = {"status": "failed"} if step == "resend" else None
    assert (await act(one_desk, step, body, EDITOR_ONLY))[0] == 403


async def test_those_with_whom_it_failed_can_get_it_once_more(posting: Desk, sink: Sink) -> None:
    sink.script = lambda step, argument: "550 5.1.1 unknown" if step == "RCPT" and "r1@" in argument else None
    issue = await begin(posting)
    await posting.job("send_batch", issue["id"])
    assert await statuses() == {"sent": 2, "failed": 1}
    sink.script = lambda _step, _argument: None
    assert await act(posting, "resend", {"status": "failed"}) == (202, "sending")
    await posting.job("send_batch", issue["id"])
    assert recipients(sink) == ALL
    assert await state_of(posting) == "sent"
    assert (await act(posting, "resend", {"status": "failed"}))[0] == 409


async def test_those_who_confirmed_since_can_get_it_too(posting: Desk, sink: Sink) -> None:
    issue = await begin(posting)
    await posting.job("send_batch", issue["id"])
    assert (await act(posting, "send-late"))[0] == 409
    await reader("late@example.org")
    await reader("asleep@example.org")
    await Subscriber.filter(address="asleep@example.org").update(paused_until=datetime.now(UTC) + timedelta(days=9))
    overview = (await posting.get("/issues/2026-q4/dispatch", identity=ANNA)).json()
    assert overview["newcomers"] == 1
    assert await act(posting, "send-late") == (202, "sending")
    await posting.job("send_batch", issue["id"])
    assert recipients(sink) == ["late@example.org", *ALL]
    assert (await posting.report(issue))["counts"]["audience"] == 4
    assert await state_of(posting) == "sent"


async def test_an_issue_that_an_older_version_sent_can_go_to_newcomers_as_well(posting: Desk, sink: Sink) -> None:
    issue = await begin(posting)
    await posting.job("send_batch", issue["id"])
    await Dispatch.filter(issue_id=issue["id"]).delete()
    await reader("late@example.org")
    overview = (await posting.get("/issues/2026-q4/dispatch", identity=ANNA)).json()
    assert overview["newcomers"] >= 1
    assert overview["frozen_at"]
    assert await act(posting, "send-late") == (202, "sending")
    await posting.job("send_batch", issue["id"])
    assert recipients(sink) == ["late@example.org", *ALL]


async def test_the_accounts_by_domain_name_the_largest_and_not_those_who_left(posting: Desk) -> None:
    await reader("one@other.example.org")
    issue = await begin(posting)
    await Subscriber.filter(address="r0@example.org").delete()
    await posting.job("send_batch", issue["id"])
    overview = (await posting.get("/issues/2026-q4/dispatch", identity=ANNA)).json()
    rows = {row["domain"]: row["counts"] for row in overview["domains"]}
    assert {domain: counts["sent"] for domain, counts in rows.items()} == {
        "example.org": 2,
        "other.example.org": 1,
        "": 0,
    }
    assert rows[""]["suppressed"] == 1


async def test_an_issue_whose_hour_has_come_goes_out_by_itself(posting: Desk, sink: Sink) -> None:
    issue = await approved(posting)
    await Issue.filter(slug="2026-q4").update(send_at=datetime.now(UTC) + timedelta(hours=1))
    await posting.job("find_due")
    assert await state_of(posting) == "approved"
    await Issue.filter(slug="2026-q4").update(send_at=datetime.now(UTC) - timedelta(seconds=1))
    await posting.job("find_due")
    await posting.job("find_due")
    await posting.job("send_batch", issue["id"])
    assert recipients(sink) == ALL
    shown = (await posting.get("/issues/2026-q4", identity=ANNA)).json()
    assert (shown["state"], shown["sent_by"]["name"], shown["send_at"]) == ("sent", "Berta", "")


async def test_an_issue_whose_hour_comes_when_checks_fail_waits_for_a_person(posting: Desk, sink: Sink) -> None:
    await approved(posting)
    links = {"kind": "editorial", "text": {"de": "Guten Tag", "en": ""}}
    row = await Issue.get(slug="2026-q4")
    sections = [{**section, **(links if section["kind"] == "editorial" else {})} for section in row.sections]
    due = datetime.now(UTC) - timedelta(seconds=1)
    await Issue.filter(slug="2026-q4").update(send_at=due, sections=sections)
    await posting.job("find_due")
    shown = (await posting.get("/issues/2026-q4", identity=ANNA)).json()
    assert (shown["state"], shown["send_at"], recipients(sink)) == ("approved", "", [])
    assert (await posting.kit.recorded("newsletter", NoticeWanted))[-1].kind == "issue-trouble"


async def test_a_turn_whose_time_is_up_leaves_the_rest_to_the_next(
    posting: Desk, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = await begin(posting)
    with monkeypatch.context() as patch:
        patch.setattr("services.newsletter.dispatch.turn.TURN_SECONDS", -1.0)
        await posting.job("send_batch", issue["id"])
    await posting.job("find_due")
    await posting.job("send_batch", issue["id"])
    assert (await state_of(posting), recipients(sink)) == ("sent", ALL)


async def test_publishers_are_told_how_it_went(posting: Desk, sink: Sink) -> None:
    sink.script = lambda step, argument: "550 5.1.1 unknown" if step == "RCPT" and "r1@" in argument else None
    issue = await begin(posting)
    await posting.job("send_batch", issue["id"])
    told = [event.kind for event in await posting.kit.recorded("newsletter", NoticeWanted)]
    assert told[-1] == "issue-trouble", "one of three was refused"
