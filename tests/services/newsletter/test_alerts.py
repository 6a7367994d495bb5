"""Alerts without an account: proof of consent, one answer for everybody, mails that nobody can be flooded with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.contracts.newsletter import AlertConfirmed, AlertStopped
from infra.ids import new_id
from infra.tokens import make_token
from services.newsletter.alerts.domain import MOST_ALERTS, Purpose, label_of, search_path
from services.newsletter.alerts.models import AlertMail, AlertSubscription
from services.newsletter.alerts.queries import token_for
from services.newsletter.context import current
from services.newsletter.service import service
from services.newsletter.subscribers.models import AlertAddress, Consent, Subscriber, Suppression
from services.newsletter.subscribers.queries import hash_of
from tests.kit import together
from tests.services.newsletter.alert_desk import ADDRESS, AlertDesk, due, let_time_pass, tokens

DAY = timedelta(days=1)


async def ledger() -> list[str]:
    return [f"{row.act} {row.way}" for row in await Consent.all().order_by("at", "id")]


async def asked() -> int:
    return await AlertMail.filter(kind="confirm").count()


async def suppress(reason: str) -> None:
    await Suppression.create(address_hash=hash_of(ADDRESS), reason=reason, at=datetime.now(UTC))


async def test_double_opt_in_leaves_proof_and_tells_search_ids_only(alerts: AlertDesk) -> None:
    consent = (await alerts.get("/alerts/consent")).json()
    search = str(new_id())
    row = await alerts.confirmed(search=search, frequency="weekly", language="en")
    wanted, taken, agreed = await Consent.all().order_by("at", "id")
    assert (wanted.act, wanted.way, wanted.text_version) == ("asked", "form", consent["version"])
    assert wanted.message_id == (await alerts.read())[0]["Message-ID"]
    assert (taken.act, taken.message_id, taken.about) == ("mailed", wanted.message_id, wanted.about)
    assert (agreed.act, agreed.way, agreed.about) == ("confirmed", "link-and-button", f"weekly {search}")
    assert await alerts.told() == [
        AlertConfirmed(id=str(row.id), version=1, saved_search=search, frequency="weekly", language="en")
    ]
    assert consent["version"] != (await alerts.get("/consent")).json()["version"]


async def test_who_confirms_sees_the_alert_and_can_stop_it_at_once(alerts: AlertDesk) -> None:
    await alerts.order(path="/en/suche?q=course", language="en")
    [mail] = await alerts.read()
    shown = (await alerts.confirm(mail)).json()
    stop = shown.pop("stop_token")
    assert shown == {
        "address": "a…@example.org",
        "label": "Deutschkurs in Magdeburg",
        "frequency": "daily",
        "path": "/suche?q=course",
        "language": "en",
    }
    answer = await alerts.post("/alerts/stop", {"token": stop}, language="en")
    assert "stopped" in answer.json()["message"]


async def test_nobody_gets_alerts_before_confirming(alerts: AlertDesk) -> None:
    await alerts.order()
    row = await AlertSubscription.get()
    await alerts.tell(due(str(row.id), str(row.saved_search)))
    assert [mail["Subject"] for mail in await alerts.read()] == ["Bitte bestätigen Sie Ihre Suchmeldungen"]
    assert await alerts.told() == []


async def test_every_order_gets_the_same_answer(alerts: AlertDesk) -> None:
    row = await alerts.confirmed()
    await Suppression.create(address_hash=hash_of("no@example.org"), reason="complaint", at=datetime.now(UTC))
    answers = [await alerts.order(), await alerts.order(search=str(row.saved_search))]
    answers += [await alerts.order(f"{name}@example.org") for name in ("new", "no", "new", "new", "new", "new", "new")]
    assert {(answer.status, answer.content) for answer in answers} == {(202, answers[0].content)}


async def test_whatever_is_typed_an_address_gets_three_mails_a_day_and_five_a_week(alerts: AlertDesk) -> None:
    spellings = (ADDRESS, ADDRESS.upper(), ADDRESS.replace("@", "+one@"), ADDRESS.replace("@", "+Two+x@"))
    for number in range(12):
        await alerts.order(spellings[number % 4])
    assert await asked() == 3
    assert await AlertSubscription.all().count() == 3, "nothing is kept of a wish for which no mail goes out"
    assert len(await ledger()) == 3
    for expected in (5, 5, 5):
        await let_time_pass(DAY)
        for _ in range(4):
            await alerts.order()
        assert await asked() == expected
    await let_time_pass(timedelta(days=4))
    await alerts.order()
    assert await asked() == 6, "the first three are a week ago"


async def test_the_same_search_is_asked_about_once_an_hour(alerts: AlertDesk) -> None:
    search = str(new_id())
    for _ in range(3):
        await alerts.order(search=search, label="Erst")
    assert await asked() == 1
    await let_time_pass(timedelta(hours=2))
    await alerts.order(search=search, label="Dann", frequency="weekly")
    assert await asked() == 2
    assert [(row.label, row.frequency) for row in await AlertSubscription.all()] == [("Dann", "weekly")]


async def test_who_has_confirmed_may_order_more_but_no_stranger_can_flood_them(alerts: AlertDesk) -> None:
    await alerts.confirmed()
    for expected in (10, 20, 20):
        for _ in range(12):
            await alerts.order()
        assert await asked() == expected
        await let_time_pass(DAY)


async def test_orders_at_the_same_moment_keep_the_limit(alerts: AlertDesk) -> None:
    search = str(new_id())

    async def order() -> Any:
        return await alerts.order()

    async def same() -> Any:
        return await alerts.order(search=search)

    answers = await together(order, same, order, same, order, same, order, same)
    assert [answer.status for answer in answers] == [202] * 8
    assert await asked() == 3
    assert await AlertSubscription.filter(saved_search=search).count() <= 1


async def test_an_alert_that_runs_is_not_changed_by_who_types_its_address(alerts: AlertDesk) -> None:
    row = await alerts.confirmed(label="Meine Suche")
    await let_time_pass(timedelta(hours=2))
    await alerts.order(search=str(row.saved_search), label="Böse", frequency="weekly", path="/suche?q=boese")
    last = (await alerts.read())[-1]
    assert last["Subject"] == "Sie bekommen diese Suchmeldungen schon"
    assert tokens(last) == {}
    kept = await AlertSubscription.get()
    assert (kept.label, kept.frequency, kept.path) == (row.label, row.frequency, row.path)
    assert await ledger() == ["asked form", "mailed mail", "confirmed link-and-button"]


async def test_confirmations_at_the_same_moment_count_once(alerts: AlertDesk) -> None:
    await alerts.order()
    [mail] = await alerts.read()

    async def confirm() -> Any:
        return await alerts.confirm(mail)

    answers = await together(confirm, confirm, confirm, confirm)
    assert [answer.status for answer in answers] == [200] * 4
    assert [type(event) for event in await alerts.told()] == [AlertConfirmed]
    assert await ledger() == ["asked form", "mailed mail", "confirmed link-and-button"]


async def test_twenty_alerts_are_enough_for_an_address(alerts: AlertDesk) -> None:
    template = await alerts.confirmed()
    values = {name: getattr(template, name) for name in AlertSubscription._meta.fields_map}
    for _ in range(MOST_ALERTS - 2):
        await AlertSubscription.create(**{**values, "id": new_id(), "saved_search": new_id()})
    for _ in range(2):
        await alerts.order()
    first, second = (await alerts.read())[-2:]

    async def confirm_first() -> Any:
        return await alerts.confirm(first)

    async def confirm_second() -> Any:
        return await alerts.confirm(second)

    answers = await together(confirm_first, confirm_second)
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert await AlertSubscription.filter(status="active").count() == MOST_ALERTS


@pytest.mark.parametrize("path", ["/alerts/stop", "/alerts/one-click/{token}"])
async def test_stopping_deletes_the_address_and_tells_search(alerts: AlertDesk, path: str) -> None:
    row = await alerts.confirmed()
    token = token_for(Purpose.STOP, row.id)
    for _ in range(2):
        answer = await alerts.post(path.format(token=token), {"token": token})
        assert answer.status == 200
        assert "set-cookie" not in answer.headers
    assert await AlertSubscription.all().count() == 0
    stopped = AlertStopped(id=str(row.id), version=2, saved_search=str(row.saved_search))
    assert (await alerts.told())[1:] == [stopped]
    assert (await ledger())[-1] in ("unsubscribed page", "unsubscribed one-click")
    assert await AlertMail.all().count() == 0, "the server's replies may name the address"
    assert "anna" not in str([*await AlertAddress.all().values(), *await Consent.all().values()])
    assert (await alerts.confirm((await alerts.read())[0])).status == 404


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
async def test_one_click_takes_whatever_mail_programs_post(few_alerts: AlertDesk, kind: str) -> None:
    row = await few_alerts.confirmed()
    path = f"/alerts/one-click/{token_for(Purpose.STOP, row.id)}"
    answer = await few_alerts.post(path, content=b"List-Unsubscribe=One-Click", headers={"content-type": kind})
    assert answer.status == 200
    assert await AlertSubscription.all().count() == 0


async def test_links_do_nothing_when_they_are_only_opened(few_alerts: AlertDesk) -> None:
    row = await few_alerts.confirmed()
    for path in ("/alerts", "/alerts/confirm", "/alerts/stop", f"/alerts/one-click/{token_for(Purpose.STOP, row.id)}"):
        for method in ("GET", "HEAD"):
            answer = await few_alerts.kit.request("newsletter", method, path)
            assert answer.status == 405, (method, path)
    assert await AlertSubscription.filter(status="active").count() == 1


async def test_newsletter_and_alerts_are_left_apart(alerts: AlertDesk) -> None:
    await alerts.tell_territory()
    shown = await alerts.subscribe(ADDRESS)
    row = await alerts.confirmed()
    await alerts.post("/alerts/stop", {"token": token_for(Purpose.STOP, row.id)})
    assert await Subscriber.filter(status="active").count() == 1, "stopping an alert leaves the newsletter"
    await alerts.post("/subscriptions/unsubscribe", {"token": shown["unsubscribe_token"]})
    again = await alerts.confirmed()
    assert again.status == "active", "who left the newsletter may order alerts"
    assert [entry.reason for entry in await Suppression.all()] == ["unsubscribed"]


@pytest.mark.parametrize("reason", ["bounce", "complaint"])
async def test_who_complained_gets_nothing_and_nothing_is_kept(alerts: AlertDesk, reason: str) -> None:
    await suppress(reason)
    await alerts.order()
    assert await alerts.read() == []
    assert (await AlertSubscription.all().count(), await Consent.all().count()) == (0, 0)


async def test_who_complains_later_gets_no_more(alerts: AlertDesk) -> None:
    row = await alerts.confirmed()
    await suppress("complaint")
    await alerts.tell(due(str(row.id), str(row.saved_search)))
    assert len(await alerts.read()) == 1, "the confirmation mail only"
    assert (await AlertMail.get(kind="due")).status == "suppressed"


async def test_what_nobody_confirms_is_deleted_after_a_week_with_everything_about_it(alerts: AlertDesk) -> None:
    kept = await alerts.confirmed("stays@example.org")
    await alerts.order()
    await let_time_pass(timedelta(days=6))
    await alerts.job("forget_alerts")
    assert await AlertSubscription.all().count() == 2
    await let_time_pass(timedelta(days=2))
    await alerts.job("forget_alerts")
    assert [row.id for row in await AlertSubscription.all()] == [kept.id]
    assert len(await ledger()) == 3
    assert await AlertMail.all().count() == 1
    await alerts.job("forget_unconfirmed")
    assert await AlertAddress.all().count() == 0
    await AlertMail.filter(status="sent").update(changed_at=datetime.now(UTC) - timedelta(days=31))
    await alerts.job("forget_alerts")
    assert await AlertMail.all().count() == 0


async def test_a_token_does_what_it_was_made_for_and_nothing_else(alerts: AlertDesk) -> None:
    await alerts.tell_territory()
    shown = await alerts.subscribe("berta@example.org")
    await alerts.order()
    row = await AlertSubscription.get()
    stop, confirm = token_for(Purpose.STOP, row.id), token_for(Purpose.CONFIRM, row.id)
    old = make_token(current().key(Purpose.CONFIRM), row.id, datetime.now(UTC) - timedelta(days=8))
    wrong = {
        "/alerts/confirm": [stop, shown["preferences_token"], shown["unsubscribe_token"], old, "x", "ä" * 20],
        "/alerts/stop": [confirm, shown["preferences_token"], shown["unsubscribe_token"], stop[:-1]],
        "/subscriptions/confirm": [confirm, stop],
        "/subscriptions/unsubscribe": [confirm, stop],
    }
    for path, others in wrong.items():
        for token in others:
            answer = await alerts.post(path, {"token": token})
            assert (answer.status, answer.json()["fields"][0]["field"]) == (422, "token"), path
    assert (await alerts.post(f"/alerts/one-click/{confirm}")).status == 422
    assert [row.status for row in await AlertSubscription.all()] == ["pending"]


async def test_all_wrong_fields_are_named_at_once(few_alerts: AlertDesk) -> None:
    answer = await few_alerts.order("nobody", "no-id", path="https://evil.example/suche")
    assert answer.status == 422
    assert [field["field"] for field in answer.json()["fields"]] == ["email", "saved_search", "path"]
    for values in ({"frequency": "hourly"}, {"label": "x" * 10_001}, {"language": "fr"}, {"admin": True}):
        answer = await few_alerts.order(**values)
        assert answer.status == 422
        assert answer.json()["fields"][0]["field"] in values
    assert await AlertSubscription.all().count() == 0


@pytest.mark.parametrize(
    "path",
    [
        "",
        "suche",
        "//evil.example/suche",
        "https://evil.example/suche",
        "/suche@evil.example",
        "/suchen",
        "/suche/../konto",
        "/suche\\evil",
        "/suche?q=a b",
        "/suche?q=a\r\nBcc: x@y.de",
        '/suche?q="><script>',
        "/suche?q=ä",
        "/suche#x",
        "/konto",
        "/fr/suche",
        "/suche?q=" + "x" * 6000,
    ],
)
def test_only_searches_of_this_site_are_linked(path: str) -> None:
    assert search_path(path) == ""


def test_searches_are_kept_by_their_german_path() -> None:
    path = "/suche?q=deutsch%20kurs+b1&district=stadt-magdeburg&near=39104&radius=25"
    assert (search_path("/suche"), search_path(path), search_path(f"/en{path}")) == ("/suche", path, path)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Deutschkurs  B1 in\tMagdeburg", "Deutschkurs B1 in Magdeburg"),
        ("z. B. A1.2 im e.V. am 1.12.2026", "z. B. A1.2 im e.V. am 1.12.2026"),
        ("Gewinn: https://evil.example/x jetzt", "Gewinn: … jetzt"),
        ("Gewinn www.evil.example, evil。com evil．com a@b", "Gewinn … … … …"),
        ("a\r\nBcc: x\x00y\u2028z\u202eb\u00adc", "a Bcc: x y zbc"),
        ("=?utf-8?q?a=0d=0aBcc?= ==??", "= ?utf-8?q?a=0d=0aBcc?= == ??"),
        ("\ud800\ufffe", ""),
    ],
)
def test_a_label_is_one_harmless_line(typed: str, kept: str) -> None:
    assert label_of(typed) == kept


def test_a_label_has_an_end() -> None:
    assert len(label_of("ﷺ" * 1000)) <= 120, "one character may become eighteen"
    assert label_of("x" * 121) == "x" * 119 + "…"


async def test_alerts_are_told_again_for_who_comes_after_the_log_was_shortened(alerts: AlertDesk) -> None:
    row = await alerts.confirmed()
    await alerts.order()
    assert service.snapshot is not None
    assert await service.snapshot() == 1
    first, again = await alerts.told()
    assert first == again
    assert again.id == str(row.id)
