"""Bounces and complaints: each has its effect once, and only for a mail that really went out."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from infra.contracts.newsletter import MailBounced
from infra.ids import new_id
from services.newsletter.bounces.models import Reply, ReturnedMail
from services.newsletter.subscribers.models import Consent, Subscriber
from tests.kit import together
from tests.services.newsletter.bounce_desk import READER, BounceDesk, complaint, letter, report


async def test_a_hard_bounce_ends_the_subscription_once_with_its_proof(bounces: BounceDesk) -> None:
    mail = await bounces.mailed()
    reader = await Subscriber.get(address=READER)
    raw = report(bounces.address(mail.id).upper())  # some servers change the case of what they return
    await bounces.take(raw, raw)
    await bounces.take(raw.replace(b"\r\n", b"\n"))  # as a pipe gives it
    await bounces.take(b"Received: from mx by lotse; today\r\nDelivered-To: catchall@bounces.lotse.test\r\n" + raw)
    assert await bounces.kinds() == ["hard"]
    assert not await bounces.subscribed()
    assert await bounces.reason() == "bounce"
    line = await Consent.filter(subscriber_id=reader.id).order_by("-at").first()
    assert line is not None
    assert (line.act, line.way, line.note) == ("ended", "bounce", "5.1.1")
    row = await ReturnedMail.get()
    assert (row.domain, row.status, row.diagnostic) == (
        "gone.example",
        "5.1.1",
        "550 5.1.1 <…@gone.example>: User unknown",
    )


async def test_the_same_report_by_several_ways_at_once_counts_once(bounces: BounceDesk) -> None:
    mails = [await bounces.mailed(f"leser{number}@gone.example") for number in range(3)]
    raws = [report(bounces.address(mail.id)) for mail in mails]
    results = await together(*(partial(bounces.take, *order) for order in (raws, raws[::-1], raws[1:] + raws[:1])))
    assert results == [None] * 3
    assert await bounces.kinds() == ["hard"] * 3
    assert await Consent.filter(act="ended").count() == 3


async def test_without_a_signed_address_the_returned_message_id_says_which_mail_it_was(bounces: BounceDesk) -> None:
    mail = await bounces.mailed()
    await bounces.take(report("newsletter@lotse.example.org", returned=mail.message_id))
    assert await bounces.reason() == "bounce"


async def test_forged_bounces_have_no_effect(bounces: BounceDesk) -> None:
    mail = await bounces.mailed()
    real = bounces.address(mail.id)
    forged = [
        report("bounces@bounces.lotse.test"),  # the address of the victim in the text alone
        report("bounces@bounces.lotse.test", returned=f"<{new_id()}@lotse.example.org>"),
        report("bounces@bounces.lotse.test", returned=mail.message_id.replace("@", "@not.")),
        report(real.replace("+newsletter-", "+contacts-")),  # signed for another service
        report(real.replace("+newsletter-", "+leave-")),
        report(real[:30] + ("a" if real[30] != "a" else "b") + real[31:]),  # one letter of the signature
        complaint("abuse@lotse.example.org", original=real[::-1]),
        letter(real, "550 5.1.1 leserin@gone.example user unknown"),  # a person says so
    ]
    await bounces.take(*forged)
    assert await bounces.subscribed()
    assert await bounces.reason() == ""
    assert await bounces.kinds() == ["reply", *["unknown"] * 7]


async def test_a_report_that_no_database_could_store_keeps_no_other_mail_back(bounces: BounceDesk) -> None:
    mail = await bounces.mailed()
    poison = report("bounces@bounces.lotse.test", recipient="a@b\\x{0}c.example")  # RFC 6533 writes any character so
    nameless = letter("newsletter@lotse.example.org", "Hallo").replace(b"From: ", b"X-From: ")
    await bounces.take(poison, nameless, report(bounces.address(mail.id)), sender="a\0\udcff@example.net")
    assert await bounces.kinds() == ["hard", "reply", "unknown"]
    assert (await ReturnedMail.get(kind="unknown")).domain == ""
    assert (await Reply.get()).sender == "a@example.net"


async def test_soft_bounces_count_only_when_they_come_again_and_again(bounces: BounceDesk) -> None:
    mail = await bounces.mailed()
    full = {"status": "4.2.2", "diagnostic": "smtp; 452 4.2.2 Mailbox full"}
    for _ in range(6):  # one bad day of a server
        await bounces.take(report(bounces.address(mail.id), **full))
    assert await bounces.subscribed()
    rows = await ReturnedMail.all()
    for days, row in enumerate(rows[:3]):
        earlier = row.at - timedelta(days=days)
        await ReturnedMail.filter(digest=row.digest).update(at=earlier, day=earlier.date().isoformat())
    await bounces.take(report(bounces.address(mail.id), **full))
    assert not await bounces.subscribed()
    assert await bounces.reason() == "bounce"
    assert await bounces.kinds() == ["soft"] * 7


@pytest.mark.parametrize(
    ("status", "diagnostic", "kind"),
    [
        ("5.2.2", "smtp; 552 5.2.2 Over quota", "soft"),
        ("5.7.1", "smtp; 550 5.7.1 user unknown, or your server is listed", "soft"),
        ("5.0.0", "smtp; 550 5.1.1 no such user", "hard"),
        ("5.0.0", "X-Notes; Mailbox does not exist", "hard"),
        ("5.1.8", "smtp; 550 5.1.8 sender address rejected", "soft"),
        ("5.0.0", "smtp; 556 null MX", "hard"),
    ],
)
async def test_what_a_refusal_says_about_the_address(
    one_bounces: BounceDesk, status: str, diagnostic: str, kind: str
) -> None:
    address = one_bounces.address(new_id(), "contacts")
    await one_bounces.take(report(address, status, diagnostic=diagnostic))
    assert [event.kind for event in await one_bounces.kit.recorded("newsletter", MailBounced)] == [kind]


async def test_other_services_hear_of_their_mails_by_id(bounces: BounceDesk) -> None:
    posting = new_id()
    address = bounces.address(posting, "contacts")
    raw = report(address, "4.2.2")
    await bounces.take(raw, raw, complaint("fbl@lotse.example.org", original=address))
    told = await bounces.kit.recorded("newsletter", MailBounced)
    assert {(event.id, event.service, event.kind) for event in told} == {
        (str(posting), "contacts", "soft"),
        (str(posting), "contacts", "complaint"),
    }
    assert told[0].version < told[1].version
