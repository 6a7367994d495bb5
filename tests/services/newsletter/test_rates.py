"""Rates of servers and domains: sliding windows that all processes share, and mails that wait for their turn."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from infra.db import transaction
from infra.mail.limits import WINDOW, Limits, forget
from infra.mail.servers import Server, parse_url
from infra.runtime.gauges import mail_gauges
from services.newsletter.rates import MailWindow
from services.newsletter.subscribers.models import ServiceMail
from tests.infra.mail.sink import Sink
from tests.kit import Database, counted_queries, running
from tests.services.newsletter.desk import Desk, service

SERVER = parse_url("smtp://a.example.org?rate=10")
FREE = parse_url("smtp://b.example.org")
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LIMITS = Limits(MailWindow, {"gmx.example": 4, "*": 6})


@pytest.fixture
async def windows(database: Database) -> AsyncIterator[None]:
    """The newsletter's tables."""
    async with running([service], database):
        yield


async def take(seconds: float, bulk: bool = False, server: Server = FREE, **domains: int) -> dict[str, int]:
    """What is granted so many seconds after the start; the domains without their end."""
    wanted = {f"{name}.example": number for name, number in domains.items()}
    async with transaction("newsletter") as tx:
        moment = START + timedelta(seconds=seconds)
        granted = await LIMITS.take(tx, server, wanted, moment, bulk=bulk)
    return {name.removesuffix(".example"): number for name, number in granted.items()}


async def test_the_window_slides(windows: None) -> None:
    assert await take(0, gmx=3) == {"gmx": 3}
    assert await take(30, gmx=3) == {"gmx": 1}
    assert await take(59.9, gmx=3) == {"gmx": 0}
    assert await take(60, gmx=9) == {"gmx": 3}
    assert await take(89, gmx=9) == {"gmx": 0}
    assert await take(90, gmx=9) == {"gmx": 1}
    assert await take(500, gmx=9) == {"gmx": 4}


async def test_each_domain_has_its_own_and_the_server_one_for_all(windows: None) -> None:
    assert await take(0, server=SERVER, gmx=5, web=5, other=5) == {"gmx": 4, "web": 5, "other": 1}
    assert await take(1, server=SERVER, gmx=5, web=5, other=5) == {"gmx": 0, "web": 0, "other": 0}
    assert await take(1, gmx=5, web=5, other=5) == {"gmx": 0, "web": 1, "other": 5}, "another server goes on"


async def test_an_issue_leaves_a_tenth_to_single_mails(windows: None) -> None:
    assert await take(0, bulk=True, server=SERVER, web=4, other=9) == {"web": 4, "other": 5}
    assert await take(1, bulk=True, server=SERVER, web=4) == {"web": 0}
    assert await take(1, server=SERVER, web=4) == {"web": 1}


async def test_without_limits_nothing_is_asked(windows: None) -> None:
    free = Limits(MailWindow, {"gmx.example": 0})
    with counted_queries("newsletter") as statements:
        async with transaction("newsletter") as tx:
            assert await free.take(tx, FREE, {"gmx.example": 7}, START) == {"gmx.example": 7}
    assert not [statement for statement in statements if "mail_windows" in statement]


async def test_processes_that_take_at_once_never_take_too_much(windows: None) -> None:
    barrier = asyncio.Barrier(6)

    async def one() -> int:
        await barrier.wait()
        granted = await take(0, server=SERVER, gmx=2, web=2)
        return sum(granted.values())

    taken = await asyncio.gather(*(one() for _ in range(6)))
    assert sum(taken) == 10
    assert await take(1, server=SERVER, gmx=1, web=1) == {"gmx": 0, "web": 0}


async def test_what_is_not_used_any_more_is_forgotten(windows: None) -> None:
    await take(0, gmx=1, web=1)
    await take(200, web=1)
    assert await forget(MailWindow, START + timedelta(seconds=200)) == 1
    assert [row.scope for row in await MailWindow.all()] == ["domain:web.example"]


async def test_a_mail_for_which_there_is_no_room_waits_for_its_turn_and_the_others_go(database: Database) -> None:
    async with (
        Sink().listening() as sink,
        running([service], database, smtp_url=sink.url, smtp_domain_rates="gmx.example=2") as kit,
    ):
        desk = Desk(kit)
        await desk.tell_territory()
        for name in ("a@gmx.example", "b@gmx.example", "c@gmx.example", "d@gmx.example", "e@web.example"):
            assert (await desk.sign_up(name)).status == 202
        begun = datetime.now(UTC)
        await desk.job("send_service_mails")
        assert [mail.recipient for mail in sink.received] == ["a@gmx.example", "b@gmx.example", "e@web.example"]
        held = await ServiceMail.filter(status="waiting").order_by("next_at")
        assert [row.attempts for row in held] == [0, 0]
        first, second = (row.next_at - begun for row in held)
        assert timedelta(seconds=58) < first <= WINDOW + timedelta(seconds=32)
        assert second - first > timedelta(seconds=25), "they come one by one, at the pace of the rate"
        await MailWindow.filter().update(slots=[])
        await ServiceMail.filter(status="waiting").update(next_at=datetime.now(UTC))
        await desk.job("send_service_mails")
        assert sorted(mail.recipient for mail in sink.received)[2:4] == ["c@gmx.example", "d@gmx.example"]


async def test_what_waits_is_told_by_queue(database: Database) -> None:
    async with running([service], database, smtp_url="smtp://127.0.0.1:1") as kit, mail_gauges(["newsletter"]):
        desk = Desk(kit)
        await desk.tell_territory()
        assert (await desk.sign_up("a@gmx.example")).status == 202
        await ServiceMail.filter().update(created_at=datetime.now(UTC) - timedelta(minutes=10))
        await desk.job("send_service_mails")
        told = (await kit.get("newsletter", "/metrics")).content.decode()
    labels = '{queue="service_mails",service="newsletter"}'
    assert f"lotse_mails_waiting{labels} 1.0" in told
    [age] = re.findall(rf"lotse_mails_oldest_waiting_seconds{re.escape(labels)} (\S+)", told)
    assert 600 <= float(age) < 660
    assert 'lotse_mails_waiting{queue="deliveries",service="newsletter"} 0.0' in told
    assert re.search(r'lotse_mail_answers_total\{result="unreachable",server="127.0.0.1:1"\} [1-9]', told)
