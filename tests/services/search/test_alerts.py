"""What saved searches tell, and when: seen by who saves, publishes and waits for the morning."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from infra.contracts.contacts import OfferWithdrawn
from infra.contracts.forum import TopicChanged, TopicRemoved
from services.search.saved.domain import next_run
from services.search.service import service
from tests.kit import Database, counted_queries, running
from tests.services.search.alerts import ANNA, BERT, Alerts, morning, offer, slugs
from tests.services.search.conftest import Search


@pytest.fixture
async def alerts(sqlite: Database) -> AsyncIterator[Alerts]:
    """Search with people who keep searches; on both databases in test_saved and test_alerts_faults."""
    async with running([service], sqlite) as kit:
        yield Alerts(Search(kit))


async def test_what_is_published_afterwards_is_told_once_with_all_that_a_mail_needs(alerts: Alerts) -> None:
    await alerts.search.tell_all()
    await alerts.search.tell(offer("alt", "Schwimmkurs"))
    saved = await alerts.save(q="Schwimmkurs", name="Schwimmen lernen", speaks="en")
    await alerts.search.tell(
        offer(
            "neu",
            "Schwimmkurs am See",
            title_en="Swimming lessons",
            summary="Für alle",
            summary_en="For everybody",
            region="stadt-magdeburg",
            published_at="2026-03-01T10:00:00Z",
        ),
        offer("anders", "Tanzabend"),
    )
    await morning()
    (alert,) = await alerts.told()
    assert (alert.id, alert.version, alert.recipient) == (saved["id"], 1, f"account:{ANNA.account}")
    assert (alert.frequency, alert.language, alert.total) == ("daily", "en", 1)
    assert datetime.fromisoformat(alert.since) == datetime.fromisoformat(saved["created_at"])
    (hit,) = alert.hits
    assert (hit.kind, hit.slug, hit.title, hit.title_en) == ("offer", "neu", "Schwimmkurs am See", "Swimming lessons")
    assert (hit.summary, hit.region_name, hit.date) == ("For everybody", "Magdeburg", "2026-03-01")
    await morning()
    await morning(20)
    assert len(await alerts.told()) == 1


async def test_each_morning_tells_what_came_since_the_last_one(alerts: Alerts) -> None:
    await alerts.save(q="Kurs")
    await alerts.search.tell(offer("a", "Kurs"))
    await morning(2)
    await morning(3)
    await alerts.search.tell(offer("b", "Kurs"), offer("c", "Kurs"))
    await morning(4)
    first, second = await alerts.told()
    assert (slugs(first), first.version) == (["a"], 1)
    assert (set(slugs(second)), second.version, second.total) == ({"b", "c"}, 2, 2)
    assert second.since > first.since


async def test_only_what_meets_every_word_and_choice_is_told(alerts: Alerts) -> None:
    await alerts.search.tell_all()
    await alerts.save(q="Sprachkurs Pflege")
    await alerts.save(q="Sprachkurs", district=["landkreis-harz"], stage=["language"])
    await alerts.search.tell(
        offer("harz", "Sprachkurs", region="landkreis-harz", stages=["language"]),
        offer("hessen", "Sprachkurs", region="hessen", stages=["language"]),
    )
    await morning()
    assert [slugs(alert) for alert in await alerts.told()] == [["harz"]]


async def test_a_place_is_a_place_also_in_a_saved_search(alerts: Alerts) -> None:
    await alerts.search.tell_all()
    saved = await alerts.save(q="Kurs", near="  Magdeburg ", radius=10)
    assert (saved["near"], saved["radius"]) == ("Magdeburg", 10)
    await alerts.search.tell(
        offer("md", "Kurs", region="stadt-magdeburg"),
        offer("harz", "Kurs", region="landkreis-harz"),
        offer("hessen", "Kurs", region="hessen"),
    )
    await morning()
    assert [slugs(alert) for alert in await alerts.told()] == [["md"]]


async def test_a_change_a_repetition_and_a_late_version_are_nothing_new(alerts: Alerts) -> None:
    await alerts.search.tell(offer("a", "Kurs", version=2))
    await alerts.save(q="Kurs")
    await alerts.search.tell(offer("a", "Kurs", version=2), offer("a", "Kurs am Abend", version=3), offer("a", "Kurs"))
    await morning()
    assert await alerts.told() == []


async def test_what_comes_back_is_new_again(alerts: Alerts) -> None:
    await alerts.search.tell(offer("a", "Kurs"))
    await alerts.save(q="Kurs")
    life = [offer("a", "Kurs"), OfferWithdrawn(id="offer-a", version=2, slug="a"), offer("a", "Kurs", version=3)]
    await alerts.search.tell(*life)
    await alerts.search.tell(offer("b", "Kurs"), OfferWithdrawn(id="offer-b", version=2, slug="b"))
    await morning(2)
    assert [slugs(alert) for alert in await alerts.told()] == [["a"]]
    await alerts.search.tell(*life)  # as a reindex does
    await morning(3)
    assert len(await alerts.told()) == 1


async def test_closed_spaces_are_told_to_nobody_until_they_are_opened(alerts: Alerts) -> None:
    topic: dict[str, Any] = {"id": "t", "slug": "thema", "title": "Kurs", "network": "iq-netz"}
    await alerts.search.tell(TopicChanged(**topic, version=1, visible_to="space-1"))
    await alerts.save(q="Kurs")
    await alerts.search.tell(TopicChanged(**topic, version=2, visible_to="space-1", text="Neues"))
    await morning(2)
    assert await alerts.told() == []
    await alerts.search.tell(TopicChanged(**topic, version=3))
    await morning(3)
    assert [slugs(alert) for alert in await alerts.told()] == [["thema"]]
    await alerts.search.tell(TopicChanged(**topic, version=4, visible_to="space-1"))
    await alerts.search.tell(TopicRemoved(id="t2", version=1, slug="anderes"))
    await morning(4)
    assert len(await alerts.told()) == 1


async def test_a_week_of_silence_is_told_at_once_and_for_weekly_ones_on_monday(alerts: Alerts) -> None:
    """An installation that was down tells what it missed in one go, not once for every morning."""
    daily, weekly = await alerts.save(q="Kurs"), await alerts.save(q="Kurs", who=BERT, frequency="weekly")
    await alerts.search.tell(offer("a", "Kurs"))
    await alerts.search.tell(offer("b", "Kurs"))
    await morning(8)
    told = {alert.id: alert for alert in await alerts.told()}
    assert {identifier: set(slugs(alert)) for identifier, alert in told.items()} == {
        daily["id"]: {"a", "b"},
        weekly["id"]: {"a", "b"},
    }
    assert told[weekly["id"]].frequency == "weekly"
    next_daily, next_weekly = (
        (await alerts.see(daily["id"]))["next_at"],
        (await alerts.see(weekly["id"], BERT))["next_at"],
    )
    assert datetime.fromisoformat(next_weekly).weekday() == 0
    assert next_daily <= next_weekly  # equal where the day after is a Monday


async def test_nobody_is_told_before_the_time_or_who_wants_no_mail(alerts: Alerts) -> None:
    await alerts.save(q="Kurs")
    await alerts.save(q="Kurs", frequency="none")
    await alerts.search.tell(offer("a", "Kurs"))
    await service.jobs.run("tell_due")
    assert await alerts.told() == []
    await morning()
    assert [alert.frequency for alert in await alerts.told()] == ["daily"]


async def test_twenty_hits_are_told_and_all_are_counted(alerts: Alerts) -> None:
    await alerts.save(q="Kurs")
    await alerts.search.tell(
        *(offer(f"a{number}", "Kurs", published_at=f"2026-01-{number + 1:02}") for number in range(25))
    )
    await morning()
    (alert,) = await alerts.told()
    assert alert.total == 25
    assert slugs(alert) == [f"a{number}" for number in range(24, 4, -1)]


async def test_many_searches_are_told_by_few_statements_and_few_searches(alerts: Alerts) -> None:
    """Equal ones are looked for once, and rows are read and written by the hundred."""
    for number in range(30):
        await alerts.save(q="Kurs" if number % 2 else "Tanz")
    await alerts.search.tell(offer("a", "Kurs"))
    with counted_queries("search") as statements:
        await morning()
    needed = [text for text in statements if "counters" not in text and "sequence >" not in text]  # less the indexer's
    assert len(needed) == 11
    assert len(await alerts.told()) == 15


@pytest.mark.parametrize(
    ("frequency", "after", "due"),
    [
        ("daily", "2026-01-10T04:59:59Z", "2026-01-10T05:00:00Z"),
        ("daily", "2026-01-10T05:00:00Z", "2026-01-11T05:00:00Z"),
        ("daily", "2026-03-28T05:00:00Z", "2026-03-29T04:00:00Z"),  # the clocks go forward in that night
        ("daily", "2026-03-29T04:00:00Z", "2026-03-30T04:00:00Z"),
        ("daily", "2026-10-24T04:00:00Z", "2026-10-25T05:00:00Z"),  # and back
        ("daily", "2026-10-25T04:30:00Z", "2026-10-25T05:00:00Z"),
        ("daily", "2026-07-09T22:30:00Z", "2026-07-10T04:00:00Z"),  # already the tenth in Berlin
        ("weekly", "2026-07-06T03:59:00Z", "2026-07-06T04:00:00Z"),
        ("weekly", "2026-07-06T04:00:00Z", "2026-07-13T04:00:00Z"),
        ("weekly", "2026-07-12T22:30:00Z", "2026-07-13T04:00:00Z"),  # already Monday in Berlin
        ("weekly", "2026-03-23T05:00:00Z", "2026-03-30T04:00:00Z"),
        ("weekly", "2026-10-19T04:00:00Z", "2026-10-26T05:00:00Z"),
    ],
)
def test_the_morning_is_that_of_berlin(frequency: str, after: str, due: str) -> None:
    assert next_run(frequency, datetime.fromisoformat(after)) == datetime.fromisoformat(due)
    assert next_run("none", datetime.fromisoformat(after)) is None
