"""What the backbone promises, over any broker: one suite, inherited by a class per transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from tortoise.connection import get_connection

from infra.bus.codec import control_body, encode
from infra.bus.publisher import Message, Publisher
from infra.bus.topology import dead_queue, events_queue, mark_key, own_exchange, request_key
from infra.contracts.control import LogHead, ReplayRequested
from infra.contracts.envelope import Envelope
from infra.db import Transaction, transaction
from infra.errors import Retryable
from infra.inbox import Handlers, Meta, dead_letters
from infra.inbox.checkpoints import Checkpoints, Claim, forget
from infra.inbox.once import HandlerFailed
from infra.outbox import record_all
from infra.outbox.record import EVENT_BYTES, EventTooLarge
from infra.outbox.relay import RelayStopped
from tests.conftest import needs_postgres
from tests.infra.toys.brokers import messages, wipe
from tests.infra.toys.contracts import ThingMade
from tests.infra.toys.house import SECONDS, House, house, model
from tests.kit import Database, on_server, together


class BackboneSuite:
    """Inherit it and give the fixture `url`."""

    @pytest.fixture
    async def toys(self, database: Database, url: str) -> AsyncIterator[House]:
        wipe(url)
        async with house(database, url) as made:
            yield made
        wipe(url)

    # ---- the log ----

    async def test_eight_parallel_writers_lose_nothing_and_positions_have_no_holes(self, toys: House) -> None:
        consumer, relay = await toys.consumer(), toys.relay()

        def writer(number: int) -> Any:
            return lambda: toys.make(*range(number * 20, number * 20 + 20))

        assert await together(*(writer(number) for number in range(8))) == [None] * 8
        head = await toys.settled(relay, consumer)
        assert head == 160
        assert sorted(await toys.seen()) == list(range(160))
        rows = await model("maker", "Outbox").all().order_by("position")
        assert [row.position for row in rows] == list(range(1, 161))
        by_position = [row.data["number"] for row in rows]
        assert await toys.seen() == by_position

    async def test_nothing_leaves_before_the_commit_nor_after_a_rollback(self, toys: House) -> None:
        consumer, relay = await toys.consumer(), toys.relay()
        with pytest.raises(LookupError):
            async with transaction("maker") as tx:
                await record_all(tx, [ThingMade(id="1", number=1)])
                raise LookupError
        await toys.make(2)
        await toys.settled(relay, consumer)
        assert await toys.seen() == [2]

    async def test_an_event_larger_than_the_limit_is_refused_where_it_is_made(self, toys: House) -> None:
        large = ThingMade(id="x" * (EVENT_BYTES + 1), number=1)
        with pytest.raises(EventTooLarge, match="at most 8000000"):
            async with transaction("maker") as tx:
                await record_all(tx, [large])
        assert await toys.log.backlog() == 0

    async def test_a_crash_between_position_and_publish_loses_nothing(self, toys: House) -> None:
        await toys.make(1, 2, 3)
        assert len(await toys.log.take(2)) == 2
        consumer, relay = await toys.consumer(), toys.relay()  # in this order, or the first two may find no queue yet
        assert await toys.settled(relay, consumer) == 3
        assert await toys.seen() == [1, 2, 3]

    async def test_a_crash_between_publish_and_mark_publishes_twice_and_handles_once(self, toys: House) -> None:
        consumer = await toys.consumer()
        await toys.make(1, 2)
        entries = await toys.log.take(10)
        await toys.publisher.publish([Message(entry.body, entry.type) for entry in entries])
        relay = toys.relay()
        await toys.settled(relay, consumer)
        assert await toys.seen() == [1, 2]

    async def test_while_the_broker_is_away_events_wait_in_the_log(self, toys: House) -> None:
        nowhere = Publisher("amqp://127.0.0.1:8119//")
        cut_off = toys.relay(nowhere)
        await toys.make(1, 2, 3)
        flush = asyncio.create_task(cut_off.flush())
        await toys.make(4)
        assert await toys.log.backlog() == 4
        assert not flush.done()
        await toys.stop(cut_off)
        await nowhere.close()
        with pytest.raises(RelayStopped):
            await flush
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.settled(relay, consumer)
        assert await toys.seen() == [1, 2, 3, 4]
        assert await toys.log.backlog() == 0

    async def test_the_log_is_shortened_but_its_last_row_keeps_the_place(self, toys: House) -> None:
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.make(*range(5))
        await toys.settled(relay, consumer)
        await _age()
        assert await toys.log.prune(datetime.now(UTC) - timedelta(days=90)) == 4
        await toys.make(5)
        assert await toys.settled(relay, consumer) == 6
        assert await toys.log.first() == 5

    @pytest.mark.parametrize("database", [needs_postgres], indirect=True)
    async def test_of_two_relays_on_one_database_one_works(self, toys: House) -> None:
        first = toys.relay()
        await toys.make(1)
        await asyncio.wait_for(first.flush(), SECONDS)
        second = toys.relay()
        waiting = asyncio.create_task(second.flush())
        await toys.make(2)
        assert await asyncio.wait_for(first.flush(), SECONDS) == 2
        assert not waiting.done()
        await toys.stop(first)
        assert await asyncio.wait_for(waiting, SECONDS) == 2
        await toys.make(3)
        assert await asyncio.wait_for(second.flush(), SECONDS) == 3

    @pytest.mark.parametrize("database", [needs_postgres], indirect=True)
    async def test_a_database_that_ends_all_connections_is_waited_for(self, toys: House, database: Database) -> None:
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.make(1)
        await toys.settled(relay, consumer)
        for name in database.made:
            await on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        await toys.make(2)
        with suppress(RelayStopped):  # it may notice the loss only now, and says so to who waits
            await toys.settled(relay, consumer)
        assert await toys.settled(relay, consumer) == 2
        assert await toys.seen() == [1, 2]

    # ---- the inbox ----

    async def test_a_failing_handler_is_called_again_after_each_step(self, toys: House) -> None:
        attempts: list[int] = []

        async def fail_twice(_tx: Transaction, event: ThingMade, _meta: Meta) -> None:
            if event.number == 2:
                attempts.append(event.number)
                if len(attempts) < 3:
                    raise Retryable("not yet")

        toys.behave = fail_twice
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.make(1, 2, 3)
        await toys.settled(relay, consumer)
        assert attempts == [2, 2, 2]
        assert await toys.seen() == [1, 3, 2]
        assert await dead_letters.listing("taker") == []

    async def test_a_poison_message_ends_as_dead_letter_and_blocks_nobody(self, toys: House) -> None:
        poison = {"number": 2}

        async def choke(_tx: Transaction, event: ThingMade, _meta: Meta) -> None:
            if event.number == poison["number"]:
                raise ValueError("cannot digest")

        toys.behave = choke
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.make(1, 2, 3)
        await toys.settled(relay, consumer)
        assert await toys.seen() == [1, 3]
        (letter,) = await dead_letters.listing("taker")
        assert (letter.type, letter.attempts, letter.producer, letter.position) == (ThingMade.type, 3, "maker", 2)
        assert "cannot digest" in letter.error

        report = await dead_letters.retry("taker", toys.handlers)
        assert (report.resolved, report.failed) == (0, 1)
        poison["number"] = 0
        report = await dead_letters.retry("taker", toys.handlers, [letter.id])
        assert (report.resolved, report.failed) == (1, 0)
        assert await toys.seen() == [1, 3, 2]
        assert await dead_letters.listing("taker") == []
        assert len(await dead_letters.listing("taker", resolved=True)) == 1
        assert await dead_letters.retry("taker", toys.handlers) == type(report)(0, 0)

    async def test_a_lost_database_ends_a_retry_and_blames_no_letter(self, toys: House) -> None:
        faults: list[Exception] = [ValueError("cannot digest"), asyncpg.ConnectionDoesNotExistError("closed")]

        async def fail(*_: object) -> None:
            raise faults.pop(0)

        toys.behave = fail
        consumer, relay = await toys.consumer(delays=()), toys.relay()
        await toys.make(1)
        await toys.settled(relay, consumer)
        with pytest.raises(HandlerFailed, match="ConnectionDoesNotExistError"):
            await dead_letters.retry("taker", toys.handlers)
        (letter,) = await dead_letters.listing("taker")
        assert letter.attempts == 1
        assert "cannot digest" in letter.error

    async def test_events_that_fail_in_numbers_undo_the_others_a_few_times_only(self, toys: House) -> None:
        called: list[int] = []

        async def choke_on_every_other(_tx: Transaction, event: ThingMade, _meta: Meta) -> None:
            called.append(event.number)
            if event.number % 2:
                raise ValueError("cannot digest")

        toys.behave = choke_on_every_other
        await toys.make_at_once(range(100))
        consumer, relay = await toys.consumer(delays=()), toys.relay()
        await toys.settled(relay, consumer)
        assert sorted(await toys.seen()) == list(range(0, 100, 2))
        assert len(await dead_letters.listing("taker")) == 50
        assert len(called) <= 200, "each half, its halves and so on: not once more for every failure"

    async def test_of_a_hundred_whose_gathered_write_fails_for_one_the_others_are_kept(self, toys: House) -> None:
        written: list[int] = []

        async def write(_tx: Transaction, numbers: Sequence[int]) -> None:
            written.append(len(numbers))
            if 57 in numbers:
                raise ValueError("57 cannot be written")

        async def gather(tx: Transaction, event: ThingMade, _meta: Meta) -> None:
            tx.gather(event.number, write)

        toys.behave = gather
        await toys.make_at_once(range(100))
        consumer, relay = await toys.consumer(delays=()), toys.relay()
        await toys.settled(relay, consumer)
        assert sorted(await toys.seen()) == [number for number in range(100) if number != 57]
        (letter,) = await dead_letters.listing("taker")
        assert "57 cannot be written" in letter.error
        assert len(written) <= 20, "found by halves, not by trying each alone"

    async def test_what_the_database_gave_up_is_done_again_at_once(self, toys: House) -> None:
        given_up: list[int] = []

        async def deadlock(_tx: Transaction, event: ThingMade, _meta: Meta) -> None:
            if event.number == 2 and len(given_up) < 2:  # twice: then the events are tried in halves
                given_up.append(event.number)
                raise asyncpg.DeadlockDetectedError("deadlock detected")

        toys.behave = deadlock
        consumer, relay = await toys.consumer(delays=(3600.0,)), toys.relay()
        await toys.make_at_once([1, 2, 3])
        await toys.settled(relay, consumer)
        assert given_up == [2, 2]
        assert await toys.seen() == [1, 2, 3]

    async def test_one_failing_handler_does_not_call_the_other_again(self, toys: House) -> None:
        called: list[str] = []
        handlers = Handlers("taker")

        @handlers.on(ThingMade)
        async def steady(_tx: Transaction, _event: ThingMade, _meta: Meta) -> None:
            called.append("steady")

        @handlers.on(ThingMade)
        async def shaky(_tx: Transaction, _event: ThingMade, _meta: Meta) -> None:
            called.append("shaky")
            if called.count("shaky") == 1:
                raise Retryable

        consumer, relay = await toys.consumer(handlers), toys.relay()
        await toys.make(1)
        await toys.settled(relay, consumer)
        # The first failure takes the whole transaction back, so that "steady" is called again once, and kept then.
        assert called.count("shaky") == 2
        inbox = await model("taker", "Inbox").all().values_list("handler", flat=True)
        assert sorted(inbox) == ["shaky", "steady"]

    @pytest.mark.parametrize("database", [needs_postgres], indirect=True)
    async def test_an_event_that_breaks_a_constraint_at_the_commit_takes_no_other_with_it(self, toys: House) -> None:
        unique = "ALTER TABLE seen ADD CONSTRAINT once UNIQUE (number) DEFERRABLE INITIALLY DEFERRED"
        await get_connection("taker").execute_script(unique)
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.make_at_once([1, 2, 1, 3])
        await toys.settled(relay, consumer)
        assert await toys.seen() == [1, 2, 3]
        (letter,) = await dead_letters.listing("taker")
        assert "once" in letter.error

    async def test_what_cannot_be_read_goes_to_the_dead_queue(self, toys: House, url: str) -> None:
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.publisher.publish([Message(b"\xff not json", ThingMade.type)])
        await toys.make(1)
        await toys.settled(relay, consumer)
        assert await toys.seen() == [1]
        assert messages(url, dead_queue("taker")) == [b"\xff not json"]

    async def test_data_that_breaks_its_contract_is_a_dead_letter_at_once(self, toys: House) -> None:
        await toys.make(1)
        await model("maker", "Outbox").filter().update(data={"id": "1", "number": "many"})
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.settled(relay, consumer)
        (letter,) = await dead_letters.listing("taker")
        assert "number" in letter.error
        assert (await dead_letters.retry("taker", toys.handlers)).failed == 1

    async def test_unknown_events_are_ignored(self, toys: House) -> None:
        consumer, relay = await toys.consumer(), toys.relay()
        unknown = Envelope(id="1", source="/services/maker", type="lotse.maker.thing.sung.v9", subject="", time="")
        foreign = encode(unknown)
        await toys.publisher.publish([Message(foreign, events_queue("taker"), own_exchange("taker"))])
        await toys.break_things(1)
        await toys.make(2)
        await toys.settled(relay, consumer)
        assert await toys.seen() == [2]
        assert await dead_letters.listing("taker") == []

    # ---- replay ----

    async def test_a_wiped_broker_is_healed_by_replay(self, toys: House, url: str) -> None:
        relay = toys.relay()
        await toys.make(*range(10))
        await asyncio.wait_for(relay.flush(), SECONDS)  # nobody listens, so all of it is lost
        wipe(url)
        await toys.stop(relay)
        consumer, relay = await toys.consumer(), toys.relay()
        assert await toys.settled(relay, consumer) == 10
        assert await toys.seen() == list(range(10))

    async def test_a_lost_event_is_noticed_by_the_next_mark(self, toys: House) -> None:
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.make(1, 2)
        await toys.settled(relay, consumer)
        await toys.stop(relay)
        await toys.make(3, 4)
        await toys.log.take(10)
        await toys.log.mark_published(3, 3)  # as if it had been published and the broker had lost it
        relay = toys.relay()
        assert await toys.settled(relay, consumer) == 4
        assert sorted(await toys.seen()) == [1, 2, 3, 4]

    async def test_a_mark_that_counts_more_than_came_moves_nothing(self, toys: House) -> None:
        consumer = await toys.consumer()
        false = LogHead(id="maker", position=2, since=0, counts={ThingMade.type: 2})
        await toys.publisher.publish([Message(control_body("maker", false), mark_key("maker"))])
        await toys.make(1, 2)
        relay = toys.relay()
        await toys.settled(relay, consumer)
        assert await toys.seen() == [1, 2]

    async def test_a_replay_of_what_was_handled_does_nothing(self, toys: House) -> None:
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.make(1, 2, 3)
        head = await toys.settled(relay, consumer)
        await model("taker", "Checkpoint").filter().delete()
        await toys.settled(relay, consumer)
        checkpoint = await model("taker", "Checkpoint").get(producer="maker")
        assert checkpoint.position == head
        assert await toys.seen() == [1, 2, 3]

    async def test_what_is_forgotten_is_handled_anew(self, toys: House) -> None:
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.make(1, 2, 3)
        await toys.settled(relay, consumer)
        await consumer.replay("maker")
        await toys.settled(relay, consumer)
        assert sorted(await toys.seen()) == [1, 1, 2, 2, 3, 3]
        await forget("taker", "maker", after=2)
        await toys.settled(relay, consumer)
        assert sorted(await toys.seen()) == [1, 1, 2, 2, 3, 3, 3]

    async def test_forgetting_wins_over_a_mark_that_is_being_judged(
        self, toys: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        judged, count = asyncio.Event(), Checkpoints._missing

        async def forgotten_meanwhile(checkpoints: Checkpoints, claim: Claim) -> tuple[int, int]:
            found = await count(checkpoints, claim)
            if claim.position == head + 1 and found == (0, 0) and not judged.is_set():
                judged.set()
                await forget("taker", "maker")
            return found

        consumer, relay = await toys.consumer(), toys.relay()
        await toys.make(1, 2)
        head = await toys.settled(relay, consumer)
        monkeypatch.setattr(Checkpoints, "_missing", forgotten_meanwhile)
        await toys.make(3)
        await asyncio.wait_for(judged.wait(), SECONDS)
        await toys.settled(relay, consumer)
        assert sorted(await toys.seen()) == [1, 1, 2, 2, 3, 3]

    async def test_a_consumer_that_comes_after_the_log_was_shortened_gets_a_snapshot(self, toys: House) -> None:
        async def snapshot() -> int:
            await toys.make_at_once([100, 101])
            return 2

        relay = toys.relay(snapshot=snapshot)
        await toys.make(*range(5))
        await asyncio.wait_for(relay.flush(), SECONDS)
        await _age()
        await toys.log.prune(datetime.now(UTC) - timedelta(days=90))
        consumer = await toys.consumer()
        await toys.settled(relay, consumer)
        await toys.settled(relay, consumer)
        assert sorted(await toys.seen()) == [4, 100, 101]

    async def test_without_a_snapshot_a_late_consumer_gets_what_is_kept(self, toys: House) -> None:
        relay = toys.relay()
        await toys.make(*range(5))
        await asyncio.wait_for(relay.flush(), SECONDS)
        await _age()
        await toys.log.prune(datetime.now(UTC) - timedelta(days=90))
        consumer = await toys.consumer()
        assert await toys.settled(relay, consumer) == 5
        assert await toys.seen() == [4]

    async def test_one_snapshot_serves_all_that_come_late(self, toys: House) -> None:
        taken: list[int] = []

        async def snapshot() -> int:
            taken.append(1)
            await toys.make(100)
            return 1

        relay = toys.relay(snapshot=snapshot)
        await toys.make(*range(5))
        await asyncio.wait_for(relay.flush(), SECONDS)
        await _age()
        await toys.log.prune(datetime.now(UTC) - timedelta(days=90))
        consumer = await toys.consumer()
        await toys.settled(relay, consumer)
        await consumer.replay("maker")
        await toys.settled(relay, consumer)
        assert taken == [1]
        assert set(await toys.seen()) == {4, 100}

    async def test_requests_that_make_no_sense_do_no_harm(self, toys: House) -> None:
        consumer, relay = await toys.consumer(), toys.relay()
        elsewhere = ReplayRequested(id="maker", queue="lotse.nobody.events")
        other = LogHead(id="maker", position=7)
        await toys.make(1)
        await toys.settled(relay, consumer)
        bodies = (b"nonsense", control_body("taker", other), control_body("taker", elsewhere))
        await toys.publisher.publish([Message(body, request_key("maker")) for body in bodies])
        await consumer.replay("maker")
        await toys.settled(relay, consumer)
        assert await toys.seen() == [1, 1]

    async def test_what_waits_for_another_attempt_is_not_taken_for_lost(self, toys: House) -> None:
        consumer, relay = await toys.consumer(delays=(0.05, 3600.0)), toys.relay()
        failed = asyncio.Event()

        async def fail(tx: Transaction, event: ThingMade, _meta: Meta) -> None:
            if event.number == 1:
                failed.set()
                raise Retryable

        toys.behave = fail
        await toys.make(1, 2)
        await asyncio.wait_for(failed.wait(), SECONDS)
        head = await asyncio.wait_for(relay.flush(), SECONDS)
        await asyncio.wait_for(_until_handled(2), SECONDS)
        with pytest.raises(TimeoutError):
            await consumer.caught_up({"maker": head}, 0.3)
        checkpoints = await model("taker", "Checkpoint").all().values_list("position", flat=True)
        assert list(checkpoints) == [0]

    # ---- stopping ----

    async def test_stop_finishes_and_settles_what_is_in_hand(self, toys: House) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow(_tx: Transaction, _event: ThingMade, _meta: Meta) -> None:
            begun.set()
            await go_on.wait()

        toys.behave = slow
        consumer, relay = await toys.consumer(), toys.relay()
        await toys.make(1)
        await asyncio.wait_for(begun.wait(), SECONDS)
        stopping = asyncio.create_task(toys.stop(consumer))
        await toys.make(2)
        await asyncio.wait_for(relay.flush(), SECONDS)
        assert not stopping.done()
        go_on.set()
        await asyncio.wait_for(stopping, SECONDS)
        assert (await toys.seen())[:1] == [1]
        consumer = await toys.consumer()
        await toys.settled(relay, consumer)
        assert await toys.seen() == [1, 2]


async def _age() -> None:
    """Everything published so far was so long ago."""
    old = datetime.now(UTC) - timedelta(days=100)
    await model("maker", "Outbox").filter(published_at__isnull=False).update(published_at=old)


async def _until_handled(number: int) -> None:
    while not await model("taker", "Seen").filter(number=number).exists():
        await asyncio.sleep(0)
