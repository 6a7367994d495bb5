"""The desk's side of what comes back: accounts without addresses, and letters of people until somebody has answered."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import parseaddr

import pytest

from infra.mail.return_path import reply_address
from services.newsletter.alerts.models import AlertMail, AlertSubscription
from services.newsletter.bounces.domain import BATCH, KEEP_REPLIES, KEEP_RETURNS
from services.newsletter.bounces.intake import take
from services.newsletter.bounces.models import Reply, ReturnedMail
from services.newsletter.deliveries.models import Delivery
from services.newsletter.service import service
from services.newsletter.subscribers.models import Consent, ServiceMail, Subscriber
from services.newsletter.subscribers.queries import hash_of
from tests.infra.mail.sink import Sink
from tests.kit import Database, counted_queries, running
from tests.services.newsletter.alert_desk import AlertDesk, due
from tests.services.newsletter.bounce_desk import (
    BOUNCES,
    READER,
    BounceDesk,
    complaint,
    incoming,
    letter,
    report,
)
from tests.services.newsletter.desk import ANNA, COORDINATOR, VISITOR, offer


async def test_a_letter_waits_for_an_editor_and_is_deleted_after_ninety_days(bounces: BounceDesk) -> None:
    raw = letter("newsletter@lotse.example.org", "Guten Tag,\r\nbitte abmelden.", "Frage zum Heft")
    await bounces.take(raw, raw, letter(BOUNCES, "Noch eine"))
    page = (await bounces.editor("/replies")).json()
    assert (page["total"], page["open"]) == (2, 2)
    hints = {item["subject"]: item["hint"] for item in page["items"]}
    assert hints == {"Frage zum Heft": "leave", "Eine Frage": ""}
    first = (await bounces.editor("/replies", limit=1)).json()
    assert (
        first["items"] + (await bounces.editor("/replies", limit=1, cursor=first["next"])).json()["items"]
        == page["items"]
    )
    found = next(item for item in page["items"] if item["hint"])
    view = (await bounces.editor(f"/replies/{found['id']}")).json()
    assert (view["sender"], view["sender_name"]) == ("frau@example.net", "Frau Beispiel")
    assert view["text"] == "Guten Tag,\nbitte abmelden."
    done = await bounces.kit.request(
        "newsletter", "PATCH", f"/replies/{found['id']}", body={"state": "done"}, identity=ANNA
    )
    assert (done.json()["state"], done.json()["done_by"]) == ("done", "Anna")
    assert (await bounces.editor("/replies")).json()["open"] == 1
    assert [item["id"] for item in (await bounces.editor("/replies", state="done")).json()["items"]] == [found["id"]]
    await Reply.filter(id=found["id"]).update(received_at=datetime.now(UTC) - KEEP_REPLIES - timedelta(hours=1))
    await ReturnedMail.filter(kind="reply").update(at=datetime.now(UTC) - KEEP_RETURNS + timedelta(hours=1))
    await bounces.job("forget_returned")
    assert (await bounces.editor(f"/replies/{found['id']}")).status == 404
    assert await Reply.all().count() == 1
    left = await Reply.get()
    gone = await bounces.kit.request("newsletter", "DELETE", f"/replies/{left.id}", identity=ANNA)
    assert (gone.status, await Reply.all().count(), await ReturnedMail.all().count()) == (204, 0, 2)


async def test_only_editors_see_what_came_back(one_bounces: BounceDesk) -> None:
    await one_bounces.take(letter(BOUNCES, "Vertraulich"))
    reply = await Reply.get()
    for path in ("/replies", f"/replies/{reply.id}", "/bounces", "/bounces/summary"):
        assert (await one_bounces.get(path, identity=COORDINATOR)).status == 403
        assert (await one_bounces.get(path, identity=VISITOR)).status == 401
    for method in ("PATCH", "DELETE"):
        answer = await one_bounces.kit.request(
            "newsletter", method, f"/replies/{reply.id}", body={"state": "done"}, identity=COORDINATOR
        )
        assert answer.status == 403


@pytest.mark.parametrize("subject", ["unsubscribe", "", "Re: Ausgabe 4"])
async def test_a_mail_to_the_address_in_list_unsubscribe_ends_the_subscription(
    one_bounces: BounceDesk, subject: str
) -> None:
    await one_bounces.mailed()
    reader = await Subscriber.get(address=READER)
    address = reply_address(one_bounces.kit.settings, "leave", reader.id)
    stop = reply_address(one_bounces.kit.settings, "stop", reader.id)
    await one_bounces.take(letter(address[:-20] + "x" + address[-19:], "Weg"), letter(stop, "Weg"))
    assert await one_bounces.subscribed()  # a forged one, and one for an alert
    raw = letter(address, "", subject)
    await one_bounces.take(raw, raw)
    assert not await one_bounces.subscribed()
    line = await Consent.filter(subscriber_id=reader.id).order_by("-at").first()
    assert line is not None
    assert (line.act, line.way) == ("unsubscribed", "mail")
    assert await one_bounces.reason() == "unsubscribed"


async def test_the_accounts_name_kinds_months_and_domains_but_nobody(bounces: BounceDesk) -> None:
    for name in ("eins@gone.example", "zwei@gone.example", "drei@full.example"):
        mail = await bounces.mailed(name)
        address, status = bounces.address(mail.id), "4.2.2" if "full" in name else "5.1.1"
        bounce = report(address, status, diagnostic=f"smtp; 550 <{name}>")
        await bounces.take(complaint(BOUNCES, original=address) if name.startswith("zwei") else bounce)
    await bounces.take(report(BOUNCES), letter(BOUNCES, "Urlaub", Auto_Submitted="auto-replied"))
    summary = (await bounces.editor("/bounces/summary")).json()
    assert summary["kinds"] == {"hard": 1, "soft": 1, "complaint": 1, "unknown": 1, "auto-reply": 1}
    assert [(each["name"], each["hard"], each["soft"], each["complaint"]) for each in summary["domains"]] == [
        ("gone.example", 1, 0, 1),
        ("full.example", 0, 1, 0),
    ]
    assert [each["name"] for each in summary["months"]] == [f"{datetime.now(UTC):%Y-%m}"]
    moment = datetime.now(UTC)
    await ReturnedMail.filter(kind__not="soft").update(at=moment)  # at the same moment, as those of a batch are
    page = await bounces.editor("/bounces")
    assert page.json()["total"] == 4
    assert not re.search(rb"(eins|zwei|drei)@", page.content)
    first = (await bounces.editor("/bounces", limit=2)).json()
    second = (await bounces.editor("/bounces", limit=2, cursor=first["next"])).json()
    assert first["items"] + second["items"] == page.json()["items"]
    assert second["next"] is None
    assert (await bounces.editor("/bounces", kind="complaint")).json()["total"] == 1
    assert (await bounces.editor("/bounces", issue="2020-Q1")).status == 404


async def test_what_a_server_refuses_while_we_send_counts_the_same_and_once(sqlite: Database) -> None:
    answers = {"gone@example.org": "550 5.1.1 <gone@example.org> unknown", "full@example.org": "552 5.2.2 full"}

    def script(step: str, argument: str) -> str | None:
        return next((answer for name, answer in answers.items() if step == "RCPT" and name in argument), None)

    sink = Sink(script=script)
    async with sink.listening(), running([service], sqlite, bounce_address=BOUNCES, smtp_url=sink.url) as kit:
        desk = BounceDesk(kit)
        for address in (*answers, "well@example.org"):
            await desk.sign_up(address)
        await desk.job("send_service_mails")
        await desk.job("count_refusals")
        await desk.job("count_refusals")
        assert await desk.kinds() == ["hard", "soft"]
        assert (await desk.reason("gone@example.org"), await desk.reason("full@example.org")) == ("bounce", "")
        rows = await ReturnedMail.all()
        assert {row.way for row in rows} == {"smtp"}
        assert not any("gone@" in row.diagnostic for row in rows)
        [mail] = sink.received
        sent = await ServiceMail.get(status="sent")
        assert parseaddr(mail.sender)[1] == desk.address(sent.id)  # what comes back later names this mail


async def test_thousands_at_once_are_settled_in_batches(one_bounces: BounceDesk) -> None:
    mail = await one_bounces.mailed()
    address = one_bounces.address(mail.id)
    raws = [report(address, "4.2.2", diagnostic="smtp; 452 full") for _ in range(BATCH)]
    raws += [report(BOUNCES) for _ in range(BATCH)]
    with counted_queries("newsletter") as queries:
        await take([incoming(raw) for raw in raws[BATCH:]])
    assert len(queries) <= 3  # one INSERT, whatever their number; what is about no mail of ours is not looked for
    started = time.process_time()
    await take([incoming(raw) for raw in raws[:BATCH]])
    assert time.process_time() - started < 3.0
    assert await one_bounces.kinds() == ["soft"] * BATCH + ["unknown"] * BATCH


async def test_a_mail_of_an_issue_comes_back_to_its_issue(database: Database) -> None:
    sink = Sink()
    async with sink.listening(), running([service], database, bounce_address=BOUNCES, smtp_url=sink.url) as kit:
        desk = BounceDesk(kit)
        await desk.tell_territory()
        for number in range(3):
            await desk.confirmed(f"leser{number}@gone.example")
        await desk.tell(offer("kurs"))
        sent = await desk.sent(await desk.draft())
        await desk.job("send_batch", sent["id"])
        mails = [(mail, message_from_bytes(mail.content)) for mail in sink.received]
        assert len(mails) == 3
        (first, one), (_, two), (third, three) = mails
        assert first.sender != third.sender
        leave = re.search(r"<mailto:([^>?]+)>", str(three["List-Unsubscribe"]))
        assert leave is not None
        await desk.take(
            report(parseaddr(first.sender)[1]),  # by the envelope
            report("newsletter@lotse.example.org", returned=str(two["Message-ID"])),  # by the mail that is returned
            letter("newsletter@lotse.example.org", "Danke!", In_Reply_To=str(one["Message-ID"])),
            letter(leave[1], ""),  # what a mail program does
        )
        assert await Subscriber.all().count() == 0
        assert await Delivery.filter(issue_id=sent["id"], status="sent").count() == 3  # they did go out
        [counted] = (await desk.editor("/bounces/summary")).json()["issues"]
        assert (counted["name"], counted["hard"], counted["mails"]) == (sent["slug"], 2, 3)
        assert (await desk.editor("/bounces", issue=sent["slug"])).json()["total"] == 2
        assert (await Reply.get()).about == sent["slug"]


async def test_alerts_stop_by_mail_and_with_a_complaint(sqlite: Database) -> None:
    async with running([service], sqlite, bounce_address=BOUNCES) as kit:
        alerts, desk = AlertDesk(kit), BounceDesk(kit)
        first, second = await alerts.confirmed(), await alerts.confirmed()
        for row in (first, second):
            await alerts.tell(due(str(row.id), str(row.saved_search)))
        mails = [mail for mail in await alerts.read() if mail["List-Unsubscribe"]]
        leave = re.search(r"<mailto:([^>]+)>", mails[0]["List-Unsubscribe"])
        assert leave is not None
        await desk.take(letter(leave[1], ""))
        assert await AlertSubscription.all().count() == 1
        [left] = await AlertMail.filter(kind="due")
        await desk.take(complaint("abuse@lotse.example.org", original=desk.address(left.id)))
        assert await AlertSubscription.all().count() == 0
        assert await desk.reason("anna@example.org") == "complaint"
        stops = await Consent.filter(act__in=("unsubscribed", "ended")).order_by("at")
        assert [(line.act, line.way) for line in stops] == [("unsubscribed", "mail"), ("ended", "complaint")]


async def test_what_was_sent_to_a_former_address_says_nothing_about_the_new_one(one_bounces: BounceDesk) -> None:
    mail = await one_bounces.mailed()
    reader = await Subscriber.get(address=READER)
    new = "neu@example.org"
    await Subscriber.filter(id=reader.id).update(address=new, address_hash=hash_of(new))
    await Consent.create(
        subscriber_id=reader.id, address_hash=hash_of(new), act="moved", way="link", at=datetime.now(UTC)
    )
    await one_bounces.take(report(one_bounces.address(mail.id)))
    assert await one_bounces.subscribed(new)
    assert (await one_bounces.reason(new), await one_bounces.kinds()) == ("", ["hard"])


async def test_a_mail_to_an_address_only_wished_for_concerns_that_address_alone(
    one_bounces: BounceDesk,
) -> None:
    mail = await one_bounces.mailed()
    await ServiceMail.filter(id=mail.id).update(kind="move", address="wunsch@example.org")
    await one_bounces.take(report(one_bounces.address(mail.id)))
    assert await one_bounces.subscribed()
    assert (await one_bounces.reason(), await one_bounces.reason("wunsch@example.org")) == ("", "bounce")
