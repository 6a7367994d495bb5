"""Alerts when workers race, are killed or outrun, and when the engine fails: told once, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from infra.contracts.contacts import OfferWithdrawn
from infra.contracts.registry import Event
from services.search import running
from services.search.domain import Request
from services.search.engine import AwayError, DamagedError, Engine, Page
from services.search.saved.telling import LEASE, PATIENCE, tell_due
from tests.kit import together
from tests.services.search.alerts import ANNA, BERT, Alerts, morning, offer, slugs
from tests.services.search.conftest import Search

Asked = Callable[[Request], Awaitable[None]]


@pytest.fixture
async def alerts(search: Search) -> AsyncIterator[Alerts]:
    """Search with people who keep searches."""
    yield Alerts(search)


class Disturbed:
    """An engine before or after whose answers something happens."""

    def __init__(self, engine: Engine, before: Asked, after: Asked) -> None:
        self._engine = engine
        self._before = before
        self._after = after

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    async def search(self, request: Request) -> Page:
        """What happens first may fail."""
        await self._before(request)
        page = await self._engine.search(request)
        await self._after(request)
        return page


class Behind(Disturbed):
    """An engine that has not taken in anything yet."""

    position = 0


async def nothing(_request: Request) -> None:
    """No disturbance."""


@contextmanager
def disturbed(before: Asked = nothing, after: Asked = nothing) -> Iterator[None]:
    """Searches are preceded by `before` and followed by `after` inside the block."""
    parts = running.current()
    engine = parts.engine
    parts.engine = Disturbed(engine, before, after)  # type: ignore[assignment] # it has the rest by __getattr__
    try:
        yield
    finally:
        parts.engine = engine


async def many(alerts: Alerts, number: int) -> None:
    """So many people with a search each, and something that all of them find."""
    for count in range(number):
        await alerts.save(ANNA if count % 2 else BERT, q=f"Kurs {'am Abend' if count % 3 else ''}")
    await alerts.search.tell(offer("a", "Kurs am Abend"))


async def test_two_workers_tell_everybody_once(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.search.saved.telling.BATCH", 5)
    await many(alerts, 24)
    assert await together(morning, morning, morning) == [None] * 3
    told = Counter(alert.id for alert in await alerts.told())
    assert len(told) == 24
    assert set(told.values()) == {1}


async def test_a_worker_that_is_killed_in_between_loses_and_doubles_nothing(alerts: Alerts) -> None:
    await many(alerts, 4)
    reached = asyncio.Event()

    async def stuck(_request: Request) -> None:
        reached.set()
        await asyncio.Event().wait()

    with disturbed(stuck):
        worker = asyncio.create_task(morning(8))
        await reached.wait()
        worker.cancel()
        await asyncio.wait([worker])
    await morning(8)
    assert await alerts.told() == [], "they are in the hands of the other one, as far as anybody knows"
    await morning(8 + (LEASE + timedelta(minutes=1)) / timedelta(days=1))
    assert set(Counter(alert.id for alert in await alerts.told()).values()) == {1}
    assert len(await alerts.told()) == 4


async def test_a_worker_that_was_outrun_says_nothing(alerts: Alerts) -> None:
    """It took longer than its lease, and another one has told meanwhile."""
    await many(alerts, 4)
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> None:
        reached.set()
        await go_on.wait()

    with disturbed(slow):
        worker = asyncio.create_task(morning(8))
        await reached.wait()
    await morning(9)
    assert len(await alerts.told()) == 4
    go_on.set()
    await worker
    assert len(await alerts.told()) == 4


async def test_an_engine_that_is_away_only_delays(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.search.saved.telling.BATCH", 5)
    await many(alerts, 12)

    asked: list[Request] = []

    async def away(request: Request) -> None:
        asked.append(request)
        raise AwayError("the server is away")

    with disturbed(away):
        await morning(8)
        asked.clear()
        assert [item["new"] for item in (await alerts.ask("GET", "")).json()["items"]] == [None] * 6
        assert len(asked) == 1, "nobody waits for each of them in turn"
    assert await alerts.told() == []
    await morning(9)
    assert len(await alerts.told()) == 12


async def test_a_search_that_no_engine_can_answer_delays_no_other(alerts: Alerts) -> None:
    for number in range(2 * PATIENCE):
        await alerts.save(q=f"Gift {number % PATIENCE}")
    await many(alerts, 4)

    async def poisoned(request: Request) -> None:
        if "Gift" in request.q:
            raise DamagedError("no such thing")

    with disturbed(poisoned):
        await morning(8)
        assert len(await alerts.told()) == 4
        await morning(9)
    assert len(await alerts.told()) == 4


async def test_while_the_index_is_behind_nobody_is_told(alerts: Alerts) -> None:
    """Part of what is new would be missing, and never be told."""
    await many(alerts, 2)
    parts = running.current()
    engine, parts.engine = parts.engine, Behind(parts.engine, nothing, nothing)  # type: ignore[assignment] # as above
    await morning(8)
    parts.engine = engine
    assert await alerts.told() == []
    await morning(8)
    assert len(await alerts.told()) == 2


async def test_what_the_owner_changes_meanwhile_counts(alerts: Alerts) -> None:
    silenced, deleted, kept = await alerts.save(q="Kurs"), await alerts.save(q="Kurs"), await alerts.save(q="Kurs")
    await alerts.search.tell(offer("a", "Kurs"))

    once = iter([True])  # what the owner does asks the engine, too

    async def meanwhile(_request: Request) -> None:
        if next(once, False):
            await alerts.ask("PATCH", f"/{silenced['id']}", {"frequency": "none"})
            await alerts.ask("DELETE", f"/{deleted['id']}")

    with disturbed(meanwhile):
        await morning(8)
    assert [alert.id for alert in await alerts.told()] == [kept["id"]]


async def test_what_is_hidden_or_changed_meanwhile_is_told_as_it_is_now(alerts: Alerts) -> None:
    await alerts.save(q="Kurs")
    await alerts.save(BERT, q="Tanz")
    await alerts.search.tell(offer("a", "Kurs"), offer("b", "Kurs"), offer("c", "Tanz"))
    news: list[Event] = [offer("b", "Kurs mit neuem Namen", version=2)]
    news += [OfferWithdrawn(id=f"offer-{slug}", version=2, slug=slug) for slug in ("a", "c")]

    async def meanwhile(request: Request) -> None:
        for event in news if request.q == "Tanz" else ():
            await alerts.search.kit.deliver("search", event)

    with disturbed(after=meanwhile):
        await morning(8)
    (alert,) = await alerts.told()
    assert (alert.total, [hit.title for hit in alert.hits]) == (1, ["Kurs mit neuem Namen"])


async def test_a_place_that_is_not_known_any_more_finds_nothing_and_stops_nobody(alerts: Alerts) -> None:
    await alerts.search.tell_all()
    await alerts.save(q="Kurs", near="Magdeburg")
    await alerts.save(q="Kurs")
    await alerts.search.tell(offer("a", "Kurs", region="stadt-magdeburg"))
    parts = running.current()
    known, parts.knowledge = parts.knowledge, type(parts.knowledge)()
    await morning(8)
    parts.knowledge = known
    assert [slugs(alert) for alert in await alerts.told()] == [["a"]]


async def test_thousands_of_new_things_are_asked_for_in_parts(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.search.saved.evaluation.NEWEST", 10)
    await alerts.save(q="Kurs")
    await alerts.search.tell(*(offer(f"a{number}", "Kurs") for number in range(25)))
    parts: list[int] = []

    async def count(request: Request) -> None:
        parts.append(len(request.only or ()))

    with disturbed(count):
        await morning(8)
    (alert,) = await alerts.told()
    assert (alert.total, len(set(slugs(alert))), parts) == (25, 20, [10, 10, 5])


async def test_a_clock_that_is_set_back_tells_nothing_twice(alerts: Alerts) -> None:
    await many(alerts, 2)
    later = datetime.now(UTC) + timedelta(days=8)
    await tell_due(lambda: later)
    await tell_due(lambda: later - timedelta(days=8))
    await tell_due(lambda: later + timedelta(hours=1))
    assert len(await alerts.told()) == 2
