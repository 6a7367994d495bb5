"""Mail servers and databases at their worst in the middle of an issue: all are accounted for, nobody gets it twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from infra.mail import mailbox
from services.newsletter.deliveries.models import Delivery
from services.newsletter.dispatch import ledger
from services.newsletter.dispatch.journal import folder_of
from tests.conftest import needs_postgres
from tests.infra.mail.sink import Sink, busy, refusing
from tests.kit import Database, on_server, running
from tests.services.newsletter.desk import Desk, service
from tests.services.newsletter.test_dispatch import begin, make_due, reader, recipients, state_of, statuses

MANY = [f"r{number}@example.org" for number in range(40)]
PIPELINED = ("PIPELINING",)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    """A mail server with pipelining, to be scripted by the test."""
    async with Sink(extensions=PIPELINED).listening() as server:
        yield server


@pytest.fixture
async def posting(database: Database, sink: Sink) -> AsyncIterator[Desk]:
    """A newsletter with forty readers that sends to the sink."""
    async with running([service], database, smtp_url=sink.url) as kit:
        yield await with_readers(Desk(kit))


async def with_readers(desk: Desk) -> Desk:
    await desk.tell_territory()
    for address in MANY:
        await reader(address)
    return desk


async def test_a_busy_hour_only_costs_time(posting: Desk, sink: Sink) -> None:
    issue = await begin(posting)
    for script in (busy(), busy(step="DATA"), busy(step="END"), busy("421 4.7.0 too many", step="HELO")):
        sink.script = script
        await posting.job("send_batch", issue["id"])
        assert await statuses() == {"waiting": 40}
        await make_due()
    sink.script = lambda _step, _argument: None
    await posting.job("send_batch", issue["id"])
    assert recipients(sink) == sorted(MANY)
    assert await state_of(posting) == "sent"


async def test_a_domain_that_refuses_us_keeps_nobody_else_from_it(posting: Desk, sink: Sink) -> None:
    for number in range(5):
        await reader(f"r{number}@gmx.example")
    sink.script = refusing("gmx.example")
    issue = await begin(posting)
    await posting.job("send_batch", issue["id"])
    assert recipients(sink) == sorted(MANY)
    assert await statuses() == {"sent": 40, "failed": 5}


async def test_another_server_takes_over(sqlite: Database, sink: Sink) -> None:
    down = Sink(busy("421 4.3.2 down", step="HELO"))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(down.listening())
        kit = await stack.enter_async_context(running([service], sqlite, smtp_url=f"{down.url},{sink.url}"))
        desk = await with_readers(Desk(kit))
        issue = await begin(desk)
        await desk.job("send_batch", issue["id"])
        assert await statuses() == {"waiting": 40}
        await desk.job("send_batch", issue["id"])
        assert recipients(sink) == sorted(MANY)
        assert (await desk.report(issue))["items"][0]["attempts"] == 1


async def test_rates_of_a_domain_are_kept_and_the_rest_gets_turns(sqlite: Database, sink: Sink) -> None:
    async with running([service], sqlite, smtp_url=sink.url, smtp_domain_rates="example.org=20") as kit:
        desk = await with_readers(Desk(kit))
        await reader("free@elsewhere.example")
        issue = await begin(desk)
        await desk.job("send_batch", issue["id"])
        assert await statuses() == {"sent": 19, "waiting": 22}, "nine tenths of the rate, and who is not limited"
        assert "free@elsewhere.example" in recipients(sink)
        turns = sorted([row.next_at for row in await Delivery.filter(status="waiting")])
        assert len(set(turns)) == len(turns)
        assert turns[-1] - turns[0] == timedelta(seconds=3 * 21), "one every three seconds"
        await desk.job("send_batch", issue["id"])
        assert await statuses() == {"sent": 19, "waiting": 22}


async def test_without_a_server_a_thousand_land_in_the_local_mailbox(sqlite: Database) -> None:
    async with running([service], sqlite) as kit:
        desk = await with_readers(Desk(kit))
        issue = await begin(desk)
        await desk.job("send_batch", issue["id"])
        stored = await mailbox(kit.settings).newest(100)
        assert sorted(mail.recipient for mail in stored) == sorted(MANY)
        assert await state_of(desk) == "sent"


async def test_outcomes_that_the_database_could_not_take_stand_in_the_journal(
    posting: Desk, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away while mails are on their way, for longer than the worker waits."""
    issue = await begin(posting)

    async def away(_settlements: Any) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr("services.newsletter.dispatch.turn.PATIENCE", 1)
        broken.setattr("services.newsletter.dispatch.turn.LOOK_SECONDS", 0.01)
        broken.setattr(ledger, "settle", away)
        await posting.job("send_batch", issue["id"])
    assert await statuses() == {"claimed": 40}
    assert recipients(sink) == sorted(MANY)
    assert len(list(folder_of(posting.kit.settings.data_dir).iterdir())) == 1
    await posting.job("find_due")
    assert await statuses() == {"sent": 40}
    await posting.job("send_batch", issue["id"])
    assert await state_of(posting) == "sent"
    assert len(sink.received) == 40


async def test_after_a_turn_that_failed_beat_asks_for_the_next(posting: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = await begin(posting)
    asked: list[str] = []

    async def broken(*_args: Any) -> Any:
        raise asyncpg.PostgresError

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "claim", broken)
        with pytest.raises(asyncpg.PostgresError):
            await posting.job("send_batch", issue["id"])
    service.jobs.connect(lambda name, *_args: asked.append(name))
    try:
        await posting.job("find_due")
    finally:
        service.jobs.connect(None)
    assert asked == ["newsletter.send_batch"]


@pytest.mark.parametrize("database", [needs_postgres], indirect=True)
async def test_a_database_that_drops_its_connections_loses_and_doubles_nothing(database: Database, sink: Sink) -> None:
    async with running([service], database, smtp_url=sink.url) as kit:
        desk = await with_readers(Desk(kit))
        issue = await begin(desk)
        held, cut = asyncio.Event(), asyncio.Event()

        def script(step: str, argument: str) -> Any:
            if step == "END" and argument == MANY[7]:
                held.set()
                return cut
            return None

        sink.script = script
        sending = asyncio.create_task(desk.job("send_batch", issue["id"]))
        await asyncio.wait_for(held.wait(), 10)
        name = f"{database.prefix}_newsletter"
        await on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        cut.set()
        await sending
        await desk.job("find_due")
        await make_due()
        await desk.job("send_batch", issue["id"])
        assert await statuses() == {"sent": 40}
        assert recipients(sink) == sorted(MANY)


async def test_a_cancelled_turn_names_what_it_had_begun_and_gives_the_rest_back(posting: Desk, sink: Sink) -> None:
    """As when a process has to stop and the mail server is too slow to wait for."""
    never, held = asyncio.Event(), asyncio.Event()

    def script(step: str, _argument: str) -> Any:
        if step == "END":
            held.set()
            return never
        return None

    sink.script = script
    issue = await begin(posting)
    turn = asyncio.create_task(posting.job("send_batch", issue["id"]))
    await asyncio.wait_for(held.wait(), 10)
    turn.cancel()
    await asyncio.gather(turn, return_exceptions=True)
    never.set()
    found = await statuses()
    assert 1 <= found["uncertain"] <= 9, "nine connections for forty mails"
    assert found["uncertain"] + found["waiting"] == 40
    assert not await Delivery.filter(status="waiting", attempts__gt=0).exists()
    assert not await Delivery.filter(lease_until__gt=datetime.now(UTC)).exists()


async def test_without_a_journal_nothing_is_sent_and_nobody_is_forgotten(posting: Desk, sink: Sink) -> None:
    issue = await begin(posting)
    folder = folder_of(posting.kit.settings.data_dir)
    folder.write_text("in the way")
    with pytest.raises(FileExistsError):
        await posting.job("send_batch", issue["id"])
    assert await statuses() == {"waiting": 40}
    folder.unlink()
    await posting.job("send_batch", issue["id"])
    assert recipients(sink) == sorted(MANY)


async def test_what_waits_is_counted_without_reading_all_that_was_ever_sent(sqlite: Database, sink: Sink) -> None:
    async with running([service], sqlite, smtp_url=sink.url) as kit:
        desk = await with_readers(Desk(kit))
        issue = await begin(desk)
        assert await Delivery.waiting().count() == 40
        plan = str(await Delivery.waiting().explain())
        assert "SCAN deliveries" not in plan
        await desk.job("send_batch", issue["id"])
        assert await Delivery.waiting().count() == 0
