"""Postings: what becomes of rows that stand for one mail to one person, whatever servers do and whoever is killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from infra.ids import new_id
from infra.mail import Mail
from infra.mail.posting.commands import claim, post, post_all_due, release_expired
from infra.mail.posting.domain import GIVE_UP_AFTER, LEASE, LEASE_MARGIN, SERVER_PAUSE
from services.newsletter.context import current
from services.newsletter.subscribers.models import ServiceMail
from tests.infra.mail.sink import DROP, Sink, busy, dropping_in_data, refusing
from tests.infra.mail.test_message import changed
from tests.kit import Database, running
from tests.services.newsletter.desk import service

PATIENCE_SECONDS = 10


@dataclass
class Post:
    """A queue of mails, a mail server, and what was composed."""

    sink: Sink

    async def put(self, *addresses: str, waiting_for: timedelta = timedelta()) -> None:
        """Rows that are due, in this order."""
        now = datetime.now(UTC) - timedelta(minutes=1)
        for place, address in enumerate(addresses):
            await ServiceMail.create(
                subscriber_id=new_id(),
                kind="confirm",
                message_id=f"<{new_id()}@lotse.example.org>",
                next_at=now + timedelta(milliseconds=place),
                created_at=now - waiting_for,
                changed_at=now,
                address=address,
            )

    async def compose(self, row: ServiceMail) -> Mail | None:
        """The mail of a row; nobody wants one to nobody@, and that to broken@ cannot be made."""
        if row.address.startswith("broken@"):
            raise ZeroDivisionError
        return None if row.address.startswith("nobody@") else changed(recipient=row.address, message_id=row.message_id)

    async def send(self) -> None:
        """One round."""
        await post_all_due("newsletter", ServiceMail, current().mailer, self.compose)

    async def states(self) -> dict[str, str]:
        """What became of each, by the part of the address before the @."""
        return {row.address.partition("@")[0]: row.status for row in await ServiceMail.all().order_by("id")}

    async def row(self, name: str) -> ServiceMail:
        """The row of an address that begins so."""
        return await ServiceMail.get(address__startswith=f"{name}@")

    def to(self) -> list[str]:
        """Who got a mail, in the order of sending."""
        return [mail.recipient for mail in self.sink.received]


@pytest.fixture
async def mails(database: Database) -> AsyncIterator[Post]:
    """A queue on each kind of database."""
    async with Sink().listening() as sink, running([service], database, smtp_url=sink.url):
        yield Post(sink)


async def test_each_row_ends_as_its_answer_says(mails: Post) -> None:
    mails.sink.script = refusing("gone.example")
    await mails.put("a@example.org", "refused@gone.example", "nobody@example.org", "ä b@example.org")
    await mails.send()
    assert await mails.states() == {"a": "sent", "refused": "failed", "nobody": "suppressed", "ä b": "failed"}
    refused, wrong = await mails.row("refused"), await mails.row("ä b")
    assert (refused.reply_code, refused.reply, refused.attempts) == (550, "5.7.1 we take nothing from you", 1)
    assert wrong.reply == "not sent: not one plain e-mail address"
    assert (await mails.row("a")).lease is None


async def test_an_hour_of_4xx_puts_mails_off_longer_each_time_and_days_of_it_end_them(mails: Post) -> None:
    mails.sink.script = busy()
    await mails.put("a@example.org")
    pauses = []
    for _ in range(4):
        await ServiceMail.filter().update(next_at=datetime.now(UTC))
        await mails.send()
        row = await mails.row("a")
        assert row.status == "waiting"
        pauses.append(round((row.next_at - row.changed_at).total_seconds() / 60))
    assert pauses == [1, 5, 15, 60]
    mails.sink.script = lambda _step, _argument: None
    await ServiceMail.filter().update(next_at=datetime.now(UTC))
    await mails.send()
    assert await mails.states() == {"a": "sent"}
    mails.sink.script = busy()
    await mails.put("old@example.org", waiting_for=GIVE_UP_AFTER)
    await mails.send()
    assert (await mails.row("old")).status == "failed"


async def test_the_mail_at_which_a_server_fails_goes_behind_the_others(mails: Post) -> None:
    """A mail that makes the server hang up must not do so to the others for ever."""
    mails.sink.script = lambda step, argument: DROP if step == "RCPT" and "bad@" in argument else None
    await mails.put("bad@example.org", "a@example.org", "b@example.org")
    await mails.send()
    assert mails.to() == []
    bad, first = await mails.row("bad"), await mails.row("a")
    assert (bad.status, bad.attempts, first.status, first.attempts) == ("waiting", 0, "waiting", 0)
    assert timedelta(0) < first.next_at - bad.changed_at <= SERVER_PAUSE + timedelta(seconds=1)
    assert bad.next_at > first.next_at
    for row in (bad, first, await mails.row("b")):
        await ServiceMail.filter(id=row.id).update(next_at=row.next_at - 2 * SERVER_PAUSE)
    await mails.send()
    assert mails.to() == ["a@example.org", "b@example.org"]


async def test_a_break_in_the_content_puts_off_that_mail_alone_under_its_message_id(mails: Post) -> None:
    mails.sink.script = dropping_in_data(lambda recipient: recipient.startswith("a@"))
    await mails.put("a@example.org", "b@example.org")
    await mails.send()
    assert await mails.states() == {"a": "waiting", "b": "sent"}
    row = await mails.row("a")
    assert row.attempts == 1
    mails.sink.script = lambda _step, _argument: None
    await ServiceMail.filter(status="waiting").update(next_at=datetime.now(UTC))
    await mails.send()
    assert row.message_id.encode() in mails.sink.received[-1].content


async def test_a_mail_that_cannot_be_composed_holds_up_no_other_for_longer_than_a_round(mails: Post) -> None:
    await mails.put("broken@example.org", "a@example.org")
    with pytest.raises(ZeroDivisionError):
        await mails.send()
    assert await mails.states() == {"broken": "claimed", "a": "waiting"}
    await mails.send()
    assert await mails.states() == {"broken": "claimed", "a": "sent"}
    assert await release_expired(ServiceMail, datetime.now(UTC) + LEASE) == 1


async def test_who_is_cut_off_leaves_one_mail_in_doubt_and_gives_back_the_rest(mails: Post) -> None:
    answered = asyncio.Event()
    mails.sink.script = lambda step, _argument: answered if step == "END" else None
    await mails.put("a@example.org", "b@example.org", "c@example.org")
    sending = asyncio.create_task(mails.send())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "DATA" not in mails.sink.steps:
            await asyncio.sleep(0.01)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await mails.states() == {"a": "claimed", "b": "waiting", "c": "waiting"}
    assert (await mails.row("b")).attempts == 0
    answered.set()
    await mails.send()
    assert sorted(mails.to()) == ["a@example.org", "b@example.org", "c@example.org"]


async def test_no_mail_is_begun_when_the_lease_is_about_to_end(mails: Post) -> None:
    await mails.put("a@example.org", "b@example.org")
    await ServiceMail.filter().update(next_at=datetime.now(UTC) - timedelta(days=1))
    batch = await claim("newsletter", ServiceMail, datetime.now(UTC) - LEASE + LEASE_MARGIN)
    assert await mails.states() == {"a": "claimed", "b": "claimed"}
    await post(batch, current().mailer, mails.compose)
    assert mails.to() == []
    assert await mails.states() == {"a": "waiting", "b": "waiting"}
    assert [row.attempts for row in await ServiceMail.all()] == [0, 0]


async def test_two_workers_at_once_send_each_mail_once(mails: Post) -> None:
    names = [f"r{number}@example.org" for number in range(120)]
    await mails.put(*names)
    await asyncio.gather(mails.send(), mails.send(), mails.send())
    assert sorted(mails.to()) == sorted(names)
