"""Sending: exactly the readers concerned, each once, with every refusal of the mail server and every kill survived."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from infra.ids import new_id
from infra.mail import Outcome, Result
from services.newsletter.deliveries.models import Delivery, Segment
from services.newsletter.dispatch.domain import Claim
from services.newsletter.dispatch.journal import Journal, folder_of
from services.newsletter.dispatch.ledger import claim
from services.newsletter.subscribers.models import ServiceMail, Subscriber, Suppression
from services.newsletter.subscribers.queries import hash_of
from tests.infra.mail.sink import DROP, Sink
from tests.kit import Database, running, together
from tests.services.newsletter.desk import ANNA, BERTA, CLARA, Desk, event, offer, service, tokens

HARZ, MAGDEBURG, LEIPZIG = "landkreis-harz", "stadt-magdeburg", "stadt-leipzig"
LATER = timedelta(days=1)


@pytest.fixture
async def posting(database: Database, sink: Sink) -> AsyncIterator[Desk]:
    """A newsletter that sends to the sink, with five readers and an approved issue for everybody."""
    async with running([service], database, smtp_url=sink.url) as kit:
        desk = Desk(kit)
        await desk.tell_territory()
        for number in range(5):
            await reader(f"r{number}@example.org")
        yield desk


async def reader(address: str, language: str = "de", districts: Any = (), topics: Any = ()) -> None:
    """A confirmed subscriber."""
    now = datetime.now(UTC)
    await Subscriber.create(
        address=address,
        address_hash=hash_of(address),
        status="active",
        language=language,
        districts=list(districts),
        topics=list(topics),
        asked_at=now,
        confirmed_at=now,
    )


async def begin(desk: Desk) -> dict[str, Any]:
    """An issue with a greeting, on its way; the worker has not begun."""
    issue = await desk.draft()
    changed = await desk.change(
        issue, {"sections": [{"kind": "editorial", "text": {"de": "Guten Tag", "en": "Hello"}}]}
    )
    return await desk.sent(changed.json())


async def make_due() -> None:
    """Let the pauses of all waiting mails be over."""
    await Delivery.filter(status="waiting").update(next_at=datetime.now(UTC) - LATER)


async def statuses() -> dict[str, int]:
    rows = await Delivery.all().values_list("status", flat=True)
    return dict(Counter(map(str, rows)))


def drop_one(sink: Sink) -> None:
    """Let the server hang up once after a content."""
    dropped: list[str] = []

    def script(step: str, argument: str) -> str | None:
        if step == "END" and not dropped:
            dropped.append(argument)
            return DROP
        return None

    sink.script = script


def message_ids(sink: Sink) -> set[str]:
    """The Message-IDs of what arrived."""
    lines = [line for mail in sink.received for line in mail.content.decode().splitlines()]
    return {line.partition(": ")[2] for line in lines if line.startswith("Message-ID: ")}


def recipients(sink: Sink) -> list[str]:
    return sorted(mail.recipient for mail in sink.received)


async def state_of(desk: Desk) -> str:
    return str((await desk.get("/issues/2026-q4", identity=ANNA)).json()["state"])


async def test_each_reader_gets_what_concerns_their_districts_topics_and_language(desk: Desk) -> None:
    await reader("both@example.org", districts=[HARZ, MAGDEBURG])
    await reader("harz@example.org", districts=[HARZ])
    await reader("leipzig@example.org", "en", districts=[LEIPZIG])
    await reader("land@example.org", districts=["sachsen-anhalt"])
    await reader("crafts@example.org", districts=[MAGDEBURG], topics=["handwerk"])
    await reader("all@example.org")
    await desk.tell(offer("magdeburg"))
    await desk.tell(offer("leipzig", districts=[LEIPZIG], topics=["handwerk"], title_en="Offer in Leipzig"))
    await desk.tell(offer("landesweit", districts=[], region="sachsen-anhalt", topics=["sprachfoerderung"]))
    await desk.tell(event("harztag", "2099-01-01"))
    report = await desk.dispatch(await desk.draft())

    got = {
        mail.recipient.partition("@")[0]: {
            name
            for name in ("Angebot magdeburg", "Offer in Leipzig", "Angebot leipzig", "Angebot landesweit", "Termin")
            if name in mail.parts[0].content.replace("Termine\n", "")
        }
        for mail in await desk.mails()
    }
    assert got == {
        "both": {"Angebot magdeburg", "Angebot landesweit", "Termin"},
        "harz": {"Angebot landesweit", "Termin"},
        "leipzig": {"Offer in Leipzig"},
        "land": {"Angebot magdeburg", "Angebot landesweit", "Termin"},
        "all": {"Angebot magdeburg", "Angebot leipzig", "Angebot landesweit", "Termin"},
    }
    assert {row["address"] for row in report["items"]} == {f"{name}@example.org" for name in got}
    english = await desk.mail_to("leipzig@example.org")
    assert english.subject.startswith("Lotse newsletter Q4 2026")
    assert dict(english.headers)["Content-Language"] == "en"


async def test_who_is_concerned_by_nothing_gets_no_mail_unless_the_installation_wants_it(desk: Desk) -> None:
    await reader("harz@example.org", districts=[HARZ])
    await desk.tell(offer("leipzig", districts=[LEIPZIG]))
    assert (await desk.dispatch(await desk.draft()))["counts"]["audience"] == 0
    assert await state_of(desk) == "sent"


async def test_an_installation_can_send_to_everybody(sqlite: Database) -> None:
    async with running([service], sqlite, newsletter_empty=True) as kit:
        desk = Desk(kit)
        await desk.tell_territory()
        await reader("harz@example.org", districts=[HARZ])
        assert (await desk.dispatch(await desk.draft()))["counts"]["sent"] == 1


@pytest.mark.parametrize(
    "part",
    [
        {"kind": "editorial", "text": {"de": "Guten Tag", "en": "Hello"}},
        {"kind": "legislation", "items": [{"title": {"de": "Neues Gesetz", "en": "A new law"}}]},
    ],
)
async def test_what_is_written_by_hand_concerns_everybody(desk: Desk, part: Any) -> None:
    await reader("harz@example.org", districts=[HARZ], topics=["handwerk"])
    issue = await desk.draft()
    changed = await desk.change(issue, {"sections": [part]})
    assert (await desk.dispatch(changed.json()))["counts"]["sent"] == 1


async def test_a_pinned_offer_concerns_everybody(desk: Desk) -> None:
    await reader("harz@example.org", districts=[HARZ])
    await desk.tell(offer("leipzig", districts=[LEIPZIG]))
    issue = await desk.draft()
    pinned = next(part["collected"][0]["id"] for part in issue["sections"] if part["collected"])
    changed = await desk.change(issue, {"sections": [{"kind": "offers", "pinned": [pinned]}]})
    assert (await desk.dispatch(changed.json()))["counts"]["sent"] == 1


async def test_readers_with_the_same_choice_share_one_rendering(desk: Desk) -> None:
    await reader("one@example.org", districts=[HARZ, MAGDEBURG])
    await reader("two@example.org", districts=[MAGDEBURG, HARZ])
    await reader("three@example.org", districts=[HARZ])
    await desk.tell(offer("magdeburg"))
    await desk.tell(event("harztag", "2099-01-01"))
    await desk.dispatch(await desk.draft())
    assert await Segment.all().count() == 2
    first, second = [await desk.mail_to(f"{name}@example.org") for name in ("one", "two")]
    assert tokens(first)["abmelden"] != tokens(second)["abmelden"]


async def test_audience_and_content_stand_from_sending_on(posting: Desk, sink: Sink) -> None:
    await posting.tell(offer("a", title="Vorher"))
    issue = await begin(posting)
    await reader("late@example.org")
    await posting.tell(offer("a", version=2, title="Nachher"))
    await posting.job("send_batch", issue["id"])
    assert recipients(sink) == [f"r{number}@example.org" for number in range(5)]
    assert all(b"Vorher" in mail.content and b"Nachher" not in mail.content for mail in sink.received)


async def test_who_leaves_while_an_issue_goes_out_gets_nothing_and_is_accounted_for(posting: Desk, sink: Sink) -> None:
    issue = await begin(posting)
    await Subscriber.filter(address="r3@example.org").delete()
    await posting.job("send_batch", issue["id"])
    counts = (await posting.report(issue))["counts"]
    assert counts == {"audience": 5, "waiting": 0, "sent": 4, "failed": 0, "suppressed": 1, "uncertain": 0}
    assert "r3@example.org" not in recipients(sink)
    assert await state_of(posting) == "sent"


async def test_a_suppressed_address_is_never_written_to(posting: Desk, sink: Sink) -> None:
    hashed = hash_of("r2@example.org")
    await Suppression.create(address_hash=hashed, reason="complaint", at=datetime.now(UTC))
    issue = await begin(posting)
    await posting.job("send_batch", issue["id"])
    assert "r2@example.org" not in recipients(sink)


async def test_sending_twice_at_the_same_moment_sends_once(posting: Desk, sink: Sink) -> None:
    await posting.change(
        await posting.draft(), {"sections": [{"kind": "editorial", "text": {"de": "Guten Tag", "en": "Hello"}}]}
    )
    await posting.post("/issues/2026-q4/approve", identity=BERTA)

    async def send() -> Any:
        return await posting.post("/issues/2026-q4/send", identity=ANNA)

    answers = await together(send, send, send)
    assert sorted(answer.status for answer in answers) == [202, 409, 409]
    assert await Delivery.all().count() == 5
    issue = (await posting.get("/issues/2026-q4", identity=ANNA)).json()

    async def work() -> None:
        await posting.job("send_batch", issue["id"])

    await together(work, work, work)
    assert recipients(sink) == [f"r{number}@example.org" for number in range(5)]


async def test_a_passing_refusal_waits_and_is_tried_again_under_the_same_id(posting: Desk, sink: Sink) -> None:
    tries: list[str] = []

    def busy_at_first(step: str, argument: str) -> str | None:
        if step == "RCPT" and "r1@" in argument:
            tries.append(argument)
            return "450 4.2.1 busy" if len(tries) < 3 else None
        return None

    sink.script = busy_at_first
    issue = await begin(posting)
    for expected in ({"sent": 4, "waiting": 1}, {"sent": 4, "waiting": 1}, {"sent": 5}):
        await posting.job("send_batch", issue["id"])
        assert await statuses() == expected
        await make_due()
    assert await state_of(posting) == "sent"
    row = next(row for row in (await posting.report(issue))["items"] if row["address"] == "r1@example.org")
    assert (row["attempts"], row["reply_code"], row["reply"]) == (3, 250, "2.0.0 taken")


async def test_a_waiting_mail_is_not_tried_before_its_time(posting: Desk, sink: Sink) -> None:
    sink.script = lambda step, _argument: "451 4.3.0 later" if step == "END" else None
    issue = await begin(posting)
    await posting.job("send_batch", issue["id"])
    [row] = (await posting.report(issue))["items"][:1]
    assert (row["status"], row["reply_code"], row["attempts"]) == ("waiting", 451, 1)
    assert row["next_at"] > datetime.now(UTC).isoformat()
    before = len(sink.steps)
    await posting.job("find_due")
    await posting.job("send_batch", issue["id"])
    assert len(sink.steps) == before


async def test_a_final_refusal_is_written_down_and_the_others_go_on(posting: Desk, sink: Sink) -> None:
    sink.script = lambda step, argument: "550 5.1.1 no such user" if step == "RCPT" and "r2@" in argument else None
    issue = await begin(posting)
    await posting.job("send_batch", issue["id"])
    report = await posting.report(issue)
    assert report["counts"] == {"audience": 5, "waiting": 0, "sent": 4, "failed": 1, "suppressed": 0, "uncertain": 0}
    failed = await posting.get("/issues/2026-q4/deliveries", identity=ANNA, query={"status": "failed"})
    [row] = failed.json()["items"]
    assert (row["address"], row["reply_code"], row["reply"]) == ("r2@example.org", 550, "5.1.1 no such user")
    assert await state_of(posting) == "sent"


async def test_a_mail_whose_answer_was_not_heard_is_uncertain_and_the_others_go_on(posting: Desk, sink: Sink) -> None:
    drop_one(sink)
    issue = await begin(posting)
    await posting.job("send_batch", issue["id"])
    assert await statuses() == {"sent": 4, "uncertain": 1}
    assert await state_of(posting) == "sent"
    named = await posting.get("/issues/2026-q4/deliveries", identity=ANNA, query={"status": "uncertain"})
    [row] = named.json()["items"]
    assert row["address"] not in recipients(sink)
    assert row["reply"] == "connection closed by the server"


async def test_an_editor_has_uncertain_mails_sent_again_under_the_same_ids(posting: Desk, sink: Sink) -> None:
    drop_one(sink)
    issue = await begin(posting)
    before = {row["message_id"] for row in (await posting.report(issue))["items"]}
    await posting.job("send_batch", issue["id"])
    again = await posting.post("/issues/2026-q4/resend", {"status": "uncertain"}, identity=CLARA)
    assert (again.status, again.json()["state"]) == (202, "sending")
    await posting.job("send_batch", issue["id"])
    assert recipients(sink) == [f"r{number}@example.org" for number in range(5)]
    assert message_ids(sink) == before
    assert await state_of(posting) == "sent"


async def test_an_installation_can_have_uncertain_mails_sent_again_by_itself(sqlite: Database, sink: Sink) -> None:
    async with running([service], sqlite, smtp_url=sink.url, newsletter_uncertain="resend") as kit:
        desk = Desk(kit)
        await desk.tell_territory()
        await reader("one@example.org")
        drop_one(sink)
        issue = await begin(desk)
        await desk.job("send_batch", issue["id"])
        assert await statuses() == {"waiting": 1}
        await make_due()
        await desk.job("send_batch", issue["id"])
        assert await statuses() == {"sent": 1}


async def test_while_the_server_refuses_everything_all_wait_and_nobody_is_given_up(posting: Desk, sink: Sink) -> None:
    sink.script = lambda step, _argument: "421 4.3.2 going down" if step in ("HELO", "MAIL") else None
    issue = await begin(posting)
    for _ in range(8):
        await posting.job("send_batch", issue["id"])
        await make_due()
    assert await statuses() == {"waiting": 5}
    assert {row["attempts"] for row in (await posting.report(issue))["items"]} == {0}
    assert await state_of(posting) == "sending"
    sink.script = lambda _step, _argument: None
    await posting.job("send_batch", issue["id"])
    assert await statuses() == {"sent": 5}


async def test_after_days_of_passing_refusals_a_mail_is_given_up(posting: Desk, sink: Sink) -> None:
    sink.script = lambda step, _argument: "450 4.2.2 mailbox full" if step == "RCPT" else None
    issue = await begin(posting)
    await Delivery.filter().update(created_at=datetime.now(UTC) - timedelta(days=5))
    await posting.job("send_batch", issue["id"])
    assert await statuses() == {"failed": 5}
    assert await state_of(posting) == "sent"


async def claimed_by_another(posting: Desk, issue: Any, begun: int, done: int = 0) -> tuple[Journal, list[Claim]]:
    """What another worker holds: a claim of three, with so many begun and answered."""
    lease = new_id()
    journal = Journal(folder_of(posting.kit.settings.data_dir), UUID(issue["id"]), lease)
    claims = await claim(UUID(issue["id"]), lease, 3, datetime.now(UTC))
    for each in claims[:begun]:
        journal.begun(each.id)
    for each in claims[:done]:
        journal.done(each.id, Outcome(Result.ACCEPTED, 250, "taken"))
    journal.write()
    return journal, claims


async def test_what_a_living_worker_holds_is_left_to_it(posting: Desk, sink: Sink) -> None:
    issue = await begin(posting)
    journal, _claims = await claimed_by_another(posting, issue, begun=1)
    await posting.job("find_due")
    await posting.job("send_batch", issue["id"])
    assert await statuses() == {"sent": 2, "claimed": 3}
    assert await state_of(posting) == "sending"
    journal.close(settled=False)


async def test_the_journal_of_a_killed_worker_says_what_was_sent_and_what_is_uncertain(
    posting: Desk, sink: Sink
) -> None:
    issue = await begin(posting)
    journal, claims = await claimed_by_another(posting, issue, begun=2, done=1)
    journal.close(settled=False)  # as the system does with the files of a killed process
    await posting.job("find_due")
    assert await statuses() == {"sent": 1, "uncertain": 1, "waiting": 3}
    await posting.job("send_batch", issue["id"])
    assert await statuses() == {"sent": 4, "uncertain": 1}
    assert not {each.address for each in claims[:2]} & set(recipients(sink))
    assert await state_of(posting) == "sent"
    assert list(folder_of(posting.kit.settings.data_dir).iterdir()) == []


async def test_after_a_loss_of_power_all_that_was_claimed_is_uncertain_unless_answered(posting: Desk) -> None:
    issue = await begin(posting)
    journal, _claims = await claimed_by_another(posting, issue, begun=2, done=1)
    journal.close(settled=False)
    [path] = folder_of(posting.kit.settings.data_dir).iterdir()
    head, rest = path.read_text().split("\n", 1)
    path.write_text(f"I another-boot {head.rpartition(' ')[2]}\n{rest}")
    await posting.job("find_due")
    assert await statuses() == {"sent": 1, "uncertain": 2, "waiting": 2}


async def test_a_claim_without_a_journal_is_uncertain_once_its_lease_is_over(posting: Desk) -> None:
    issue = await begin(posting)
    journal, _claims = await claimed_by_another(posting, issue, begun=1)
    journal.close(settled=True)  # its machine is gone with it
    await posting.job("find_due")
    assert await statuses() == {"claimed": 3, "waiting": 2}, "its worker may live elsewhere"
    await Delivery.filter(status="claimed").update(lease_until=datetime.now(UTC) - LATER)
    await posting.job("find_due")
    assert await statuses() == {"uncertain": 3, "waiting": 2}


async def test_message_ids_follow_from_issue_and_reader(posting: Desk, sink: Sink) -> None:
    issue = await begin(posting)
    ids = {row["message_id"] for row in (await posting.report(issue))["items"]}
    await posting.job("send_batch", issue["id"])
    sent = {
        line for mail in sink.received for line in mail.content.decode().splitlines() if line.startswith("Message-ID")
    }
    assert sent == {f"Message-ID: {message_id}" for message_id in ids}
    assert len(ids) == 5


async def test_more_readers_than_a_batch_are_all_reached(posting: Desk, sink: Sink) -> None:
    for number in range(100, 220):
        await reader(f"r{number}@example.org")
    asked: list[str] = []
    service.jobs.connect(lambda name, *args: asked.append(f"{name} {args}"))
    try:
        issue = await begin(posting)
        while asked:
            asked.clear()
            await posting.job("send_batch", issue["id"])
    finally:
        service.jobs.connect(None)
    assert len(sink.received) == 125
    assert len(set(recipients(sink))) == 125
    assert 1 < sink.connections <= 10
    first = (await posting.get("/issues/2026-q4/deliveries", identity=ANNA, query={"limit": 100})).json()
    rest = await posting.get("/issues/2026-q4/deliveries", identity=ANNA, query={"limit": 100, "cursor": first["next"]})
    assert len(first["items"]) + len(rest.json()["items"]) == first["total"] == 125
    assert rest.json()["next"] is None


async def test_confirmation_mails_survive_a_server_that_is_away(posting: Desk, sink: Sink) -> None:
    sink.script = lambda step, _argument: "421 4.3.2 going down" if step == "MAIL" else None
    assert (await posting.sign_up("neu@example.org")).status == 202
    await posting.job("send_service_mails")
    assert sink.received == []
    sink.script = lambda _step, _argument: None
    await ServiceMail.filter().update(next_at=datetime.now(UTC) - LATER)
    await posting.job("send_service_mails")
    assert recipients(sink) == ["neu@example.org"]


async def test_an_address_that_no_message_can_name_fails_alone(posting: Desk, sink: Sink) -> None:
    await Subscriber.filter(address="r1@example.org").update(address="r1@example.org\r\nBcc: x@example.org")
    issue = await begin(posting)
    await posting.job("send_batch", issue["id"])
    assert await statuses() == {"sent": 4, "failed": 1}
    failed = await posting.get("/issues/2026-q4/deliveries", identity=ANNA, query={"status": "failed"})
    assert failed.json()["items"][0]["reply"] == "not sent: control character in address"


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"status": "none"}, {"limit": 0}])
async def test_wrong_pages_of_the_report_are_refused(one_desk: Desk, query: Any) -> None:
    await one_desk.draft()
    assert (await one_desk.get("/issues/2026-q4/deliveries", identity=ANNA, query=query)).status == 422
