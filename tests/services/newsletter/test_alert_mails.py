"""The mails of alerts: once for each thing told, readable by everybody, and harmless whatever was typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.contracts.search import AlertDue
from infra.ids import new_id
from infra.mail import Mail
from infra.mail.posting.commands import claim, post
from infra.mail.stationery import MAX_HTML_BYTES
from services.newsletter.alerts.domain import Purpose
from services.newsletter.alerts.mails import mail_of
from services.newsletter.alerts.models import AlertMail, AlertSubscription
from services.newsletter.alerts.queries import token_for
from services.newsletter.context import current
from tests.infra.mail.reading import Lint, body
from tests.infra.mail.sink import Sink
from tests.kit import Database, running, together
from tests.services.newsletter.alert_desk import AlertDesk, due, hit, tokens
from tests.services.newsletter.desk import service

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} \r\nBcc: x@y.de\x0b"


async def told(desk: AlertDesk, row: AlertSubscription, version: int = 1, **values: Any) -> None:
    """Search tells what it found for a subscription."""
    await desk.tell(due(str(row.id), str(row.saved_search), version, **values))


async def statuses() -> list[str]:
    return sorted(str(status) for status in await AlertMail.filter(kind="due").values_list("status", flat=True))


async def test_what_is_new_comes_by_mail_with_all_that_programs_need_to_stop_it(alerts: AlertDesk) -> None:
    row = await alerts.confirmed()
    hits = [hit(1, summary="Von A1 bis B2.", date="2026-12-01"), hit(2, kind="event", slug="tag der/tür")]
    await told(alerts, row, hits=hits, total=22)
    mail = (await alerts.read())[-1]
    stop = mail["List-Unsubscribe"].strip("<>")
    assert mail["Subject"] == "22 neue Treffer: Deutschkurs in Magdeburg"
    assert mail["To"] == "anna@example.org"
    assert stop.startswith("http://lotse.test/suche/meldung/stoppen/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (mail["Auto-Submitted"], mail["Precedence"]) == ("auto-generated", "bulk")
    assert mail["List-Id"].endswith(f"<alerts.{current().mail_domain}>")
    text = body(mail, "plain")
    for words in (
        "Kurs 1",
        "Angebot · Magdeburg · 1. Dezember 2026",
        "Von A1 bis B2.",
        "http://lotse.test/angebote/kurs-1",
        "http://lotse.test/termine/tag%20der%2Ft%C3%BCr",
        "Neu seit dem 21. November 2026.",
        "20 weitere zeigt die Suche.",
        "http://lotse.test/suche?q=deutschkurs&near=39104",
        stop,
    ):
        assert words in text
    assert (await alerts.post(f"/alerts/one-click/{tokens(mail)['stoppen']}")).status == 200
    assert await AlertSubscription.all().count() == 0


@pytest.mark.parametrize("language", ["de", "en"])
async def test_every_mail_can_be_read_by_everybody(few_alerts: AlertDesk, language: str) -> None:
    row = await few_alerts.confirmed(language=language)
    hits = [hit(1, title_en="Course 1", summary="About"), hit(2, date="2026"), hit(3, kind="of-tomorrow")]
    await told(few_alerts, row, hits=hits, language=language)
    for message in await few_alerts.read():
        assert not [defect for part in message.walk() for defect in part.defects]
        assert not [defect for _, value in message.items() for defect in value.defects]
        page, text = Lint(body(message, "html")), body(message, "plain")
        assert page.problems(language) == []
        assert "prefers-color-scheme: dark" in body(message, "html")
        assert "Name des Trägers" in text
        assert "Name des Trägers" in body(message, "html")
        assert all(target.replace("&amp;", "&") in text for target, _ in page.links)
        assert message["Content-Language"] == language
    targets = [target for target, _ in page.links]
    if language == "en":
        assert message["Subject"] == "3 new results: Deutschkurs in Magdeburg"
        assert targets[0] == "http://lotse.test/en/angebote/kurs-1"
        assert "http://lotse.test/en/suche?q=deutschkurs&near=39104" in targets
        assert {"Course 1", "Kurs 2"} <= {words for _, words in page.links}
        assert "de" in page.languages, "what has no translation says in which language it is"
    assert not any("kurs-3" in target for target in targets), "a kind that has no page here is not linked"


async def test_a_thing_told_twice_is_mailed_once_and_an_older_one_not_at_all(alerts: AlertDesk) -> None:
    row = await alerts.confirmed()
    for version in (2, 2, 1, 3):
        await told(alerts, row, version)

    async def again() -> None:
        await told(alerts, row, 4)

    await together(again, again, again)
    first = await alerts.read()
    assert len(first) == 1 + 3
    assert len({mail["Message-ID"] for mail in first}) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": "account:{id}"},
        {"recipient": "subscription:{other}"},
        {"recipient": "subscription:anna@example.org"},
        {"recipient": "{id}"},
        {"id": "another"},
        {"hits": []},
    ],
)
async def test_what_is_not_for_a_subscription_here_causes_no_mail(
    few_alerts: AlertDesk, change: dict[str, Any]
) -> None:
    row = await few_alerts.confirmed()
    said = {**due(str(row.id), str(row.saved_search)).__dict__, **change}
    said["recipient"] = said["recipient"].format(id=row.id, other=new_id())
    await few_alerts.tell(AlertDue(**said))
    assert len(await few_alerts.read()) == 1


async def test_old_news_from_a_log_that_is_replayed_are_not_mailed(few_alerts: AlertDesk) -> None:
    row = await few_alerts.confirmed()
    then = datetime.now(UTC) - timedelta(days=8)
    said = due(str(row.id), str(row.saved_search))
    await few_alerts.kit.deliver("newsletter", said, time=then.isoformat())
    assert len(await few_alerts.read()) == 1
    await told(few_alerts, row)
    assert len(await few_alerts.read()) == 2


async def test_who_stops_while_mails_go_out_gets_no_further_one(alerts: AlertDesk) -> None:
    row = await alerts.confirmed()
    for version in (1, 2, 3):
        await told(alerts, row, version)
    token = token_for(Purpose.STOP, row.id)
    batch = await claim("newsletter", AlertMail, datetime.now(UTC))

    async def stopped_in_hand(mail: AlertMail) -> Mail | None:
        made = await mail_of(mail)
        await alerts.post("/alerts/stop", {"token": token})
        return made

    await post(batch, current().mailer, stopped_in_hand)
    await told(alerts, row, 4)
    assert len(await alerts.read()) == 2
    assert await statuses() == ["sent", "suppressed", "suppressed"]


async def test_stopping_and_telling_at_the_same_moment_leave_no_mail_behind(alerts: AlertDesk) -> None:
    row = await alerts.confirmed()
    token = token_for(Purpose.STOP, row.id)

    async def stop() -> Any:
        return await alerts.post("/alerts/stop", {"token": token})

    async def tell() -> None:
        await told(alerts, row)

    async def work() -> None:
        await alerts.job("send_alerts")

    outcomes = await together(stop, tell, work, stop)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    sent = await alerts.read()
    assert await AlertSubscription.all().count() == 0
    assert "waiting" not in await statuses()
    await told(alerts, row, 2)
    assert len(await alerts.read()) == len(sent)


async def test_a_killed_worker_leaves_out_nobody_and_doubles_nothing(alerts: AlertDesk) -> None:
    rows = [await alerts.confirmed(f"r{number}@example.org") for number in range(3)]
    for row in rows:
        await told(alerts, row)
    assert len((await claim("newsletter", AlertMail, datetime.now(UTC), 2)).rows) == 2  # and then the worker is gone
    await alerts.job("find_due_alerts")
    assert await statuses() == ["claimed", "claimed", "sent"]
    await AlertMail.filter(status="claimed").update(lease_until=datetime.now(UTC) - timedelta(days=1))
    await alerts.job("find_due_alerts")
    got = [mail["To"] for mail in await alerts.read() if "Treffer" in mail["Subject"]]
    assert sorted(got) == [row.address for row in rows]


async def test_while_the_server_is_away_alerts_wait_and_then_go_out_under_the_same_id(database: Database) -> None:
    async with Sink().listening() as sink, running([service], database, smtp_url=sink.url) as kit:
        desk = AlertDesk(kit)
        await desk.order()
        row = await AlertSubscription.get()
        await desk.post("/alerts/confirm", {"token": token_for(Purpose.CONFIRM, row.id)})
        await told(desk, row)
        sink.script = lambda step, _argument: "421 4.3.2 going down" if step == "MAIL" else None
        await desk.job("send_alerts")
        assert sink.received == []
        assert [(mail.status, mail.attempts) for mail in await AlertMail.filter(kind="due")] == [("waiting", 0)]
        sink.script = lambda _step, _argument: None
        await AlertMail.filter(status="waiting").update(next_at=datetime.now(UTC))
        await desk.job("find_due_alerts")
        [mail] = sink.received
        assert mail.recipient == row.address
        assert (await AlertMail.get(kind="due")).message_id.encode() in mail.content
        stop = b"List-Unsubscribe: <http://lotse.test/suche/meldung/stoppen/"
        assert stop in mail.content, "never folded: mail programs do not decode it"


@pytest.mark.parametrize(
    "label", [HOSTILE, "=?utf-8?q?a=0d=0aBcc:_eve=40example.org?=", "x" * 10_000, "", "\u202e\u2028"]
)
async def test_whatever_the_label_it_stays_a_line_of_words(few_alerts: AlertDesk, label: str) -> None:
    row = await few_alerts.confirmed(label=label)
    await told(few_alerts, row)
    mails = await few_alerts.read()
    assert [mail["To"] for mail in mails] == ["anna@example.org"] * 2
    for mail in mails:
        assert "Bcc" not in mail
        assert Lint(body(mail, "html")).problems("de") == []
        assert "49" not in body(mail, "plain").partition("http")[0]
        assert max(map(len, (value for name, value in mail.items() if name == "Subject"))) <= 110


async def test_strangers_cannot_have_us_mail_their_links(few_alerts: AlertDesk) -> None:
    await few_alerts.order(label="Sie haben gewonnen! https://evil.example/x oder www.evil.example")
    [mail] = await few_alerts.read()
    assert "evil" not in body(mail, "plain") + body(mail, "html") + mail["Subject"]
    assert {target.rpartition("/")[0] for target, _ in Lint(body(mail, "html")).links} == {
        "http://lotse.test/suche/meldung/bestaetigen"
    }


async def test_hostile_hits_stay_words_and_the_largest_mail_is_not_cut_off(few_alerts: AlertDesk) -> None:
    row = await few_alerts.confirmed(label="&" * 1000, path="/suche?q=" + "&" * 5900)
    huge = "<script>&\"'" * 2000
    values = {"title": huge, "summary": huge, "region_name": huge, "slug": "ü" * 120, "date": HOSTILE}
    await told(few_alerts, row, hits=[hit(number, **values) for number in range(25)], total=-1, since=HOSTILE)
    mail = (await few_alerts.read())[-1]
    page = body(mail, "html")
    assert Lint(page).problems("de") == []
    assert len(page.encode()) < MAX_HTML_BYTES
    assert mail["Subject"].startswith("20 neue Treffer")
