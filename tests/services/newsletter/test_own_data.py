"""One's own data: a fresh link opens it, a forwarded mail does not; the proof, export and erasure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.contracts.newsletter import AlertStopped
from infra.ids import new_id
from infra.tokens import make_token
from services.newsletter.alerts.models import AlertMail, AlertSubscription
from services.newsletter.bounces.models import Reply, ReturnedMail
from services.newsletter.checks import accessibility
from services.newsletter.context import current
from services.newsletter.deliveries.models import Delivery
from services.newsletter.subscribers.domain import CONSENT_TEXTS, CONSENT_VERSION, Purpose, owner_of
from services.newsletter.subscribers.models import Consent, ServiceMail, Subscriber, Suppression
from services.newsletter.subscribers.queries import hash_of, token_for
from tests.infra.mail.reading import Lint, body, messages
from tests.services.newsletter.desk import Desk, tokens
from tests.services.newsletter.reader import ANNA, NEW, acts, alert_for, asked_to_move, link_of, own


async def test_a_way_in_without_an_old_mail_says_nothing_about_who_is_known(one_desk: Desk) -> None:
    await one_desk.subscribe(ANNA, districts=["landkreis-harz"])
    answers = [await one_desk.post("/subscriptions/link", {"email": typed}) for typed in (ANNA, "nobody@example.org")]
    assert [answer.status for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    await one_desk.job("send_service_mails")
    assert [mail.recipient for mail in await one_desk.mails()].count("nobody@example.org") == 0
    found = await own(one_desk, tokens(await one_desk.mail_to(ANNA))["meine-daten"])
    assert found["held"]["address"] == ANNA
    assert found["held"]["subscription"]["districts"] == ["landkreis-harz"]
    preferences = await one_desk.post("/subscriptions/preferences", {"token": found["preferences_token"]})
    assert preferences.json()["address"] == "a…@example.org"


async def test_who_left_is_not_written_to_whoever_types_the_address(one_desk: Desk) -> None:
    shown = await one_desk.subscribe(ANNA)
    await one_desk.post("/subscriptions/unsubscribe", {"token": shown["unsubscribe_token"]})
    before = len(await one_desk.mails())
    assert (await one_desk.post("/subscriptions/link", {"email": ANNA})).status == 202
    await one_desk.job("send_service_mails")
    assert len(await one_desk.mails()) == before


async def test_links_to_one_address_are_limited_in_every_spelling(one_desk: Desk) -> None:
    await one_desk.subscribe(ANNA)
    for _ in range(15):
        await one_desk.post("/subscriptions/link", {"email": "Anna@example.org"})
    for _ in range(15):
        await one_desk.post("/subscriptions/link", {"email": ANNA})
    assert await ServiceMail.filter(kind="link").count() == 9, "ten a day with the mail that asked to confirm"


async def test_the_record_holds_everything_and_the_exact_words(one_desk: Desk) -> None:
    form = {"form": "/en/newsletter", "text_version": CONSENT_VERSION, "language": "en"}
    assert (await one_desk.post("/subscriptions", {"email": ANNA, **form}, language="en")).status == 202
    await one_desk.subscribe(ANNA)
    await alert_for(ANNA)
    held = (await own(one_desk, await link_of(one_desk)))["held"]
    asked, mailed, confirmed = held["proof"]
    assert (asked["act"], asked["form"], asked["language"]) == ("asked", "/en/newsletter", "en")
    assert asked["wording"] == CONSENT_TEXTS[CONSENT_VERSION].en
    assert asked["message_id"] == mailed["message_id"] != ""
    assert datetime.fromisoformat(asked["at"]) <= datetime.fromisoformat(mailed["at"])
    assert (confirmed["act"], confirmed["way"]) == ("confirmed", "link-and-button")
    assert [alert["label"] for alert in held["alerts"]] == ["Kurse"]


async def test_an_unknown_version_of_the_text_is_refused(one_desk: Desk) -> None:
    answer = await one_desk.sign_up(ANNA, text_version="1999-01")
    assert answer.status == 422
    assert [field["field"] for field in answer.json()["fields"]] == ["text_version"]


async def test_a_forwarded_mail_can_unsubscribe_at_most(one_desk: Desk) -> None:
    shown = await one_desk.subscribe(ANNA)
    issue = await one_desk.draft()
    await one_desk.change(issue, {"sections": [{"kind": "editorial", "text": {"de": "Guten Tag", "en": "Hello"}}]})
    await one_desk.dispatch(issue)
    given_away = tokens(await one_desk.mail_to(ANNA))
    assert set(given_away) == {"einstellungen", "abmelden"}
    before = [await Subscriber.all().values(), await acts()]
    for token in (*given_away.values(), shown["preferences_token"], shown["unsubscribe_token"]):
        for path, wish in (
            ("/records/own", {}),
            ("/records/own/erase", {}),
            ("/subscriptions/address", {"email": "thief@example.org"}),
            ("/subscriptions/address/confirm", {}),
        ):
            answer = await one_desk.post(path, {"token": token, **wish})
            assert answer.status == 422, (path, answer.content)
    assert [await Subscriber.all().values(), await acts()] == before
    # From its preferences the way to the data is mailed to the owner, not shown to who holds the mail.
    asked = await one_desk.post("/subscriptions/preferences/link", {"token": given_away["einstellungen"]})
    assert asked.status == 202
    assert b"meine-daten" not in asked.content
    await one_desk.job("send_service_mails")
    assert set(tokens(await one_desk.mail_to(ANNA))) == {"meine-daten"}


async def test_a_link_to_ones_data_is_good_for_two_hours(one_desk: Desk) -> None:
    await one_desk.subscribe(ANNA)
    key, owner = current().key(Purpose.OWNER), owner_of(hash_of(ANNA))
    for hours, status in ((1.9, 200), (2.1, 422)):
        token = make_token(key, owner, datetime.now(UTC) - timedelta(hours=hours))
        assert (await one_desk.post("/records/own", {"token": token})).status == status


async def test_erasing_leaves_proof_without_the_address(desk: Desk) -> None:
    await desk.subscribe(ANNA)
    alert = await alert_for(ANNA)
    await AlertMail.create(
        kind="due", subscription_id=alert.id, message_id="<x@y>", status="sent", reply=f"250 to {ANNA}", **_now()
    )
    token = await link_of(desk)
    reader = await Subscriber.get()
    issue = await desk.draft()
    row = Delivery(issue_id=issue["id"], subscriber_id=reader.id, segment_id=new_id(), message_id="<a@b>", **_now())
    row.update_from_dict({"status": "failed", "reply": f"550 {ANNA} unknown"})
    await row.save(force_create=True)
    now = datetime.now(UTC)
    await Reply.create(sender="Anna@example.org", subject="Frage", text="Guten Tag", received_at=now)
    await ReturnedMail.create(
        digest="x", kind="soft", way="lmtp", at=now, day=now.date().isoformat(), address_hash=hash_of(ANNA)
    )
    held = (await own(desk, token))["held"]
    assert [(sent["quarter"], sent["status"]) for sent in held["deliveries"]] == [("2026-Q4", "failed")]
    assert ([back["kind"] for back in held["returned"]], held["letters"][0]["text"]) == (["soft"], "Guten Tag")
    answer = await desk.post("/records/own/erase", {"token": token})
    assert answer.status == 200
    assert await Reply.all().count() == 0
    assert (await desk.post("/records/own/erase", {"token": token})).status == 404
    assert (await Subscriber.all().count(), await AlertSubscription.all().count()) == (0, 0)
    assert await ServiceMail.all().count() == 0
    assert [(row.status, row.reply) for row in await Delivery.all()] == [("failed", "")]
    rest = [*await Consent.all().values(), *await Suppression.all().values(), *await AlertMail.all().values()]
    assert "anna@" not in str(rest)
    assert [row.reason for row in await Suppression.all()] == ["erased"]
    assert (await acts())[-2:] == ["erased", "erased"], "the newsletter's line and the alert's"
    assert [event.id for event in await desk.kit.recorded("newsletter", AlertStopped)] == [str(alert.id)]


async def test_who_has_only_alerts_sees_and_erases_them(one_desk: Desk) -> None:
    await alert_for(ANNA)
    token = await link_of(one_desk)
    found = await own(one_desk, token)
    assert found["held"]["subscription"] is None
    assert found["preferences_token"] == ""
    assert (await one_desk.post("/subscriptions/address", {"token": token, "email": NEW})).status == 404
    assert (await one_desk.post("/records/own/erase", {"token": token})).status == 200
    assert await AlertSubscription.all().count() == 0


@pytest.mark.parametrize("language", ["de", "en"])
async def test_every_mail_on_the_way_can_be_read_by_everybody(one_desk: Desk, language: str) -> None:
    await one_desk.subscribe(ANNA, language=language)
    assert (await one_desk.post("/subscriptions/link", {"email": ANNA}, language=language)).status == 202
    token = token_for(Purpose.OWNER, owner_of(hash_of(ANNA)))
    moving = await asked_to_move(one_desk, token)
    assert (await one_desk.post("/subscriptions/address/confirm", {"token": moving})).status == 200
    await one_desk.job("send_service_mails")
    mails = messages(one_desk.kit.settings)
    assert [mail["To"] for mail in mails] == [ANNA, ANNA, NEW, ANNA]
    for mail in mails:
        page = body(mail, "html")
        assert Lint(page).problems(language) == []
        assert [found for found in accessibility.check(page, language) if found.severity == "error"] == []
        assert mail["Auto-Submitted"] == "auto-generated"
        assert "List-Id" not in mail, "it belongs to no list"


async def test_proof_is_deleted_some_years_after_it_ended_and_not_before(one_desk: Desk) -> None:
    stays = await one_desk.subscribe("stays@example.org")
    shown = await one_desk.subscribe(ANNA)
    await one_desk.post("/subscriptions/unsubscribe", {"token": shown["unsubscribe_token"]})
    past = timedelta(days=3 * 366 + 1)
    for line in await Consent.all():
        await Consent.filter(id=line.id).update(at=line.at - past)
    await one_desk.job("forget_unconfirmed")
    left = {line.subscriber_id for line in await Consent.all()}
    assert left == {(await Subscriber.get(address="stays@example.org")).id}
    assert await Suppression.all().count() == 1, "what keeps the address out stays"
    assert stays["preferences_token"]


async def test_pausing_and_frequency_are_kept_and_checked(one_desk: Desk) -> None:
    shown = await one_desk.subscribe(ANNA)
    assert (shown["frequency"], shown["paused_until"]) == ("news", None)
    today = datetime.now(UTC).date()
    wish = {"token": shown["preferences_token"], "frequency": "every"}
    for until, status in ((today, 422), (today + timedelta(days=800), 422), (today + timedelta(days=90), 200)):
        answer = await one_desk.put("/subscriptions/preferences", {**wish, "paused_until": until.isoformat()})
        assert answer.status == status
    again = (await one_desk.post("/subscriptions/preferences", {"token": shown["preferences_token"]})).json()
    assert (again["frequency"], again["paused_until"]) == ("every", (today + timedelta(days=90)).isoformat())


def _now() -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"next_at": now, "created_at": now, "changed_at": now}
