"""Alerts of accounts: the holder alone gets them, once each, and can stop them from the mail without signing in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from infra.contracts.contacts import AccountAlertStopped
from infra.contracts.search import AlertDue, AlertHit
from infra.db import transaction
from infra.ids import new_id
from infra.mail import Mail
from infra.mail.posting.commands import claim, post
from infra.mail.stationery import MAX_HTML_BYTES
from services.contacts.accounts.commands import create_account
from services.contacts.accounts.models import Account
from services.contacts.alerts.mails import mail_of
from services.contacts.alerts.models import AccountAlert, AlertMail
from services.contacts.alerts.queries import stop_token
from services.contacts.context import current
from services.contacts.service import service
from tests.infra.mail.reading import Lint, body, messages
from tests.kit import together
from tests.services.contacts.world import Contacts

STOP = "http://lotse.test/konto/meldung/stoppen/"


async def account(email: str = "nora@example.org") -> Account:
    async with transaction("contacts") as tx:
        return await create_account(tx, email=email, name="Nora Nord", password_hash="x", roles=["member"])


def due(holder: Account, search: Any, version: int = 1, **values: Any) -> AlertDue:
    """What search tells about a saved search of an account."""
    hits = [AlertHit(kind="offer", slug="kurs", title="Kurs", title_en="Course", region_name="Aadorf")]
    given = {"hits": hits, "total": 1, "frequency": "daily", "since": "2026-11-21T05:00:00+00:00", **values}
    return AlertDue(**{"id": str(search), "version": version, "recipient": f"account:{holder.id}", **given})


async def tell(contacts: Contacts, said: AlertDue, time: str = "") -> None:
    await contacts.kit.deliver("contacts", said, time=time)


async def read(contacts: Contacts) -> list[EmailMessage]:
    """Let the worker send what waits, and read all mails, oldest first."""
    await service.jobs.run("send_alerts")
    return messages(contacts.kit.settings)


async def statuses() -> list[str]:
    return sorted(str(status) for status in await AlertMail.all().values_list("status", flat=True))


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_holder_gets_what_is_new_and_can_stop_it_with_one_click(empty: Contacts, language: str) -> None:
    nora, search = await account(), new_id()
    await tell(empty, due(nora, search, language=language))
    [mail] = await read(empty)
    prefix, title = ("/en", "Course") if language == "en" else ("", "Kurs")
    stop = mail["List-Unsubscribe"].strip("<>")
    assert (mail["To"], mail["Content-Language"]) == ("nora@example.org", language)
    assert stop.startswith(STOP.replace("/konto", f"{prefix}/konto"))
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    page, text = Lint(body(mail, "html")), body(mail, "plain")
    assert page.problems(language) == []
    assert (f"http://lotse.test{prefix}/angebote/kurs", title) in page.links
    assert f"http://lotse.test{prefix}/konto/suchen/{search}" in text
    assert "Name des Trägers" in text
    assert all(target in text for target, _ in page.links)

    answer = await empty.kit.post(
        "contacts",
        f"/alerts/one-click/{stop.rpartition('/')[2]}",
        content=b"List-Unsubscribe=One-Click",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert (answer.status, "set-cookie" in answer.headers) == (200, False)
    stopped = AccountAlertStopped(id=str(search), version=1, account=str(nora.id))
    assert await empty.kit.recorded("contacts", AccountAlertStopped) == [stopped]


async def test_stopping_counts_each_time_since_it_may_be_on_again(empty: Contacts) -> None:
    nora, search = await account(), new_id()
    await tell(empty, due(nora, search))
    body_ = {"token": stop_token(search)}

    async def stop() -> Any:
        return await empty.post("/alerts/stop", body_)

    answers = await together(stop, stop, stop)
    assert [answer.status for answer in answers] == [200] * 3
    told = await empty.kit.recorded("contacts", AccountAlertStopped)
    assert [event.version for event in told] == [1, 2, 3]
    assert await read(empty) == [], "what was told before is not sent any more"
    await tell(empty, due(nora, search, 2))
    assert len(await read(empty)) == 1, "switched on again"


async def test_nothing_goes_out_that_was_told_before_the_stop_and_comes_after_it(empty: Contacts) -> None:
    nora, search = await account(), new_id()
    await tell(empty, due(nora, search))
    before = datetime.now(UTC).isoformat()
    await empty.post("/alerts/stop", {"token": stop_token(search)})
    await tell(empty, due(nora, search, 2), before)
    assert await read(empty) == []


async def test_who_stops_while_mails_go_out_gets_no_further_one(empty: Contacts) -> None:
    nora, search = await account(), new_id()
    for version in (1, 2, 3):
        await tell(empty, due(nora, search, version))
    batch = await claim("contacts", AlertMail, datetime.now(UTC))

    async def stopped_in_hand(mail: AlertMail) -> Mail | None:
        made = await mail_of(mail)
        await empty.post("/alerts/stop", {"token": stop_token(search)})
        return made

    await post(batch, current().mailer, stopped_in_hand)
    assert len(await read(empty)) == 1
    assert await statuses() == ["sent", "suppressed", "suppressed"]


async def test_a_thing_told_twice_is_mailed_once_and_an_older_one_not_at_all(empty: Contacts) -> None:
    nora, search = await account(), new_id()

    async def first() -> None:
        await tell(empty, due(nora, search, 2))

    assert await together(first, first, first) == [None] * 3
    for version in (2, 1, 3):
        await tell(empty, due(nora, search, version))
    mails = await read(empty)
    assert len({mail["Message-ID"] for mail in mails}) == len(mails) == 2


async def test_a_closed_account_gets_nothing(empty: Contacts) -> None:
    nora, search = await account(), new_id()
    await tell(empty, due(nora, search))
    await Account.filter(id=nora.id).update(active=False)
    await tell(empty, due(nora, search, 2))
    await tell(empty, due(nora, new_id()))
    assert await read(empty) == []
    assert await statuses() == ["suppressed"]


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": "subscription:{id}"},
        {"recipient": "account:{other}"},
        {"recipient": "account:nora"},
        {"id": "no-id"},
        {"hits": []},
    ],
)
async def test_what_is_for_nobody_here_causes_no_mail(small: Contacts, change: dict[str, Any]) -> None:
    nora = await account()
    said = {**due(nora, new_id()).__dict__, **change}
    said["recipient"] = said["recipient"].format(id=nora.id, other=new_id())
    await tell(small, AlertDue(**said))
    assert await read(small) == []
    assert await AccountAlert.all().count() == 0


async def test_old_news_from_a_log_that_is_replayed_are_not_mailed(small: Contacts) -> None:
    then = datetime.now(UTC) - timedelta(days=8)
    await tell(small, due(await account(), new_id()), then.isoformat())
    assert await read(small) == []


async def test_a_killed_worker_leaves_out_nobody_and_old_rows_go(empty: Contacts) -> None:
    for number in range(3):
        await tell(empty, due(await account(f"r{number}@example.org"), new_id()))
    assert len((await claim("contacts", AlertMail, datetime.now(UTC), 2)).rows) == 2  # and then the worker is gone
    await service.jobs.run("find_due_alerts")
    assert await statuses() == ["claimed", "claimed", "sent"]
    await AlertMail.filter(status="claimed").update(lease_until=datetime.now(UTC) - timedelta(days=1))
    await service.jobs.run("find_due_alerts")
    assert sorted(mail["To"] for mail in await read(empty)) == [f"r{number}@example.org" for number in range(3)]
    month = datetime.now(UTC) - timedelta(days=31)
    await tell(empty, due(await account(), new_id()))
    await AlertMail.filter().update(changed_at=month)
    await service.jobs.run("forget_alert_mails")
    assert await statuses() == ["waiting"], "what still waits is kept however old"


async def test_the_token_stops_one_search_and_opens_nothing(small: Contacts) -> None:
    nora, search, other = await account(), new_id(), new_id()
    await tell(small, due(nora, search))
    await tell(small, due(nora, other))
    token = stop_token(search)
    for wrong in (token[:-1], "x", "ä" * 20, "_" + token[1:]):
        answer = await small.post("/alerts/stop", {"token": wrong})
        assert (answer.status, answer.json()["fields"][0]["field"]) == (422, "token")
    assert (await small.post("/sessions/resolve", {"token": token})).status == 401
    for path in ("/alerts/stop", f"/alerts/one-click/{token}"):
        assert (await small.get(path)).status == 405, "only opening a link changes nothing"
    await small.post("/alerts/stop", {"token": token})
    await small.post("/alerts/stop", {"token": stop_token(new_id())})
    assert len(await read(small)) == 1
    assert len(await small.kit.recorded("contacts", AccountAlertStopped)) == 1


async def test_no_address_is_told_or_kept_beside_the_account(small: Contacts) -> None:
    nora, search = await account(), new_id()
    await tell(small, due(nora, search))
    await small.post("/alerts/stop", {"token": stop_token(search)})
    await read(small)
    rows = [*await AccountAlert.all().values(), *await AlertMail.all().values()]
    assert "nora@" not in str([rows, await small.kit.recorded("contacts")])


async def test_hostile_hits_stay_words_and_the_largest_mail_is_not_cut_off(small: Contacts) -> None:
    huge = "<script>&\"' =?utf-8?q?a=0d=0aBcc?= \r\n" * 500
    hits = [AlertHit(kind="offer", slug="ü" * 120, title=huge, summary=huge, region_name=huge)] * 25
    await tell(small, due(await account(), new_id(), hits=hits, total=1000))
    [mail] = await read(small)
    page = body(mail, "html")
    assert Lint(page).problems("de") == []
    assert len(page.encode()) < MAX_HTML_BYTES
    assert mail["Subject"] == "1000 neue Treffer: Ihre gemerkte Suche"
