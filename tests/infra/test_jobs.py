"""Background jobs over Celery's memory transport, in the form the all-in-one has: threads beside one event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from celery import Celery

from infra import tracing
from infra.errors import Retryable
from infra.jobs import Jobs
from infra.jobs.celery import Beat, SendingThread, Worker, make_celery, queue_of, send_all_due, waiting
from infra.jobs.loop import LoopBridge
from infra.jobs.registry import Job

PATIENCE_SECONDS = 10


@dataclass
class Workshop:
    """A service with jobs, and what they did."""

    jobs: Jobs
    done: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue)
    failures: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self) -> tuple[str, str]:
        """What was done next: the argument and the correlation id it ran under."""
        return await asyncio.wait_for(self.done.get(), PATIENCE_SECONDS)


@asynccontextmanager
async def workshop(*, beat: bool = False) -> AsyncIterator[tuple[Workshop, Worker]]:
    """Jobs of a service, a sender, a worker and perhaps beat."""
    shop = Workshop(_jobs_of(f"shop{time.monotonic_ns()}"))
    _declare(shop)
    _declare_lane(shop)
    bridge = LoopBridge(asyncio.get_running_loop())
    app = make_celery([shop.jobs], "memory://", bridge)
    sender, worker = SendingThread(app), Worker(app, [shop.jobs.service], bridge)
    clock = Beat(app) if beat else None
    sender.start()
    worker.start()
    shop.jobs.connect(sender)
    if clock is not None:
        clock.start()
        send_all_due([shop.jobs], sender)
    try:
        yield shop, worker
    finally:
        shop.jobs.connect(None)
        if clock is not None:
            assert await asyncio.to_thread(clock.stop, PATIENCE_SECONDS)
        await asyncio.to_thread(worker.stop, PATIENCE_SECONDS)
        assert await asyncio.to_thread(sender.stop, PATIENCE_SECONDS)


def _jobs_of(service: str) -> Jobs:
    return Jobs(service)


def _declare(shop: Workshop) -> None:
    @shop.jobs.task("note")
    async def note(text: str) -> None:
        shop.done.put_nowait((text, tracing.current().correlation_id))

    @shop.jobs.task("tell_cause")
    async def tell_cause() -> None:
        trace = tracing.current()
        shop.done.put_nowait((trace.causation_id, trace.trace_id))

    @shop.jobs.task("try_twice")
    async def try_twice(text: str) -> None:
        shop.failures += 1
        if shop.failures == 1:
            raise Retryable("not yet")
        shop.done.put_nowait((text, tracing.current().correlation_id))

    @shop.jobs.task("fail")
    async def fail(_text: str) -> None:
        raise ZeroDivisionError

    @shop.jobs.task("hang")
    async def hang(text: str) -> None:
        shop.done.put_nowait((f"{text} begun", ""))
        try:
            await asyncio.Event().wait()
        finally:
            shop.done.put_nowait((f"{text} cut off", ""))

    @shop.jobs.every(seconds=0.2, name="tick")
    async def tick() -> None:
        shop.done.put_nowait(("tick", ""))


def _declare_lane(shop: Workshop) -> None:
    @shop.jobs.task("send", lane="bulk")
    async def send(text: str) -> None:
        shop.done.put_nowait((f"{text} begun", tracing.current().correlation_id))
        if text == "first":
            await shop.gate.wait()
        if text == "deadlock":
            raise Retryable("not yet")
        if text == "faulty":
            raise ZeroDivisionError
        shop.done.put_nowait((f"{text} done", ""))


async def test_a_job_runs_on_the_loop_under_the_correlation_id_of_who_asked() -> None:
    async with workshop() as (shop, _worker):
        with tracing.bound(tracing.new_trace(correlation_id="story")):
            shop.jobs.enqueue("note", "hello")
        assert await shop.next() == ("hello", "story")


async def test_a_job_asked_for_after_a_commit_belongs_to_the_trace_of_who_asked() -> None:
    trace = tracing.new_trace(causation_id="event-7")
    async with workshop() as (shop, _worker):
        with tracing.bound(trace):
            action = shop.jobs.later("tell_cause")
        action()
        assert await shop.next() == ("event-7", trace.trace_id)


async def test_waiting_jobs_are_counted() -> None:
    jobs = _jobs_of(f"idle{time.monotonic_ns()}")
    app = make_celery([jobs], "memory://")
    assert waiting(app, [jobs.service]) == {jobs.service: 0}
    for _ in range(3):
        app.send_task(f"{jobs.service}.note", queue=queue_of(jobs.service))
    assert waiting(app, [jobs.service]) == {jobs.service: 3}


async def test_a_job_that_asks_to_be_called_again_is_and_keeps_its_story() -> None:
    async with workshop() as (shop, _worker):
        with tracing.bound(tracing.new_trace(correlation_id="story")):
            shop.jobs.enqueue("try_twice", "second time")
        assert await shop.next() == ("second time", "story")
        assert shop.failures == 2


async def test_a_faulty_job_does_not_end_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    async with workshop() as (shop, worker):
        shop.jobs.enqueue("fail", "now")
        shop.jobs.enqueue("note", "after it")
        assert (await shop.next())[0] == "after it"
        assert worker.ready
    assert "job failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_a_job_in_a_lane_holds_up_nobody_outside_and_its_lane_goes_on_one_by_one() -> None:
    async with workshop() as (shop, _worker):
        with tracing.bound(tracing.new_trace(correlation_id="story")):
            shop.jobs.enqueue("send", "first")
        assert await shop.next() == ("first begun", "story")
        for text in ("second", "second", "third"):
            shop.jobs.enqueue("send", text)
        shop.jobs.enqueue("note", "meanwhile")
        assert (await shop.next())[0] == "meanwhile"
        shop.gate.set()
        later = [(await shop.next())[0] for _ in range(5)]
        assert later == ["first done", "second begun", "second done", "third begun", "third done"]
        shop.jobs.enqueue("send", "fourth")
        assert [(await shop.next())[0] for _ in range(2)] == ["fourth begun", "fourth done"]


async def test_a_faulty_job_does_not_end_its_lane(caplog: pytest.LogCaptureFixture) -> None:
    async with workshop() as (shop, _worker):
        for text in ("faulty", "deadlock", "third"):
            shop.jobs.enqueue("send", text)
        seen = [(await shop.next())[0] for _ in range(4)]
        assert seen == ["faulty begun", "deadlock begun", "third begun", "third done"]
    assert "ZeroDivisionError" in caplog.text
    assert "job left to beat" in caplog.text


async def test_stopping_waits_for_what_a_lane_has_in_hand_and_begins_nothing_more() -> None:
    async with workshop() as (shop, worker):
        shop.jobs.enqueue("send", "first")
        assert (await shop.next())[0] == "first begun"
        shop.jobs.enqueue("send", "second")
        shop.jobs.enqueue("note", "heard")
        assert (await shop.next())[0] == "heard"
        stopping = asyncio.create_task(asyncio.to_thread(worker.stop, PATIENCE_SECONDS))
        while worker.alive:
            await asyncio.sleep(0.01)
        shop.gate.set()
        assert await stopping
        assert (await shop.next())[0] == "first done"
        assert shop.done.empty()


async def test_a_lane_that_does_not_end_in_time_is_cut_off() -> None:
    async with workshop() as (shop, worker):
        shop.jobs.enqueue("send", "first")
        assert (await shop.next())[0] == "first begun"
        assert not await asyncio.to_thread(worker.stop, 0.5)
        shop.gate.set()
        assert shop.done.empty()


async def test_beat_calls_at_once_and_then_in_its_rhythm() -> None:
    async with workshop(beat=True) as (shop, _worker):
        for _ in range(3):
            assert (await shop.next())[0] == "tick"


async def test_stopping_waits_for_the_job_in_hand_and_then_cuts_it_off() -> None:
    async with workshop() as (shop, worker):
        shop.jobs.enqueue("hang", "job")
        assert (await shop.next())[0] == "job begun"
        started = time.monotonic()
        assert not await asyncio.to_thread(worker.stop, 0.3)
        assert time.monotonic() - started < PATIENCE_SECONDS
        assert (await shop.next())[0] == "job cut off"
        assert not worker.ready


async def test_asking_for_a_job_without_workers_does_nothing() -> None:
    jobs = _jobs_of("lonely")
    jobs.enqueue("note", "nobody hears it")


async def test_asking_never_waits_for_the_broker() -> None:
    app = make_celery([_jobs_of("far")], "amqp://guest@192.0.2.1:5672//")
    app.conf.broker_connection_timeout = 1
    sender = SendingThread(app)
    sender.start()
    started = time.monotonic()
    sender("far.note", "hello")
    assert time.monotonic() - started < 0.1
    assert not await asyncio.to_thread(sender.stop, 0.01)


async def test_a_job_that_could_not_be_sent_is_logged_and_the_next_one_tried(caplog: pytest.LogCaptureFixture) -> None:
    app = make_celery([_jobs_of("deaf")], "amqp://guest@127.0.0.1:1//")
    sender = SendingThread(app)
    sender.start()
    sender("deaf.one")
    sender("deaf.two")
    assert await asyncio.to_thread(sender.stop, PATIENCE_SECONDS)
    unsent = [record.__dict__["job"] for record in caplog.records if "job not sent" in record.message]
    assert unsent.count("deaf.one") == unsent.count("deaf.two") == 1


async def test_whatever_goes_wrong_with_one_job_the_next_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async with workshop() as (shop, _worker):
        send_task, failures = Celery.send_task, [AttributeError("a connection that fell apart")]

        def fragile(self: Celery, *args: Any, **options: Any) -> Any:
            if failures:
                raise failures.pop()
            return send_task(self, *args, **options)

        monkeypatch.setattr(Celery, "send_task", fragile)
        shop.jobs.enqueue("note", "lost")
        shop.jobs.enqueue("note", "sent")
        assert (await shop.next())[0] == "sent"


async def test_no_job_is_begun_once_all_were_cut_off() -> None:
    bridge = LoopBridge(asyncio.get_running_loop())

    async def never() -> None:
        raise AssertionError("begun")

    assert bridge.cancel_all() == 0
    job = Job("far.never", never)
    with pytest.raises(asyncio.CancelledError):
        await asyncio.to_thread(bridge.call, job, (), tracing.new_trace())
    in_a_lane = Job("far.never", never, lane="far")
    bridge.begin(in_a_lane, (), tracing.new_trace())
    assert await asyncio.to_thread(bridge.wait_for_lanes, PATIENCE_SECONDS)
