"""What a service tells its operator, on both kinds of database: its events by any id, their reception, its state."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from infra import tracing
from infra.bus.codec import decode, event_of
from infra.contracts.search import IndexRebuilt
from infra.db import transaction
from infra.inbox import dead_letters
from infra.inbox.once import Work, handle_once
from infra.outbox import record_all
from infra.outbox.log import Entry, Log
from infra.web.trail import MOST_EVENTS
from tests.kit import Database, Running, identity, running
from tests.toy.service import handlers, service

ADMIN = identity("1", "admin")
STORY = tracing.new_trace(correlation_id="a-story")


@pytest.fixture
async def toy(database: Database) -> AsyncIterator[Running]:
    async with running([service], database) as kit:
        yield kit


async def say(*things: str, trace: tracing.Trace = STORY) -> list[Entry]:
    """Record an event about each thing in one story and publish them; their places in the log."""
    with tracing.bound(trace):
        async with transaction("toy") as tx:
            await record_all(tx, [IndexRebuilt(id=thing, documents=3) for thing in things])
    log = Log("toy")
    taken = await log.take(500)
    await log.mark_published(taken[0].position, taken[-1].position)
    return taken


async def ask(kit: Running, path: str, **query: Any) -> Any:
    answer = await kit.get("toy", f"/trail/{path}", query=query, identity=ADMIN)
    assert answer.status == 200, answer
    return answer.json()


async def test_events_are_found_by_story_and_by_id_in_their_order(toy: Running) -> None:
    entries = await say("one", "two")
    await say("three", trace=tracing.new_trace(correlation_id="another"))
    whole = await ask(toy, "events", id="a-story")
    assert [(item["subject"], item["position"]) for item in whole["items"]] == [("index/one", 1), ("index/two", 2)]
    assert whole["more"] is False
    assert all(item["published_at"] >= item["recorded_at"] for item in whole["items"])
    assert await ask(toy, "events", id=decode(entries[1].body).id) == whole, "an event leads to its whole story"
    for unknown in ("nobody", "0" * 3000, "a/b", "' OR ''='", "01a2016b-a4ad-76a0-8019-56a3b38141d5"):
        assert (await ask(toy, "events", id=unknown))["items"] == []


async def test_a_long_story_is_cut_and_says_so(toy: Running) -> None:
    await say(*(str(number) for number in range(MOST_EVENTS + 1)))
    found = await ask(toy, "events", id="a-story")
    assert (len(found["items"]), found["more"]) == (MOST_EVENTS, True)


async def test_reception_tells_handled_given_up_and_who_listens(toy: Running) -> None:
    good, bad = [decode(entry.body) for entry in await say("good", "bad")]
    handler = handlers.of(good.type)[0]
    event = event_of(good)
    assert event is not None
    await handle_once("toy", [Work(good, event, handler)])
    async with transaction("toy") as tx:
        await dead_letters.store(tx, bad, handler.name, ValueError("Frau Muster"), 5)
    found = await ask(toy, "reception", event=[good.id, bad.id, "unknown"])
    assert found["hears"] == {good.type: [handler.name]}
    assert [(item["event"], item["handler"]) for item in found["handled"]] == [(good.id, handler.name)]
    letter = found["letters"][0]
    assert (letter["event"], letter["reason"], letter["attempts"]) == (bad.id, "ValueError", 5)
    assert letter["resolved_at"] is None
    assert await ask(toy, "reception") == {"handled": [], "letters": [], "hears": found["hears"]}


async def test_the_overview_tells_the_log_and_what_waits(toy: Running) -> None:
    empty = await ask(toy, "overview")
    assert (empty["position"], empty["waiting"], empty["waiting_since"]) == (0, 0, None)
    await say("one")
    async with transaction("toy") as tx:
        await record_all(tx, [IndexRebuilt(id="two", documents=3)])
    found = await ask(toy, "overview")
    assert (found["position"], found["waiting"], found["letters_waiting"]) == (1, 1, 0)
    assert found["waiting_since"] is not None
    assert [item["subject"] for item in found["recent"]] == ["index/two", "index/one"]


@pytest.mark.parametrize("role", ["", "member", "editor", "moderator", "coordinator"])
async def test_for_everybody_else_it_does_not_exist(toy: Running, role: str) -> None:
    for path in ("overview", "events?id=1", "reception"):
        asked = await toy.get("toy", f"/trail/{path}", identity=identity("7", role) if role else identity(""))
        assert (asked.status, asked.json()["code"]) == (404, "not-found")
