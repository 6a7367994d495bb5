"""Notices: whom it concerns is told once, as often as they chose, in their language, and ends it with one click."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date

from infra.contracts.forum import ForumNoticeWanted, TopicChanged, TopicRemoved
from infra.contracts.newsletter import NewsletterNoticeWanted
from infra.contracts.notices import ARTICLE_WAITING, ISSUE_SENT, ISSUE_WAITING, KINDS, TOPIC_REPLY, NoticeWanted
from infra.db import transaction
from infra.ids import new_id
from infra.mail.posting.commands import claim
from services.contacts.accounts.commands import create_account
from services.contacts.accounts.models import Account
from services.contacts.notices import domain
from services.contacts.notices.models import Notice, NoticeMail
from services.contacts.notices.queries import stop_token
from services.contacts.notices.sending import gather_due
from services.contacts.notices.wording import WORDS
from services.contacts.service import service
from tests.infra.mail.reading import Lint, body, messages
from tests.kit import identity, together
from tests.services.contacts.world import NORTH, Contacts

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


async def account(name: str = "nora", *roles: str, confirmed: bool = True, **values: Any) -> Account:
    async with transaction("contacts") as tx:
        made = await create_account(
            tx,
            email=f"{name}@example.org",
            name=name,
            password_hash="x",
            roles=roles or ("member",),
            networks=values.pop("networks", ()),
            confirmed=confirmed,
        )
    if values:
        await Account.filter(id=made.id).update(**values)
    return made


def reply(*people: Account, topic: str = "t1", version: int = 2, **values: Any) -> ForumNoticeWanted:
    """What the forum asks for when somebody answers in a topic."""
    given: dict[str, Any] = {
        "kind": TOPIC_REPLY,
        "accounts": [str(each.id) for each in people],
        "path": "/forum/themen/t1",
        "words": {"title": "Sprachcafé"},
        **values,
    }
    return ForumNoticeWanted(id=topic, version=version, **given)


def waiting(**values: Any) -> NewsletterNoticeWanted:
    """What the newsletter asks for when an issue is submitted."""
    given: Mapping[str, Any] = {
        "id": "i1",
        "version": 3,
        "kind": ISSUE_WAITING,
        "role": "publisher",
        "path": "/redaktion/ausgaben/4-2026",
        "words": {"title": "Winter", "title_en": "Winter (en)"},
        **values,
    }
    return NewsletterNoticeWanted(**given)


async def tell(contacts: Contacts, *wishes: NoticeWanted, time: str = "") -> None:
    for wanted in wishes:
        await contacts.kit.deliver("contacts", wanted, time=time)


async def read(contacts: Contacts, after: timedelta = timedelta()) -> list[EmailMessage]:
    """Let time pass for what waits, let the worker send it, and read all mails, oldest first."""
    if after:
        for row in await Notice.all():
            row.due_at = row.due_at and row.due_at - after
            row.mailed_at = row.mailed_at and row.mailed_at - after
            await row.save(update_fields=["due_at", "mailed_at"])
    await service.jobs.run("find_due_notices")
    return messages(contacts.kit.settings)


def subjects(mails: list[EmailMessage]) -> list[str]:
    return [str(mail["Subject"]) for mail in mails]


def choosing(person: Account, *roles: str) -> dict[str, Any]:
    return {"who": identity(str(person.id), *roles)}


@pytest.mark.parametrize("language", ["de", "en"])
async def test_those_with_the_role_are_told_in_their_language_but_not_whose_doing_it_is(
    empty: Contacts, language: str
) -> None:
    paula = await account("paula", "publisher", language=language)
    author = await account("author", "publisher")
    await account("editor", "editor")
    await tell(empty, waiting(but=[str(author.id)]))
    [mail] = await read(empty)
    prefix, line = (
        ("/en", "Waits for approval: Winter (en)") if language == "en" else ("", "Wartet auf Freigabe: Winter")
    )
    assert (mail["To"], mail["Content-Language"], mail["Subject"]) == ("paula@example.org", language, line)
    page, text = Lint(body(mail, "html")), body(mail, "plain")
    assert page.problems(language) == []
    assert f"http://lotse.test{prefix}/redaktion/ausgaben/4-2026" in text
    assert all(target in text for target, _ in page.links)
    assert "Name des Trägers" in text
    assert (mail["List-Unsubscribe-Post"], mail["Auto-Submitted"]) == ("List-Unsubscribe=One-Click", "auto-generated")

    stop = str(mail["List-Unsubscribe"]).strip("<>")
    assert stop.startswith(f"http://lotse.test{prefix}/konto/mitteilungen/abstellen/issue-waiting.")
    answer = await empty.kit.post(
        "contacts",
        f"/notices/one-click/{stop.rpartition('/')[2]}",
        content=b"List-Unsubscribe=One-Click",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert (answer.status, answer.json()["kind"]) == (200, ISSUE_WAITING)
    await tell(empty, waiting(version=4), waiting(id="i2", kind=ISSUE_SENT, accounts=[str(paula.id)], role=""))
    told = [(mail["To"], mail["Subject"]) for mail in await read(empty, HOUR)][1:]
    assert sorted(told) == [
        ("author@example.org", "Wartet auf Freigabe: Winter"),
        ("paula@example.org", "Sent: Winter (en)" if language == "en" else "Versandt: Winter"),
    ], "only this kind, only this person"


async def test_a_network_s_coordinators_are_told_and_without_a_publisher_the_administrators(empty: Contacts) -> None:
    await account("nord", "coordinator", networks=[NORTH])
    await account("mitglied", "member", networks=[NORTH])
    await account("verwaltung", "admin")
    await tell(empty, reply(network=NORTH), waiting())
    assert {str(mail["To"]) for mail in await read(empty)} == {"nord@example.org", "verwaltung@example.org"}


async def test_what_is_told_twice_or_late_is_mailed_once(empty: Contacts) -> None:
    nora = await account()

    async def first() -> None:
        await tell(empty, reply(nora))

    assert await together(first, first, first) == [None] * 3
    await tell(empty, reply(nora, version=1))
    mails = await read(empty)
    assert subjects(mails) == ["Neue Antwort: Sprachcafé"]
    week = datetime.now(UTC) - timedelta(days=8)
    await tell(empty, reply(nora, version=9), time=week.isoformat())
    await tell(empty, reply(nora, version=9, kind="of-a-newer-program"))
    assert len(await read(empty, HOUR)) == 1


async def test_repeats_about_one_thing_come_together_once_an_hour(empty: Contacts) -> None:
    nora = await account()
    await tell(empty, reply(nora, version=2), reply(nora, version=3))
    assert subjects(await read(empty)) == ["2 neue Antworten: Sprachcafé"]
    await tell(empty, *(reply(nora, version=number) for number in (4, 5, 6)), reply(nora, topic="t2"))
    assert subjects(await read(empty))[1:] == ["Neue Antwort: Sprachcafé"], "of another topic at once"
    assert subjects(await read(empty, HOUR))[2:] == ["3 neue Antworten: Sprachcafé"]


async def test_a_repeat_joins_the_mail_that_waits_but_not_the_one_in_hand(empty: Contacts) -> None:
    nora = await account()
    await tell(empty, reply(nora, version=2))
    await service.jobs.run("send_notices")
    await NoticeMail.filter().update(status="waiting", next_at=datetime.now(UTC) + HOUR)  # the server was away
    await tell(empty, reply(nora, version=3))
    assert await NoticeMail.all().count() == 1
    await NoticeMail.filter().update(next_at=datetime.now(UTC))
    batch = await claim("contacts", NoticeMail, datetime.now(UTC))
    await tell(empty, reply(nora, version=4))
    assert len(batch.rows) == 1
    [row] = await Notice.all()
    assert (row.mail_id, row.times) == (None, 1), "what a worker has in hand may be sent already"


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 11, 22, 6, 59, tzinfo=BERLIN), datetime(2026, 11, 22, 7, tzinfo=BERLIN)),
        (datetime(2026, 11, 22, 7, 0, tzinfo=BERLIN), datetime(2026, 11, 23, 7, tzinfo=BERLIN)),
        (datetime(2026, 3, 28, 12, tzinfo=BERLIN), datetime(2026, 3, 29, 5, tzinfo=UTC)),  # summer begins that night
    ],
)
def test_the_digest_comes_at_seven_in_berlin(now: datetime, then: datetime) -> None:
    assert domain.next_digest(now.astimezone(UTC)) == then


async def test_the_digest_gathers_a_day_by_kind_and_ends_as_a_whole(empty: Contacts) -> None:
    nora = await account("nora", "editor", "publisher")
    choice = {"rhythms": {TOPIC_REPLY: "daily", ISSUE_WAITING: "daily"}}
    answer = await empty.patch("/me/notices", choice, **choosing(nora, "editor"))
    assert answer.status == 200
    await tell(empty, reply(nora), reply(nora, topic="t2"), waiting(), waiting(id="a", kind=ARTICLE_WAITING))
    await tell(empty, waiting(id="i3", kind=ISSUE_SENT))
    assert subjects(await read(empty)) == ["Versandt: Winter"], "the rest waits for the morning"
    digest = (await read(empty, timedelta(days=1)))[1]
    assert digest["Subject"] == "Ihr Tagesüberblick: 4 Mitteilungen"
    page = Lint(body(digest, "html"))
    assert (page.problems("de"), page.headings) == ([], [1, 2, 2, 2, 2]), "a heading for each kind, and the imprint"
    token = str(digest["List-Unsubscribe"]).strip("<>").rpartition("/")[2]
    assert (await empty.post("/notices/stop", {"token": token})).json()["kind"] == "digest"
    kinds = {item["kind"]: item["rhythm"] for item in (await _own(empty, nora, "editor", "publisher"))["kinds"]}
    assert [kinds[kind] for kind in (TOPIC_REPLY, ARTICLE_WAITING, ISSUE_SENT)] == ["off", "off", "now"]
    await tell(empty, reply(nora, version=9))
    assert len(await read(empty, timedelta(days=2))) == 2


async def test_everybody_sees_and_chooses_what_can_concern_them(small: Contacts) -> None:
    nora = await account("nora", "coordinator", networks=[NORTH])
    seen = await _own(small, nora, "coordinator")
    assert [item["kind"] for item in seen["kinds"]] == ["topic-reply", "offer-expiring", "offer-expired"]
    everything = await _own(small, nora, "admin")
    assert [item["kind"] for item in everything["kinds"]] == list(KINDS) == list(WORDS) == list(domain.KINDS)
    changed = await small.patch("/me/notices", {"language": "en"}, **choosing(nora))
    assert (changed.json()["language"], changed.json()["email"]) == ("en", "nora@example.org")
    wrong = await small.patch("/me/notices", {"rhythms": {"weather": "now"}}, **choosing(nora))
    assert (wrong.status, wrong.json()["fields"][0]["field"]) == (422, "rhythms.weather")
    for reached in (await small.get("/me/notices"), await small.patch("/me/notices", {}, identity(""))):
        assert reached.status == 401
    assert (await small.get("/me/notices", identity(str(new_id())))).status == 401


async def test_nobody_is_mailed_who_is_not_reached_or_wants_nothing(empty: Contacts) -> None:
    people = [
        await account("closed", active=False),
        await account("unconfirmed", confirmed=False),
        await account("bounced", mail_trouble="bounced"),
        await account("quiet"),
        await account("late"),
        await account("gone"),
    ]
    await empty.patch("/me/notices", {"rhythms": {TOPIC_REPLY: "off"}}, **choosing(people[3]))
    await tell(empty, reply(*people, accounts=[*(str(each.id) for each in people), "nobody", str(new_id())]))
    assert {row.account_id for row in await Notice.all()} == {people[4].id, people[5].id}
    await gather_due()
    await empty.patch("/me/notices", {"rhythms": {TOPIC_REPLY: "off"}}, **choosing(people[4]))
    await Account.filter(id=people[5].id).update(active=False)
    assert await read(empty) == []
    assert {row.status for row in await NoticeMail.all()} == {"suppressed"}


async def test_a_title_that_only_some_may_read_by_now_is_not_mailed(empty: Contacts) -> None:
    nora, topic = await account(), str(new_id())
    for visible in ("public", "a-space"):
        await tell(empty, reply(nora, topic=topic, version=2 if visible == "public" else 3))
        changed = TopicChanged(id=topic, version=3, slug="sprachcafe", title="Sprachcafé", visible_to=visible)
        await empty.kit.deliver("contacts", changed)
    [mail] = await read(empty)
    assert mail["Subject"] == "Es gibt Neues in einem Thema Ihres Netzwerks"
    assert "Sprachcafé" not in mail.as_string()
    assert f"/forum/themen/{topic}\n" in body(mail, "plain")
    await tell(empty, reply(nora, topic=topic, version=4))
    await empty.kit.deliver("contacts", TopicRemoved(id=topic, version=5, slug="sprachcafe"))
    assert len(await read(empty, HOUR)) == 1


async def test_titles_stay_words_and_paths_stay_here(small: Contacts) -> None:
    nora = await account()
    hostile = "<script>&\"' =?utf-8?q?a=0d=0aBcc?= \r\nBcc: eve@example.org {times} " + "x" * 500
    await tell(small, reply(nora, words={"title": hostile}, path="//evil.example/x"))
    [mail] = await read(small)
    page = Lint(body(mail, "html"))
    assert (page.problems("de"), mail["Bcc"]) == ([], None)
    assert "http://lotse.test/" in [target for target, _ in page.links]
    assert "evil.example" not in mail.as_string()


async def test_a_title_in_another_language_says_so(small: Contacts) -> None:
    nora = await account(language="en")
    await tell(small, reply(nora))
    [mail] = await read(small)
    page = body(mail, "html")
    assert mail["Subject"] == "New reply: Sprachcafé"
    assert re.search(r'<span lang="de"[^>]*>Sprachcafé</span>', page)
    assert Lint(page).problems("en") == []


async def test_a_token_ends_one_kind_of_one_person_and_opens_nothing(small: Contacts) -> None:
    nora = await account()
    token = stop_token(nora.id, TOPIC_REPLY)
    swapped = f"{ISSUE_SENT}.{token.partition('.')[2]}"
    for wrong in (token[:-2], swapped, "x", f"weather.{token}", stop_token(nora.id, "weather")):
        answer = await small.post("/notices/stop", {"token": wrong})
        assert (answer.status, answer.json()["fields"][0]["field"]) == (422, "token"), wrong
    for path in ("/notices/stop", f"/notices/one-click/{token}"):
        assert (await small.get(path)).status == 405, "only opening a link changes nothing"
    assert (await small.post("/notices/stop", {"token": stop_token(new_id(), TOPIC_REPLY)})).status == 200
    said = await small.post("/notices/stop", {"token": token})
    assert said.json() == {"kind": TOPIC_REPLY, "message": "Sie bekommen keine E-Mails mehr zu „Forum: Antworten“."}


async def test_a_killed_worker_leaves_out_nobody_and_old_rows_go(empty: Contacts) -> None:
    people = [await account(f"r{number}") for number in range(3)]
    await tell(empty, reply(*people))
    await gather_due()
    assert len((await claim("contacts", NoticeMail, datetime.now(UTC), 2)).rows) == 2  # and then the worker is gone
    assert len(await read(empty)) == 1
    await NoticeMail.filter(status="claimed").update(lease_until=datetime.now(UTC) - timedelta(days=1))
    assert {str(mail["To"]) for mail in await read(empty)} == {f"r{number}@example.org" for number in range(3)}
    month = datetime.now(UTC) - timedelta(days=31)
    await Notice.filter().update(changed_at=month)
    await NoticeMail.filter().update(changed_at=month)
    await tell(empty, reply(people[0], topic="t9"))
    await service.jobs.run("forget_notices")
    assert (await Notice.all().count(), await NoticeMail.all().count()) == (1, 0)


async def test_workers_that_gather_at_once_make_one_mail_of_each_notice(empty: Contacts) -> None:
    people = [await account(f"r{number}") for number in range(4)]
    await tell(empty, reply(*people))

    async def repeat() -> None:
        await tell(empty, reply(*people, version=3))

    assert await together(gather_due, repeat, gather_due, gather_due) == [None] * 4
    mails = await read(empty, HOUR)
    times = {"Neue Antwort: Sprachcafé": 1, "2 neue Antworten: Sprachcafé": 2}
    for person in people:
        told = [times[str(mail["Subject"])] for mail in mails if mail["To"] == person.email]
        assert sum(told) == 2, "nothing is lost and nothing is told twice"


async def test_no_address_is_kept_beside_the_account_and_alerts_of_others_wait_elsewhere(small: Contacts) -> None:
    nora = await account()
    await tell(small, reply(nora))
    await read(small)
    rows = [*await Notice.all().values(), *await NoticeMail.all().values()]
    assert "nora@" not in str([rows, await small.kit.recorded("contacts")])
    assert isinstance(rows[0]["account_id"], UUID)


async def _own(contacts: Contacts, person: Account, *roles: str) -> dict[str, Any]:
    answer = await contacts.get("/me/notices", identity(str(person.id), *roles))
    assert answer.status == 200, answer.content
    return dict(answer.json())


async def test_coordinators_hear_once_that_an_offer_ends_and_that_it_has_ended(contacts: Contacts) -> None:
    await account("nord", "coordinator", networks=[NORTH])
    await account("ost", "coordinator", networks=["netz-ost"])
    today = datetime.now(UTC).date()
    soon, over = today + timedelta(days=10), today - timedelta(days=2)
    offer = await contacts.offer(title="Kurs Pflege", title_en="Nursing course", valid_to=soon.isoformat())
    await contacts.offer(title="Kurs Holz", valid_to=over.isoformat())
    await contacts.offer(title="Kurs Metall", valid_to=(today + timedelta(days=15)).isoformat())
    await contacts.offer(title="Kurs Text", valid_to=soon.isoformat(), publish=False)
    for _time in range(2):
        await service.jobs.run("remind_of_offers")
    [mail] = await read(contacts, timedelta(days=1))
    lines = [text for target, text in Lint(body(mail, "html")).links if "/angebote/" in target]
    ends, ended = (format_date(day, "long", locale="de_DE") for day in (soon, over))
    assert (mail["To"], mail["Subject"]) == ("nord@example.org", "Ihr Tagesüberblick: 2 Mitteilungen")
    assert lines == [f"Endet am {ends}: Kurs Pflege", f"Abgelaufen am {ended}: Kurs Holz"]

    longer = {"valid_to": (soon + timedelta(days=2)).isoformat()}
    changed = await contacts.patch(f"/offers/{offer['slug']}", longer, if_match=f'"{offer["version"]}"')
    assert changed.status == 200, changed.content
    await service.jobs.run("remind_of_offers")
    assert len(await read(contacts, timedelta(days=1))) == 2, "another end is told as well"
