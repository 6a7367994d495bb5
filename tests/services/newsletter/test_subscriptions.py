"""Signing up, confirming, choosing, leaving: one answer for everybody, effects only by POST, proof of consent."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from infra.tokens import make_token
from services.newsletter.context import current
from services.newsletter.subscribers.domain import CONSENT_TEXTS, Purpose
from services.newsletter.subscribers.models import Consent, ServiceMail, Subscriber, Suppression
from services.newsletter.subscribers.queries import token_for
from tests.kit import Database, running, together
from tests.services.newsletter.alert_desk import let_counts_pass
from tests.services.newsletter.desk import Desk, service, tokens


async def waiting_mails() -> int:
    return await ServiceMail.all().count()


async def ledger() -> list[str]:
    return [f"{row.act} {row.way}" for row in await Consent.all().order_by("at", "id")]


async def let_time_pass(**span: float) -> None:
    """Move what is stored into the past."""
    for subscriber in await Subscriber.all():
        past = timedelta(**span)
        last = subscriber.last_mail_at - past if subscriber.last_mail_at else None
        await Subscriber.filter(id=subscriber.id).update(asked_at=subscriber.asked_at - past, last_mail_at=last)
    await let_counts_pass(timedelta(**span))


async def test_double_opt_in_leaves_proof_and_no_network_address(desk: Desk) -> None:
    consent = (await desk.get("/consent")).json()
    shown = await desk.subscribe("anna@example.org", districts=["landkreis-harz"], topics=["handwerk"], language="en")
    assert shown["address"] == "a…@example.org"
    assert (shown["districts"], shown["topics"], shown["language"]) == (["landkreis-harz"], ["handwerk"], "en")
    asked, mailed, confirmed = await Consent.all().order_by("at", "id")
    assert (asked.act, asked.way, asked.text_version) == ("asked", "form", consent["version"])
    assert asked.message_id == dict((await desk.mail_to("anna@example.org")).headers)["Message-ID"]
    assert (mailed.act, mailed.message_id, mailed.note) == ("mailed", asked.message_id, "250")
    assert mailed.at == (await ServiceMail.get()).changed_at, "when the server took it"
    assert (confirmed.act, confirmed.way) == ("confirmed", "link-and-button")
    columns = set(Consent._meta.fields_map) | set(Subscriber._meta.fields_map)
    assert not columns & {"ip", "remote_address", "user_agent"}
    assert "anna" not in str([row.__dict__ for row in (asked, mailed, confirmed)])


def test_a_wording_that_people_agreed_to_is_never_edited() -> None:
    known = {"2026-11": "df09124e8311f262"}
    texts = {version: f"{text.de}\n{text.en}" for version, text in CONSENT_TEXTS.items()}
    assert known == {version: hashlib.sha256(text.encode()).hexdigest()[:16] for version, text in texts.items()}


async def test_nobody_is_a_subscriber_before_confirming(desk: Desk) -> None:
    await desk.sign_up("anna@example.org")
    await desk.job("send_service_mails")
    assert await Subscriber.filter(status="active").count() == 0
    assert (await desk.dispatch(await desk.draft()))["counts"]["audience"] == 0


async def test_every_sign_up_gets_the_same_answer(desk: Desk) -> None:
    await desk.subscribe("anna@example.org")
    answers = [await desk.sign_up(address) for address in ("anna@example.org", "new@example.org", "new@example.org")]
    assert {answer.status for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    english = await desk.post("/subscriptions", {"email": "x@example.org"}, language="en")
    assert english.json()["message"].startswith("Thank you")


async def test_a_victim_gets_one_mail_in_a_window_and_three_at_most(desk: Desk) -> None:
    for _ in range(20):
        await desk.sign_up("victim@example.org")
    assert await waiting_mails() == 1
    for _ in range(5):
        await let_time_pass(hours=2)
        await desk.sign_up("VICTIM@example.org")
    assert await waiting_mails() == 3
    assert await Subscriber.all().count() == 1


def spelled(number: int) -> str:
    """The mailbox of one victim, written another way each time."""
    dotted = ".".join("victim"[: number % 5 + 1]) + "victim"[number % 5 + 1 :]
    domain = ("gmail.com", "GoogleMail.com")[number % 2]
    return (f"{dotted}+{number}@{domain}", f"{dotted}@{domain}")[number % 3 == 0]


async def test_a_flood_of_sign_ups_of_one_victim_makes_three_mails_a_day_and_five_a_week(one_desk: Desk) -> None:
    for number in range(200):
        assert (await one_desk.sign_up(spelled(number))).status == 202
    assert (await waiting_mails(), await Subscriber.all().count()) == (3, 3), "nothing is kept of the rest"
    # Other forms count together with this one.
    [known, *_rest] = await Subscriber.all()
    await one_desk.post("/subscriptions/link", {"email": known.address})
    assert await waiting_mails() == 3
    for _day in range(6):
        await let_time_pass(days=1, minutes=1)
        for number in range(200, 210):
            await one_desk.sign_up(spelled(number))
    assert await waiting_mails() == 5


async def test_a_flood_at_the_same_moment_makes_no_more(desk: Desk) -> None:
    answers = await together(*[partial(desk.sign_up, spelled(number)) for number in range(12)])
    assert [answer.status for answer in answers] == [202] * 12
    assert await waiting_mails() == 3


async def test_throw_away_addresses_are_refused_unless_a_setting_allows_them(sqlite: Database) -> None:
    for allowed, status in ((False, 422), (True, 202)):
        async with running([service], sqlite, newsletter_disposable=allowed) as kit:
            desk = Desk(kit)
            for address in ("x@mailinator.com", "x@sub.Mailinator.com"):
                answer = await desk.sign_up(address)
                assert answer.status == status
                assert allowed or answer.json()["fields"][0]["message"].startswith("Das ist eine Wegwerf-Adresse")
            assert (await desk.sign_up("x@notmailinator.com.example.org")).status == 202


async def test_sign_ups_at_the_same_moment_make_one_subscriber_and_one_mail(desk: Desk) -> None:
    async def sign_up() -> Any:
        return await desk.sign_up("anna@example.org")

    answers = await together(*[sign_up] * 8)
    assert [answer.status for answer in answers] == [202] * 8
    assert (await Subscriber.all().count(), await waiting_mails()) == (1, 1)


async def test_who_is_subscribed_already_gets_a_link_to_the_preferences_and_nothing_changes(desk: Desk) -> None:
    await desk.subscribe("anna@example.org", districts=["landkreis-harz"])
    await let_time_pass(days=2)
    await desk.sign_up("anna@example.org", districts=["sachsen"], language="en")
    await desk.job("send_service_mails")
    mail = await desk.mail_to("anna@example.org")
    assert mail.subject == "Sie bekommen den Newsletter schon"
    assert list(tokens(mail)) == ["einstellungen"]
    shown = await desk.post("/subscriptions/preferences", {"token": tokens(mail)["einstellungen"]})
    assert shown.json()["districts"] == ["landkreis-harz"]


async def test_before_confirming_the_last_choice_counts(desk: Desk) -> None:
    await desk.sign_up("anna@example.org", districts=["landkreis-harz"])
    shown = await desk.subscribe("anna@example.org", districts=["sachsen"], language="en")
    assert (shown["districts"], shown["language"]) == (["sachsen"], "en")


async def test_a_confirmation_works_twice_and_counts_once(desk: Desk) -> None:
    await desk.subscribe("anna@example.org")
    token = tokens(await desk.mail_to("anna@example.org"))["bestaetigen"]
    assert (await desk.post("/subscriptions/confirm", {"token": token})).status == 200
    assert await ledger() == ["asked form", "mailed mail", "confirmed link-and-button"]


async def test_links_do_nothing_when_they_are_only_opened(desk: Desk) -> None:
    shown = await desk.subscribe("anna@example.org")
    before = [await ledger(), await Subscriber.all().values()]
    for path in (
        "/subscriptions",
        "/subscriptions/confirm",
        "/subscriptions/preferences",
        "/subscriptions/unsubscribe",
        f"/one-click/{shown['unsubscribe_token']}",
    ):
        for method in ("GET", "HEAD"):
            answer = await desk.kit.request("newsletter", method, path, query={"token": shown["unsubscribe_token"]})
            assert answer.status == 405
    assert [await ledger(), await Subscriber.all().values()] == before


async def test_preferences_add_and_remove_at_once(desk: Desk) -> None:
    shown = await desk.subscribe("anna@example.org", districts=["landkreis-harz"], topics=["handwerk"])
    wish = {"districts": ["stadt-magdeburg", "sachsen"], "topics": [], "language": "en"}
    changed = await desk.put("/subscriptions/preferences", {"token": shown["preferences_token"], **wish})
    assert changed.status == 200
    assert changed.json()["preferences_token"] == shown["preferences_token"], "looking does not renew it"
    again = await desk.post("/subscriptions/preferences", {"token": changed.json()["preferences_token"]})
    assert {name: again.json()[name] for name in wish} == wish
    assert (await ledger())[-1] == "changed page"


async def test_a_choice_that_does_not_exist_is_refused_and_the_old_one_stays(desk: Desk) -> None:
    shown = await desk.subscribe("anna@example.org", districts=["landkreis-harz"])
    wish = {"token": shown["preferences_token"], "districts": ["atlantis"], "topics": ["nothing"]}
    answer = await desk.put("/subscriptions/preferences", wish)
    assert answer.status == 422
    assert [field["field"] for field in answer.json()["fields"]] == ["districts", "topics"]
    assert [row.districts for row in await Subscriber.all()] == [["landkreis-harz"]]


async def test_before_confirming_there_are_no_preferences(desk: Desk) -> None:
    await desk.sign_up("anna@example.org")
    subscriber = await Subscriber.get()
    token = token_for(Purpose.PREFERENCES, subscriber.id)
    assert (await desk.put("/subscriptions/preferences", {"token": token})).status == 404
    assert (await desk.post("/subscriptions/preferences", {"token": token})).status == 404


async def test_a_mail_that_nobody_wants_any_more_is_not_sent(desk: Desk) -> None:
    await desk.sign_up("anna@example.org")
    await desk.sign_up("berta@example.org")
    anna = await Subscriber.get(address="anna@example.org")
    assert (await desk.post("/subscriptions/confirm", {"token": token_for(Purpose.CONFIRM, anna.id)})).status == 200
    await Subscriber.filter(address="berta@example.org").delete()
    await desk.job("send_service_mails")
    assert await desk.mails() == []
    assert {row.status for row in await ServiceMail.all()} == {"suppressed"}


def test_outside_its_process_the_newsletter_says_what_is_missing() -> None:
    with pytest.raises(RuntimeError, match="not hosted here"):
        current()


async def test_leaving_deletes_the_address_and_keeps_only_a_keyed_hash(desk: Desk) -> None:
    shown = await desk.subscribe("anna@example.org")
    for _ in range(2):
        answer = await desk.post("/subscriptions/unsubscribe", {"token": shown["unsubscribe_token"]})
        assert answer.status == 200
    assert await Subscriber.all().count() == 0
    [suppression] = await Suppression.all()
    assert "anna" not in str(suppression.__dict__)
    assert (await ledger())[-1] == "unsubscribed page"
    gone = await desk.post("/subscriptions/preferences", {"token": shown["preferences_token"]})
    assert gone.status == 404
    confirmation = tokens(await desk.mail_to("anna@example.org"))["bestaetigen"]
    assert (await desk.post("/subscriptions/confirm", {"token": confirmation})).status == 404


async def test_only_the_person_can_come_back(desk: Desk) -> None:
    first = await desk.subscribe("anna@example.org")
    await desk.post("/subscriptions/unsubscribe", {"token": first["unsubscribe_token"]})
    await desk.sign_up("Anna@example.org")
    assert await Suppression.all().count() == 1
    await desk.subscribe("Anna@example.org")
    assert await Suppression.all().count() == 0


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        (
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (b"{}", "application/json"),
        (b"", "application/octet-stream"),
    ],
)
async def test_one_click_takes_whatever_mail_programs_post(one_desk: Desk, content: bytes, kind: str) -> None:
    shown = await one_desk.subscribe("anna@example.org")
    path = f"/one-click/{shown['unsubscribe_token']}"
    for _ in range(2):
        answer = await one_desk.post(path, content=content, headers={"content-type": kind})
        assert answer.status == 200
        assert "set-cookie" not in answer.headers
    assert await Subscriber.all().count() == 0
    assert (await ledger())[-1] == "unsubscribed one-click"


async def test_a_token_does_what_it_was_made_for_and_nothing_else(desk: Desk) -> None:
    shown = await desk.subscribe("anna@example.org", districts=["sachsen"])
    confirm = tokens(await desk.mail_to("anna@example.org"))["bestaetigen"]
    preferences, unsubscribe = shown["preferences_token"], shown["unsubscribe_token"]
    wrong = [
        ("POST", "/subscriptions/confirm", [preferences, unsubscribe]),
        ("POST", "/subscriptions/preferences", [confirm, unsubscribe]),
        ("PUT", "/subscriptions/preferences", [confirm, unsubscribe]),
        ("POST", "/subscriptions/unsubscribe", [confirm, preferences]),
    ]
    for method, path, others in wrong:
        for token in others:
            answer = await desk.kit.request("newsletter", method, path, body={"token": token})
            assert answer.status == 422, (path, answer.content)
            assert answer.json()["fields"][0]["field"] == "token"
    for token in (confirm, preferences):
        assert (await desk.post(f"/one-click/{token}")).status == 422
    assert [row.districts for row in await Subscriber.filter(status="active")] == [["sachsen"]]


async def test_a_forwarded_mail_tells_nobody_the_address_and_gives_no_more_than_the_newsletter(desk: Desk) -> None:
    await desk.subscribe("anna.secret@example.org")
    issue = await desk.draft()
    await desk.change(issue, {"sections": [{"kind": "editorial", "text": {"de": "Guten Tag", "en": "Hello"}}]})
    await desk.dispatch(issue)
    found = tokens(await desk.mail_to("anna.secret@example.org"))
    assert set(found) == {"einstellungen", "abmelden"}
    shown = await desk.post("/subscriptions/preferences", {"token": found["einstellungen"]})
    assert b"secret" not in shown.content
    assert (await desk.post("/subscriptions/confirm", {"token": found["abmelden"]})).status == 422


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1], lambda token: "_" + token[1:], lambda token: token + "AAAA"]
)
async def test_a_changed_token_is_refused(one_desk: Desk, change: Any) -> None:
    shown = await one_desk.subscribe("anna@example.org")
    token = change(shown["unsubscribe_token"])
    assert (await one_desk.post("/subscriptions/unsubscribe", {"token": token})).status == 422
    assert await Subscriber.all().count() == 1


@pytest.mark.parametrize("token", ["x", "ä" * 20, "a" * 300, "=" * 8, "%00", "../../etc"])
async def test_what_is_no_token_is_refused(one_desk: Desk, token: str) -> None:
    assert (await one_desk.post("/subscriptions/confirm", {"token": token})).status == 422


async def test_what_nobody_confirms_is_deleted_after_a_week_with_everything_about_it(desk: Desk) -> None:
    await desk.subscribe("stays@example.org")
    await desk.sign_up("goes@example.org")
    await let_time_pass(days=6)
    await desk.job("forget_unconfirmed")
    assert await Subscriber.all().count() == 2
    await let_time_pass(days=2)
    await desk.job("forget_unconfirmed")
    assert [row.address for row in await Subscriber.all()] == ["stays@example.org"]
    assert len(await ledger()) == 3
    assert await waiting_mails() == 1


async def test_an_old_confirmation_link_says_that_it_is_old(desk: Desk) -> None:
    await desk.sign_up("anna@example.org")
    subscriber = await Subscriber.get()
    then = datetime.now(UTC) - timedelta(days=8)
    token = make_token(current().key(Purpose.CONFIRM), subscriber.id, then)
    answer = await desk.post("/subscriptions/confirm", {"token": token}, language="en")
    assert answer.status == 422
    assert "expired" in answer.json()["title"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "anna@",
        "@example.org",
        "anna@example",
        "a@b@example.org",
        "anna@example.org\r\nBcc: other@example.org",
        "anna@example.org, other@example.org",
        "Anna <anna@example.org>",
        "anna @example.org",
        "än@example.org",
        "a" * 65 + "@example.org",
        "anna@" + "x" * 64 + ".org",
        "anna@exa_mple.org",
        "anna@[127.0.0.1]",
        "=?utf-8?q?anna?=@example.org",
    ],
)
async def test_what_is_no_address_is_refused_at_its_field(one_desk: Desk, address: str) -> None:
    answer = await one_desk.sign_up(address)
    assert answer.status == 422
    assert [field["field"] for field in answer.json()["fields"]] == ["email"]
    assert await Subscriber.all().count() == 0


async def test_domains_with_umlauts_get_mail_and_are_the_same_in_both_spellings(desk: Desk) -> None:
    await desk.sign_up("anna@bücher.example.org")
    await desk.sign_up("anna@xn--bcher-kva.example.org")
    assert await waiting_mails() == 1
    await desk.job("send_service_mails")
    [mail] = await desk.mails()
    assert mail.recipient == "anna@xn--bcher-kva.example.org"


async def test_an_address_that_cannot_be_written_holds_nobody_else_up(desk: Desk) -> None:
    await desk.sign_up("first@example.org")
    await Subscriber.filter(status="pending").update(address="=?utf-8?q?x?=@example.org")
    await desk.sign_up("second@example.org")
    await desk.job("send_service_mails")
    assert [mail.recipient for mail in await desk.mails()] == ["second@example.org"]
    assert sorted(mail.status for mail in await ServiceMail.all()) == ["failed", "sent"]


async def test_all_wrong_fields_are_named_at_once(desk: Desk) -> None:
    answer = await desk.sign_up("nobody", districts=["atlantis", "sachsen"], topics=["x"])
    assert answer.status == 422
    assert [field["field"] for field in answer.json()["fields"]] == ["email", "districts", "topics"]
    assert "atlantis" in answer.json()["fields"][1]["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": 5}, "email"),
        ({"email": "a@example.org", "language": "fr"}, "language"),
        ({"email": "a@example.org", "districts": "sachsen"}, "districts"),
        ({"email": "a@example.org", "districts": ["x"] * 61}, "districts"),
        ({"email": "a@example.org", "admin": True}, "admin"),
        ({"email": "a@example.org", "form": "/newsletter\n"}, "form"),
        ({"email": "a@example.org", "form": "x\r\nBcc: b@example.org"}, "form"),
        ({"email": "a@example.org", "frequency": "hourly"}, "frequency"),
    ],
)
async def test_wrong_forms_are_refused_at_their_field(one_desk: Desk, body: dict[str, Any], field: str) -> None:
    answer = await one_desk.post("/subscriptions", body)
    assert answer.status == 422
    assert answer.json()["fields"][0]["field"].startswith(field)
