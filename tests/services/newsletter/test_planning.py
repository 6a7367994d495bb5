"""The quarterly rhythm: a draft on its day, reminders until it is submitted, articles and offers in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from infra.contracts.notices import NoticeWanted
from infra.db import transaction
from services.newsletter.issues.calendar import proposal_day, quarter_of, today
from services.newsletter.issues.models import Issue
from services.newsletter.issues.planning import propose, remind
from tests.kit import Database, running, together
from tests.services.newsletter.desk import ANNA, BERTA, Desk, offer, service

DAY = date(2026, 12, 1)


async def on(day: date) -> tuple[Issue | None, int]:
    """What the rhythm does on a day."""
    async with transaction("newsletter") as tx:
        return await propose(tx, day), await remind(tx, day)


async def told(desk: Desk) -> list[tuple[str, str, int]]:
    return [(fact.kind, fact.role, fact.version) for fact in await desk.kit.recorded("newsletter", NoticeWanted)]


@pytest.mark.parametrize(
    ("day", "quarter", "proposed"),
    [
        (date(2026, 1, 1), "2026-Q1", date(2026, 3, 1)),
        (date(2026, 6, 30), "2026-Q2", date(2026, 6, 1)),
        (date(2026, 7, 1), "2026-Q3", date(2026, 9, 1)),
        (date(2026, 12, 31), "2026-Q4", date(2026, 12, 1)),
    ],
)
def test_quarters_and_their_days(day: date, quarter: str, proposed: date) -> None:
    assert (quarter_of(day), proposal_day(quarter)) == (quarter, proposed)


async def test_a_draft_is_proposed_on_its_day_once_and_holds_what_was_collected(desk: Desk) -> None:
    await desk.tell(offer("a"))
    assert await on(date(2026, 11, 30)) == (None, 0)
    assert [await on(DAY) for _ in range(2)][1] == (None, 0)
    issue = (await desk.get("/issues/2026-q4", identity=ANNA)).json()
    assert (issue["state"], issue["created_by"]["name"]) == ("draft", "Lotse")
    offers = next(part for part in issue["sections"] if part["kind"] == "offers")
    assert [item["slug"] for item in offers["collected"]] == ["a"]
    assert await told(desk) == [("issue-proposed", "editor", 1)]
    assert (await desk.post("/issues/2026-q4/approve", identity=ANNA)).status == 200, "nobody wrote it, so anybody may"


async def test_it_is_proposed_late_when_nobody_was_there_on_the_day(desk: Desk) -> None:
    found, _ = await on(date(2026, 12, 24))
    assert found is not None
    assert found.quarter == "2026-Q4"


async def test_an_issue_that_somebody_began_is_not_proposed_again(desk: Desk) -> None:
    await desk.draft()
    assert await on(DAY) == (None, 0)


async def test_two_beats_at_the_same_moment_propose_once(desk: Desk) -> None:
    async def beat() -> Any:
        return (await on(DAY))[0]

    found = await together(beat, beat, beat)
    assert len([issue for issue in found if issue is not None]) == 1
    assert await told(desk) == [("issue-proposed", "editor", 1)]


async def test_editors_are_reminded_once_a_week_until_the_draft_is_submitted(desk: Desk) -> None:
    await on(DAY)
    reminded = [(await on(date(2026, 12, day)))[1] for day in (7, 8, 8, 14, 15, 16)]
    assert reminded == [0, 1, 0, 0, 1, 0]
    assert [fact for fact in await told(desk) if fact[0] == "issue-reminder"] == [
        ("issue-reminder", "editor", 1),
        ("issue-reminder", "editor", 2),
    ]
    assert (await desk.post("/issues/2026-q4/submit", identity=BERTA)).status == 200
    assert (await on(date(2026, 12, 30)))[1] == 0


async def test_the_rhythm_can_be_switched_off(sqlite: Database) -> None:
    async with running([service], sqlite, newsletter_schedule=False) as kit:
        await Desk(kit).job("plan_issues")
        assert await Issue.all().count() == 0


async def test_the_job_follows_the_days_of_germany(one_desk: Desk) -> None:
    await one_desk.job("plan_issues")
    day = today(datetime.now(UTC))
    expected = 1 if day >= proposal_day(quarter_of(day)) else 0
    assert await Issue.all().count() == expected
