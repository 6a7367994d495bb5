"""Each kind of mail has a queue and a lane of its own: while an issue hangs at a slow server, confirmations go out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from infra.jobs.celery import SendingThread, Worker, make_celery
from infra.jobs.loop import LoopBridge
from services.newsletter.deliveries.models import Delivery
from tests.infra.mail.sink import Sink, late
from tests.kit import Database, running
from tests.services.newsletter.desk import Desk, service
from tests.services.newsletter.test_dispatch import begin, reader

PATIENCE_SECONDS = 20


@asynccontextmanager
async def one_worker() -> AsyncIterator[None]:
    """The one worker of the service, as a process has it."""
    bridge = LoopBridge(asyncio.get_running_loop())
    app = make_celery([service.jobs], "memory://", bridge)
    sender, worker = SendingThread(app), Worker(app, [service.name], bridge)
    sender.start()
    worker.start()
    service.jobs.connect(sender)
    try:
        yield
    finally:
        service.jobs.connect(None)
        assert await asyncio.to_thread(worker.stop, PATIENCE_SECONDS)
        assert await asyncio.to_thread(sender.stop, PATIENCE_SECONDS)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_confirmation_goes_out_while_an_issue_hangs_at_a_slow_server(sqlite: Database) -> None:
    answer = asyncio.Event()
    slow = late(answer, "RCPT", lambda argument: "slow.example" in argument)
    async with Sink(slow).listening() as sink, running([service], sqlite, smtp_url=sink.url) as kit:
        desk = Desk(kit)
        await desk.tell_territory()
        for number in range(30):
            await reader(f"r{number}@slow.example")
        async with one_worker():
            await begin(desk)
            await until(lambda: "RCPT" in sink.steps)
            assert (await desk.sign_up("neu@example.org")).status == 202
            await until(lambda: bool(sink.received))
            assert [mail.recipient for mail in sink.received] == ["neu@example.org"]
            assert await Delivery.filter(status="sent").count() == 0
            answer.set()
            await until(lambda: len(sink.received) == 31)
    assert len({mail.recipient for mail in sink.received}) == 31
