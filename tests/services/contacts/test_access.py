"""The address of an account and the way back in: who reads the mail gets in, once, and strangers learn nothing."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest

from infra.contracts.newsletter import NewsletterNoticeWanted
from infra.contracts.notices import ISSUE_REMINDER
from infra.db import transaction
from infra.db.statements import insert_rows
from infra.ids import new_id
from infra.tokens import make_token
from infra.web.client import Answer
from services.contacts.access.domain import Form
from services.contacts.access.models import AccessMail
from services.contacts.accounts.commands import create_account
from services.contacts.accounts.models import Account, Session
from services.contacts.accounts.passwords import hashed
from services.contacts.context import current
from services.contacts.service import service
from tests.infra.mail.reading import Lint, body, messages
from tests.infra.mail.sink import Sink
from tests.kit import Database, identity, running, together
from tests.services.contacts.world import Contacts

OLD, NEW = "altes passwort hier", "korrekt pferd batterie klammer"
NORA, OTHER = "nora@example.org", "nora.neu@example.org"


@pytest.fixture
async def nora(empty: Contacts) -> Account:
    """Somebody whom the operator has just given an account."""
    async with transaction("contacts") as tx:
        return await create_account(tx, email=NORA, name="Nora", password_hash=await hashed(OLD), roles=["member"])


async def read(contacts: Contacts) -> list[EmailMessage]:
    """Let the worker send what waits, and read all mails, oldest first."""
    await service.jobs.run("send_access_mails")
    return messages(contacts.kit.settings)


def token_in(mail: EmailMessage, path: str) -> str:
    found = re.search(rf"http://lotse\.test{path}/([\w~-]+)", body(mail, "plain"))
    assert found is not None, body(mail, "plain")
    return found[1]


async def ask(contacts: Contacts, path: str, who: Account | None = None, **values: Any) -> Answer:
    identified = identity(str(who.id)) if who else identity("")
    return await contacts.post(path, values or None, identified)


async def later(passed: timedelta) -> None:
    """Let time pass for all mails: other ones may be asked for, whose ids follow from the time."""
    for mail in await AccessMail.all():
        values = {name: getattr(mail, name) for name in AccessMail._meta.fields_db_projection}
        await mail.delete()
        await AccessMail.create(**{**values, "id": new_id(), "created_at": mail.created_at - passed})


async def sign_in(contacts: Contacts, email: str, password: str) -> int:
    return (await contacts.post("/sessions", {"email": email, "password": password})).status


async def state(account: Account) -> tuple[str, bool]:
    row = await Account.get(id=account.id)
    return row.email, row.email_confirmed


async def test_a_lost_password_is_set_anew_by_mail_once(empty: Contacts, nora: Account) -> None:
    await sign_in(empty, NORA, OLD)
    answer = await ask(empty, "/password-resets", email=" Nora@Example.org ", language="en")
    assert answer.status == 202
    [mail] = await read(empty)
    page, token = Lint(body(mail, "html")), token_in(mail, "/en/passwort/neu")
    assert (mail["To"], page.problems("en"), mail["List-Unsubscribe"]) == (NORA, [], None)

    short = await ask(empty, "/password-resets/use", token=token, password="kurz")
    assert (short.status, short.json()["fields"][0]["field"]) == (422, "password")
    assert (await ask(empty, "/password-resets/use", token=token, password=NEW)).status == 200
    assert (await sign_in(empty, NORA, OLD), await sign_in(empty, NORA, NEW)) == (401, 201)
    assert await Session.all().count() == 1, "whoever was signed in is not any more"
    assert await state(nora) == (NORA, True), "the mail has arrived there"
    again = await ask(empty, "/password-resets/use", token=token, password=OLD)
    assert (again.status, again.json()["fields"][0]["field"]) == (422, "token")
    assert [str(mail["Subject"]) for mail in await read(empty)][1:] == ["Ihr Passwort bei Lotse wurde geändert"]


async def test_of_two_who_use_a_link_at_once_one_succeeds(empty: Contacts, nora: Account) -> None:
    await ask(empty, "/password-resets", email=NORA)
    token = token_in((await read(empty))[0], "/passwort/neu")

    async def use() -> Answer:
        return await ask(empty, "/password-resets/use", token=token, password=NEW)

    assert sorted(answer.status for answer in await together(use, use, use)) == [200, 422, 422]
    assert nora.email == NORA


async def test_a_link_ends_with_its_hour_and_with_another_one_that_was_used(empty: Contacts, nora: Account) -> None:
    def link(mail: UUID, minutes: int = 0, form: Form = Form.RESET) -> str:
        return make_token(current().key(form), mail, datetime.now(UTC) - timedelta(minutes=minutes))

    async def use(token: str) -> int:
        return (await ask(empty, "/password-resets/use", token=token, password=NEW)).status

    await ask(empty, "/password-resets", email=NORA)
    await later(timedelta(minutes=15))
    first = await AccessMail.get()
    for wrong in (link(first.id, 61), link(first.id, form=Form.CONFIRM), link(new_id()), "x"):
        assert await use(wrong) == 422
    await ask(empty, "/password-resets", email=NORA)
    second = token_in((await read(empty))[1], "/passwort/neu")
    assert [await use(second), await use(link(first.id))] == [200, 422]
    await later(timedelta(minutes=15))
    await ask(empty, "/password-resets", email=NORA)
    await Account.filter(id=nora.id).update(active=False)
    assert await use(link((await AccessMail.filter(used_at=None, form=Form.RESET).get()).id)) == 422


async def test_unknown_addresses_get_the_same_answer_and_no_mail(empty: Contacts, nora: Account) -> None:
    await Account.filter(id=nora.id).update(active=False)
    answers = [await ask(empty, "/password-resets", email=address) for address in (NORA, "x@example.org")]
    assert [answer.content for answer in answers] == [answers[0].content] * 2
    assert await read(empty) == []
    await later(timedelta(days=2))
    await service.jobs.run("forget_access_mails")
    assert await AccessMail.all().count() == 0, "an address that anybody typed is not kept"
    assert (await ask(empty, "/password-resets", email="no address")).status == 422


async def test_a_domain_that_is_spelt_alike_gets_no_link(empty: Contacts) -> None:
    async with transaction("contacts") as tx:
        await create_account(tx, email="Nora@Straße.example", name="Nora", password_hash="x", roles=["member"])
    await ask(empty, "/password-resets", email="nora@strasse.example")
    assert await read(empty) == []
    await ask(empty, "/password-resets", email="NORA@straße.example")
    assert [mail["To"] for mail in await read(empty)] == ["nora@xn--strae-oqa.example"]


async def test_nobody_is_flooded_however_often_their_address_is_typed(empty: Contacts, nora: Account) -> None:
    async def once() -> Answer:
        return await ask(empty, "/password-resets", email=NORA)

    assert {answer.status for answer in await together(*[once] * 20)} == {202}
    assert len(await read(empty)) <= 2, "one in each window of ten minutes"
    for _window in range(12):
        await later(timedelta(minutes=10))
        await once()
    assert await AccessMail.all().count() == 5, "five a day"
    assert nora.email == NORA


async def test_an_address_is_confirmed_by_its_mail(empty: Contacts, nora: Account) -> None:
    assert await state(nora) == (NORA, False)
    assert (await ask(empty, "/me/address/confirmation", nora)).status == 202
    [mail] = await read(empty)
    token = token_in(mail, "/konto/adresse/bestaetigen")
    assert (await ask(empty, "/password-resets/use", token=token, password=NEW)).status == 422
    assert (await empty.get("/addresses/confirm")).status == 405, "opening a link changes nothing"
    assert (await ask(empty, "/addresses/confirm", token=token)).status == 200
    assert await state(nora) == (NORA, True)
    assert (await ask(empty, "/addresses/confirm", token=token)).status == 422
    assert (await ask(empty, "/me/address/confirmation")).status == 401
    gone = await empty.post("/me/address/confirmation", None, identity(str(new_id())))
    assert gone.status == 401


async def test_a_new_address_is_confirmed_there_and_told_to_the_old_one(empty: Contacts, nora: Account) -> None:
    wrong = await ask(empty, "/me/address", nora, email=OTHER, password="falsch")
    assert (wrong.status, wrong.json()["fields"][0]["field"]) == (422, "password")
    assert (await ask(empty, "/me/address", nora, email=OTHER, password=OLD)).status == 202
    [mail] = await read(empty)
    assert (mail["To"], await state(nora)) == (OTHER, (NORA, False))
    assert (await ask(empty, "/addresses/confirm", token=token_in(mail, "/konto/adresse/bestaetigen"))).status == 200
    assert await state(nora) == (OTHER, True)
    told = (await read(empty))[1]
    assert (told["To"], told["Subject"]) == (NORA, "Ihre E-Mail-Adresse bei Lotse wurde geändert")
    assert OTHER not in told.as_string(), "whoever reads the old mailbox learns no new address"
    assert (await sign_in(empty, NORA, OLD), await sign_in(empty, OTHER, OLD)) == (401, 201)


async def test_a_new_password_ends_the_move_that_a_thief_of_the_old_one_asked_for(
    empty: Contacts, nora: Account
) -> None:
    await ask(empty, "/me/address", nora, email=OTHER, password=OLD)
    stolen = token_in((await read(empty))[0], "/konto/adresse/bestaetigen")
    await ask(empty, "/password-resets", email=NORA)
    own = token_in((await read(empty))[1], "/passwort/neu")
    assert (await ask(empty, "/password-resets/use", token=own, password=NEW)).status == 200
    assert (await ask(empty, "/addresses/confirm", token=stolen)).status == 422
    assert await state(nora) == (NORA, True)


async def test_an_address_of_another_account_cannot_be_taken(empty: Contacts, nora: Account) -> None:
    async with transaction("contacts") as tx:
        await create_account(tx, email=OTHER, name="Andere", password_hash="x", roles=["member"])
    assert (await ask(empty, "/me/address", nora, email=OTHER, password=OLD)).status == 202, "which nobody is told"
    assert await read(empty) == []
    late = "spaet@example.org"
    await ask(empty, "/me/address", nora, email=late, password=OLD)
    token = token_in((await read(empty))[0], "/konto/adresse/bestaetigen")
    await Account.filter(email=OTHER).update(email=late)
    assert (await ask(empty, "/addresses/confirm", token=token)).status == 409
    assert await state(nora) == (NORA, False)


async def test_one_account_cannot_have_strangers_written_to_without_end(small: Contacts) -> None:
    async with transaction("contacts") as tx:
        made = await create_account(tx, email=NORA, name="N", password_hash=await hashed(OLD), roles=["member"])
    for number in range(7):
        await ask(small, "/me/address", made, email=f"opfer{number}@example.org", password=OLD)
    assert len(await read(small)) == 5
    assert isinstance(made.id, UUID)


async def test_accounts_that_a_version_before_made_count_as_confirmed(empty: Contacts) -> None:
    now, account_id = datetime.now(UTC), new_id()
    row: dict[str, object] = {
        "id": str(account_id),
        "email": NORA,
        "name": "Nora",
        "password_hash": "x",
        "roles": "[]",
        "language": "de",
    }
    row |= {"active": True, "version": 1, "created_at": now, "updated_at": now}
    async with transaction("contacts") as tx:
        await tx.connection.execute_query(*insert_rows(tx.connection, "accounts", list(row), [list(row.values())]))
    answer = await empty.get("/me/notices", identity(str(account_id)))
    assert answer.json()["mail"] == "ok"


async def test_a_mail_server_that_is_slow_with_notices_holds_up_no_password(sqlite: Database) -> None:
    reached, answered = asyncio.Event(), asyncio.Event()

    def slow_for_other(step: str, argument: str) -> asyncio.Event | None:
        if step != "END" or argument != OTHER:
            return None
        reached.set()
        return answered

    sink = Sink(script=slow_for_other)
    async with sink.listening(), running([service], sqlite, smtp_url=sink.url) as kit:
        contacts = Contacts(kit)
        async with transaction("contacts") as tx:
            for email in (NORA, OTHER):
                await create_account(tx, email=email, name="N", password_hash="x", roles=["editor"], confirmed=True)
        wanted = NewsletterNoticeWanted(id="i1", version=1, kind=ISSUE_REMINDER, role="editor", path="/redaktion")
        await kit.deliver("contacts", wanted)
        slow = asyncio.create_task(service.jobs.run("send_notices"))
        async with asyncio.timeout(10):
            await reached.wait()
            await ask(contacts, "/password-resets", email=NORA)
            await service.jobs.run("send_access_mails")
            assert await AccessMail.filter(status="sent").count() == 1
            assert not slow.done()
            answered.set()
            await slow
