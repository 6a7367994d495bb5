"""What is looked for and not found: counted without people, kept over a stop, told to those who plan offers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from infra.contracts.forum import TopicChanged
from infra.db import transaction
from infra.web.identity import ANONYMOUS
from services.search import running
from services.search.language.knowledge import Knowledge
from services.search.models import Demand
from services.search.service import service
from services.search.statistics import writing
from services.search.statistics.counting import Asked, Count, Tally, words_of
from services.search.statistics.writing import write
from services.search.statistics.writing import written as written_on
from services.search.tasks import jobs
from tests.kit import Database, hosting, identity
from tests.kit import running as running_kit
from tests.services.search.conftest import Search
from tests.services.search.test_finding import MEMBER, offer

COORDINATOR = identity("c", "coordinator")
TODAY = datetime.now(UTC).date()


async def written() -> None:
    """Have everything counted so far in the table."""
    parts = running.current()
    await write(parts.demand, parts.knowledge)


async def told(search: Search, **query: Any) -> list[tuple[str, int, int]]:
    """Rows of the report: value, searches, misses."""
    await written()
    answer = await search.get("/demand", COORDINATOR, **query)
    assert answer.status == 200, answer.content
    return [(item["value"], item["searches"], item["misses"]) for item in answer.json()["items"]]


async def test_what_is_looked_for_and_not_found_is_told_by_words_region_and_theme(search: Search) -> None:
    await search.tell_all()
    await search.tell(offer("a", "Sprachkurs", stages=["language"], target_groups=["women"], region="stadt-magdeburg"))
    for _ in range(5):
        await search.find("Sprachkurs  für FRAUEN in Magdeburg")
        await search.find("Zahnarzt", stage="language", language="ar")
    await search.find("Hebamme")
    assert await told(search) == [("sprachkurs frauen", 5, 0), ("zahnarzt", 5, 5)]
    assert await told(search, missed=True) == [("zahnarzt", 5, 5)]
    assert await told(search, by="region") == [("stadt-magdeburg", 5, 0)]
    assert await told(search, by="stage") == [("language", 5, 5)]
    assert await told(search, by="target_group") == [("women", 5, 0)]
    assert await told(search, by="language") == [("ar", 5, 5)]
    assert await told(search, by="topic") == []
    whole = (await search.get("/demand", COORDINATOR, speaks="en", by="stage")).json()
    assert (whole["searches"], whole["misses"], whole["at_least"]) == (11, 6, 1)
    assert whole["items"][0]["label"] == "Language"


async def test_nothing_about_people_is_kept(search: Search) -> None:
    member = identity("account-7", "member", networks=["iq-netz"])
    for q in ("max@example.org Kurs", "ruf 0176 123 45 67", "Kurs " * 17, "\u0007", "39104 Kurs"):
        await search.get("/search", member, q=q)
    await search.get("/suggest", member, q="Sprach")
    await search.get("/search", member, q="Kurs", strict=True)
    await search.get("/search", member)
    await written()
    rows = await Demand.all().order_by("subject", "value").values()
    assert [(row["subject"], row["value"], row["searches"]) for row in rows] == [
        ("any", "", 4),
        ("words", "39104 kurs", 1),
    ]
    assert {name for row in rows for name in row} == {
        "id",
        "subject",
        "day",
        "value",
        "region",
        "language",
        "searches",
        "misses",
    }
    assert all(TODAY <= row["day"] <= TODAY + timedelta(days=1) for row in rows)  # a run may last over midnight


async def test_words_that_found_what_only_some_may_see_are_not_told(search: Search) -> None:
    closed = TopicChanged(id="t", version=1, slug="t", title="Geheimplan", network="iq-netz", visible_to="space-1")
    await search.tell(offer("a", "Kurs"), closed)
    for who in (MEMBER, ANONYMOUS):
        for q in ("Geheimplan", "Kurs"):
            await search.get("/search", who, q=q)
    await written()
    rows = await Demand.filter(subject__in=["any", "words"]).order_by("subject", "value")
    assert [(row.value, row.searches, row.misses) for row in rows] == [("", 4, 1), ("geheimplan", 1, 1), ("kurs", 2, 0)]


async def test_words_are_told_only_from_the_fifth_time_on_and_by_days(search: Search) -> None:
    parts = running.current()
    await search.tell_all()
    for days_ago, words, times in ((0, "selten", 4), (1, "oft", 3), (100, "oft", 3), (3, "pflege", 9)):
        day = TODAY - timedelta(days=days_ago)
        parts.demand.add(Asked(day, "en" if words == "oft" else "de", words, "landkreis-harz"), times, times // 2)
    assert await told(search) == [("pflege", 9, 4)]
    long_ago = (TODAY - timedelta(days=200)).isoformat()
    assert await told(search, since=long_ago) == [("pflege", 9, 4), ("oft", 6, 2)]
    assert await told(search, since=long_ago, region="sachsen-anhalt", language="en") == [("oft", 6, 2)]
    assert await told(search, since=long_ago, region="hessen") == []
    assert await told(search, until=long_ago) == []
    first = (await search.get("/demand", COORDINATOR, since=long_ago, limit=1)).json()
    second = (await search.get("/demand", COORDINATOR, since=long_ago, limit=1, cursor=first["next"])).json()
    assert [item["value"] for item in (*first["items"], *second["items"])] == ["pflege", "oft"]
    assert second["next"] is None


async def test_demand_is_for_those_who_plan(search: Search) -> None:
    assert (await search.get("/demand")).status == 401
    assert (await search.get("/demand", identity("m", "member", "moderator"))).status == 403
    for role in ("coordinator", "editor", "admin"):
        assert (await search.get("/demand", identity("x", role))).status == 200


async def test_unusable_questions_about_demand_are_named_at_their_field(search: Search) -> None:
    await search.tell_all()
    unusable: list[tuple[dict[str, Any], str]] = [
        ({"since": "2026-13-01"}, "since"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "since"),
        ({"region": "atlantis"}, "region"),
        ({"by": "account"}, "by"),
        ({"limit": "501"}, "limit"),
        ({"cursor": "WzFd"}, "cursor"),
        ({"cursor": "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMCwieCJd"}, "cursor"),
        ({"account": "a"}, "account"),
    ]
    for query, field in unusable:
        answer = await search.get("/demand", COORDINATOR, **query)
        assert answer.status == 422, query
        assert [item["field"] for item in answer.json()["fields"]] == [field]


async def test_counts_survive_a_stop_and_processes_add_to_the_same_rows(database: Database) -> None:
    await database.prepare([service])
    for _ in range(2):
        async with hosting([service], database) as kit:
            await kit.get("search", "/search", query={"q": "Zahnarzt"})
            another, knowledge = Tally(), running.current().knowledge
            another.add(Asked(TODAY, "de", "zahnarzt", ""), 2, 1)
            await write(another, knowledge)
    async with hosting([service], database):
        rows = await Demand.all().order_by("subject").values_list("subject", "searches", "misses")
    assert rows == [("any", 6, 4), ("words", 6, 4)]


async def test_counts_are_written_while_searches_go_on_and_by_several_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "EVERY_SECONDS", 0.05)
    async with running_kit([service], database) as kit:
        await kit.get("search", "/search", query={"q": "Zahnarzt"})
        async with asyncio.timeout(10):
            while not await Demand.exists():
                await asyncio.sleep(0.05)
        tallies = [Tally() for _ in range(5)]
        for number, tally in enumerate(tallies):
            for words in ("zahnarzt", "hebamme", "kita")[:: 1 if number % 2 else -1]:
                tally.add(Asked(TODAY, "de", words, ""), 1, 0)
        await asyncio.gather(*(write(tally, Knowledge()) for tally in tallies))
        rows = dict(await Demand.filter(subject="words").values_list("value", "searches"))
    assert rows == {"zahnarzt": 6, "hebamme": 5, "kita": 5}


async def test_what_cannot_be_written_stays_counted(search: Search, caplog: pytest.LogCaptureFixture) -> None:
    tally = Tally()
    tally.add(Asked(TODAY, "de", "zahnarzt", ""), 1, 1)
    failures = REGISTRY.get_sample_value("lotse_search_demand_failures_total") or 0
    async with transaction("search") as tx:
        await tx.connection.execute_script("ALTER TABLE demand RENAME TO elsewhere")
    async with written_on(tally, Knowledge):
        tally.add(Asked(TODAY, "de", "zahnarzt", ""), 1, 0)
    assert "could not be counted" in caplog.text
    assert REGISTRY.get_sample_value("lotse_search_demand_failures_total") == failures + 1
    assert tally.take() == {Asked(TODAY, "de", "zahnarzt", ""): Count(2, 1)}
    async with transaction("search") as tx:
        await tx.connection.execute_script("ALTER TABLE elsewhere RENAME TO demand")


def test_random_words_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tally, "MOST", 2)
    tally = Tally()
    for words in ("a", "b", "c", "a"):
        tally.add(Asked(TODAY, "de", words, ""), 1, 0)
    assert {asked.words: count.searches for asked, count in tally.take().items()} == {"a": 2, "b": 1}


async def test_old_counts_and_rare_words_are_forgotten(search: Search) -> None:
    rows = (("words", "alt", 400, 9), ("any", "", 400, 9), ("words", "selten", 31, 4), ("words", "neu", 29, 1))
    kept = (("words", "oft", 31, 3), ("words", "oft", 60, 2), ("topic", "pflege", 390, 1))
    for subject, value, days_ago, searches in (*rows, *kept):
        day = TODAY - timedelta(days=days_ago)
        await Demand.create(
            subject=subject, day=day, value=value, region="", language="de", searches=searches, misses=0
        )
    await jobs.run("forget_demand")
    left = await Demand.all().order_by("value").values_list("value", "searches")
    assert left == [("neu", 1), ("oft", 3), ("oft", 2), ("pflege", 1)]


@pytest.mark.parametrize(
    ("q", "places", "words"),
    [
        ("  Kurs   für Pflege!", [], "kurs pflege"),
        ("Kurs Halle (Saale)", ["Halle (Saale)"], "kurs"),
        ("HALLE", ["Halle"], ""),
        ("für", [], "für"),
        ("§ 16d AufenthG 39104", [], "16d aufenthg 39104"),
        ("0391-123456", [], ""),
        ("0391 – 12_34 | 56", [], ""),
        ("max\uff20example.org", [], ""),
        ("a@b", [], ""),
        ("Wort " * 17, [], ""),
    ],
)
def test_words_are_counted_in_one_form(q: str, places: list[str], words: str) -> None:
    assert words_of(q, places) == words
