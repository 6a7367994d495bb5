"""Mail that came back: its account gets none any more, is told so after signing in, and has a way out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.contracts.newsletter import MailBounced
from infra.db import transaction
from infra.ids import new_id
from infra.mail.posting.models import Posting
from infra.mail.posting.rounds import new_posting
from infra.mail.return_path import read_bounce_address
from infra.tokens import make_token
from services.contacts.access.models import AccessMail
from services.contacts.accounts.commands import create_account
from services.contacts.accounts.models import Account
from services.contacts.alerts.models import AccountAlert, AlertMail
from services.contacts.context import current
from services.contacts.notices.models import NoticeMail
from services.contacts.service import service
from tests.infra.mail.sink import Sink
from tests.kit import Database, identity, running
from tests.services.contacts.world import Contacts

NORA = "nora@example.org"


@pytest.fixture
async def nora(empty: Contacts) -> Account:
    """Somebody whose address was confirmed a day ago."""
    async with transaction("contacts") as tx:
        account = await create_account(tx, email=NORA, name="Nora", password_hash="x", roles=["member"], confirmed=True)
    await Account.filter(id=account.id).update(email_since=datetime.now(UTC) - timedelta(days=1))
    return account


async def mails(account: Account, when: datetime, **values: Any) -> list[Posting]:
    """A mail of each table to an account."""
    search, office = new_id(), current()
    await AccountAlert.create(saved_search=search, account_id=account.id)
    rows: list[Posting] = [
        new_posting(NoticeMail, office, when, account_id=account.id, **values),
        new_posting(AlertMail, office, when, saved_search=search, due={}, **values),
        new_posting(AccessMail, office, when, form="password-reset", address=account.email, **values),
    ]
    for row in rows:
        await row.save(force_create=True)
    return rows


async def state(contacts: Contacts, account: Account) -> str:
    answer = await contacts.get("/me/notices", identity(str(account.id)))
    return str(answer.json()["mail"])


async def came_back(contacts: Contacts, mail: str, kind: str = "hard", of: str = "contacts") -> None:
    await contacts.kit.deliver("contacts", MailBounced(id=mail, version=1, service=of, kind=kind))


async def test_what_came_back_is_noted_whatever_it_was_about(empty: Contacts, nora: Account) -> None:
    for mail in await mails(nora, datetime.now(UTC)):
        await Account.filter(id=nora.id).update(mail_trouble="")
        await came_back(empty, str(mail.id))
        assert await state(empty, nora) == "bounced"
    await came_back(empty, str(mail.id), "complaint")
    assert await state(empty, nora) == "complained"


async def test_what_says_nothing_about_the_address_changes_nothing(empty: Contacts, nora: Account) -> None:
    [notice, *_] = await mails(nora, datetime.now(UTC))
    await came_back(empty, str(notice.id), "soft")
    await came_back(empty, str(notice.id), of="newsletter")
    await came_back(empty, str(new_id()))
    await came_back(empty, "no-id")
    for mail in await mails(nora, datetime.now(UTC) - timedelta(days=2)):
        await came_back(empty, str(mail.id))
    assert await state(empty, nora) == "ok", "it went to the address of before"


async def test_a_refusal_counts_when_there_is_no_such_address(empty: Contacts, nora: Account) -> None:
    refusals = ((550, "5.7.1 blocked", "ok"), (452, "4.2.2 full", "ok"), (550, "5.1.1 user unknown", "bounced"))
    for code, reply, after in refusals:
        await mails(nora, datetime.now(UTC), status="failed", reply_code=code, reply=reply)
        await service.jobs.run("note_refusals")
        assert await state(empty, nora) == after, reply


async def test_confirming_the_address_again_is_the_way_out(empty: Contacts, nora: Account) -> None:
    [notice, *_] = await mails(nora, datetime.now(UTC))
    await came_back(empty, str(notice.id))
    assert (await empty.post("/me/address/confirmation", None, identity(str(nora.id)))).status == 202
    mail = await AccessMail.filter(form="address-confirm").get()
    token = make_token(current().key("address-confirm"), mail.id, datetime.now(UTC))
    assert (await empty.post("/addresses/confirm", {"token": token})).status == 200
    assert await state(empty, nora) == "ok"
    await came_back(empty, str(notice.id), "complaint")
    assert await state(empty, nora) == "ok", "an old report that comes late"


async def test_every_mail_says_where_it_comes_back_to(sqlite: Database) -> None:
    async with (
        Sink().listening() as sink,
        running([service], sqlite, bounce_address="bounces@lotse.test", smtp_url=sink.url) as kit,
    ):
        async with transaction("contacts") as tx:
            await create_account(tx, email=NORA, name="Nora", password_hash="x", roles=["member"], confirmed=True)
        await Contacts(kit).post("/password-resets", {"email": NORA})
        await service.jobs.run("send_access_mails")
        row = await AccessMail.get()
        assert row.status == "sent"
        assert read_bounce_address(kit.settings, sink.received[0].sender) == ("contacts", row.id)
