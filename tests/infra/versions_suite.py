"""What holds while two versions of the program run side by side, over any broker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from infra.db import Transaction, transaction
from infra.inbox import Handlers, Meta, dead_letters
from infra.outbox import record_all
from tests.infra.toys.contracts import ThingBroken, ThingMade, ThingWeighed, ThingWeighedInPounds
from tests.infra.toys.house import SECONDS, House, made, model


class VersionsSuite:
    """Mix it into a suite that gives `toys`."""

    async def test_a_version_that_hears_more_goes_through_the_whole_log(self, toys: House) -> None:
        before, relay = await toys.consumer(), toys.relay()
        await toys.make(1, 2)
        await toys.break_things(7, 8)
        await toys.settled(relay, before)
        await toys.stop(before)
        after = await toys.consumer(_hearing_broken_things(toys))
        await toys.make(3)
        await toys.settled(relay, after)
        await _until_seen(toys, [1, 2, 3, 7, 8])

    async def test_going_back_to_the_version_before_and_forth_again_loses_nothing(self, toys: House) -> None:
        newer, relay = await toys.consumer(_hearing_broken_things(toys)), toys.relay()
        await toys.make(1)
        await toys.settled(relay, newer)
        await toys.stop(newer)
        older = await toys.consumer()
        await toys.break_things(7)
        await toys.settled(relay, older)
        await toys.stop(older)
        newer = await toys.consumer(_hearing_broken_things(toys))
        await toys.make(2)
        await toys.settled(relay, newer)
        await _until_seen(toys, [1, 2, 7])

    async def test_old_and_new_forms_of_an_event_reach_the_same_handler(self, toys: House) -> None:
        weighed: dict[int, int] = {}
        consumer, relay = await toys.consumer(_weighing(weighed)), toys.relay()
        async with transaction("maker") as tx:
            await record_all(tx, [ThingWeighedInPounds(id="1", number=1, pounds=3)])
        async with transaction("maker") as tx:
            await record_all(tx, [ThingWeighed(id="2", number=2, grams=40)])
        await toys.settled(relay, consumer)
        assert weighed == {1: 1500, 2: 40}

    async def test_an_old_form_that_cannot_be_told_anew_is_a_dead_letter(self, toys: House) -> None:
        weighed: dict[int, int] = {}
        consumer, relay = await toys.consumer(_weighing(weighed)), toys.relay()
        async with transaction("maker") as tx:
            await record_all(tx, [ThingWeighedInPounds(id="1", number=1, pounds=-1)])
        await toys.settled(relay, consumer)
        letters = await dead_letters.listing("taker")
        assert weighed == {}
        assert ["lighter than nothing" in letter.error for letter in letters] == [True]

    async def test_fields_that_only_a_newer_version_knows_do_no_harm(self, toys: House) -> None:
        await toys.consumer()
        await toys.publisher.publish([made(1, colour="green", parts=[{"name": "lid"}])])
        await _until_seen(toys, [1])
        assert await dead_letters.listing("taker") == []


def _hearing_broken_things(toys: House) -> Handlers:
    """The handlers of the next version: what this one hears, and one kind of event more."""
    handlers = Handlers("taker")
    handlers.on(ThingMade)(toys.note)

    async def note_broken(tx: Transaction, event: ThingBroken, _meta: Meta) -> None:
        await model("taker", "Seen").create(number=event.number, kind="broken", using_db=tx.connection)

    handlers.on(ThingBroken)(note_broken)
    return handlers


def _weighing(weighed: dict[int, int]) -> Handlers:
    handlers = Handlers("taker")

    async def weigh(_tx: Transaction, event: ThingWeighed, _meta: Meta) -> None:
        weighed[event.number] = event.grams

    handlers.on(ThingWeighed)(weigh)
    return handlers


async def _until_seen(toys: House, numbers: Sequence[int]) -> None:
    async with asyncio.timeout(SECONDS):
        while sorted(await toys.seen()) != sorted(numbers):
            await asyncio.sleep(0.01)
