"""Signing in and out: what is told to whom, what is stored, and when a session ends."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from infra.contracts.contacts import AccountChanged
from infra.db import transaction
from infra.errors import Conflict, Invalid
from services.contacts.accounts.models import Account, Session
from services.contacts.operator import add_account
from services.contacts.service import service
from tests.kit import identity
from tests.services.contacts.world import NORTH, Contacts, fields_of

EMAIL = "nora.nord@example.org"


@pytest.fixture
async def password(contacts: Contacts) -> AsyncIterator[str]:
    """The password of an account that coordinates the network in the north."""
    yield await add_account(EMAIL, "Nora Nord", ["coordinator"], [NORTH])


async def _sign_in(contacts: Contacts, password: str, **values: str) -> dict[str, str]:
    answer = await contacts.post("/sessions", {"email": EMAIL, "password": password, **values})
    assert answer.status == 201
    return dict(answer.json())


async def _resolves(contacts: Contacts, token: str) -> bool:
    answer = await contacts.post("/sessions/resolve", {"token": token})
    assert answer.status in (200, 401)
    return answer.status == 200


async def _age(token: str, **by: float) -> None:
    row = await Session.get(token_hash=hashlib.sha256(token.encode()).hexdigest())
    row.seen_at -= timedelta(**by)
    async with transaction("contacts") as tx:
        await row.save(using_db=tx.connection)


async def test_a_session_names_its_account(contacts: Contacts, password: str) -> None:
    opened = await contacts.post("/sessions", {"email": " Nora.Nord@Example.ORG ", "password": password})

    account = opened.json()["account"]
    assert account["email"] == EMAIL
    assert (account["name"], account["roles"], account["networks"]) == ("Nora Nord", ["coordinator"], [NORTH])
    resolved = await contacts.post("/sessions/resolve", {"token": opened.json()["token"]})
    assert resolved.json() == {"session": opened.json()["session"], "account": account}


async def test_only_the_hash_of_a_token_is_stored(contacts: Contacts, password: str) -> None:
    token = (await _sign_in(contacts, password))["token"]

    row = await Session.get().select_related("account")
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert len(token) >= 43
    assert row.account.password_hash.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert password not in row.account.password_hash


async def test_unknown_address_and_wrong_password_get_the_same_answer(contacts: Contacts, password: str) -> None:
    async with transaction("contacts") as tx:
        closed = await Account.get(email=EMAIL)
        twin = Account(email="zu@example.org", name="Zu", password_hash=closed.password_hash, active=False)
        await twin.save(using_db=tx.connection)
    attempts = [
        {"email": EMAIL, "password": "falsch"},
        {"email": "niemand@example.org", "password": password},
        {"email": "zu@example.org", "password": password},
        {"email": "keine adresse", "password": "falsch"},
        {"email": "ß" * 250, "password": "falsch"},
    ]

    answers = [await contacts.post("/sessions", attempt) for attempt in attempts]

    problems = [{**answer.json(), "correlation_id": ""} for answer in answers]
    assert {answer.status for answer in answers} == {401}
    assert all(problem == problems[0] for problem in problems)
    assert await Session.all().count() == 0


async def test_unknown_address_takes_as_long_as_a_wrong_password(contacts: Contacts, password: str) -> None:
    async def seconds(email: str) -> float:
        started = time.process_time()  # of all threads: how busy the machine is does not count
        await contacts.post("/sessions", {"email": email, "password": "falsch"})
        return time.process_time() - started

    pairs = [(await seconds(EMAIL), await seconds("niemand@example.org")) for _ in range(7)]
    known, unknown = (statistics.median(times) for times in zip(*pairs, strict=True))

    assert 0.4 < unknown / known < 2.5, "the costly part is the hash, which both pay"


async def test_signing_in_again_replaces_the_old_session(contacts: Contacts, password: str) -> None:
    first = (await _sign_in(contacts, password))["token"]
    beside = (await _sign_in(contacts, password))["token"]
    second = (await _sign_in(contacts, password, replaces=first))["token"]

    assert [await _resolves(contacts, token) for token in (first, beside, second)] == [False, True, True]


async def test_signing_out_ends_the_session(contacts: Contacts, password: str) -> None:
    token = (await _sign_in(contacts, password))["token"]

    for _ in range(2):
        assert (await contacts.post("/sessions/end", {"token": token})).status == 204
    assert not await _resolves(contacts, token)


async def test_a_session_ends_when_unused_and_in_any_case_after_a_week(contacts: Contacts, password: str) -> None:
    idle, busy = [(await _sign_in(contacts, password))["token"] for _ in range(2)]

    await _age(idle, hours=8, minutes=1)
    await _age(busy, hours=7)
    assert (await _resolves(contacts, idle), await _resolves(contacts, busy)) == (False, True)
    await _age(busy, hours=7)
    assert await _resolves(contacts, busy), "using it has pushed the idle limit back"

    async with transaction("contacts") as tx:
        past = datetime.now(UTC) - timedelta(seconds=1)
        await Session.all().using_db(tx.connection).update(expires_at=past, seen_at=past)
    assert not await _resolves(contacts, busy)


async def test_expired_sessions_are_forgotten(contacts: Contacts, password: str) -> None:
    tokens = [(await _sign_in(contacts, password))["token"] for _ in range(3)]
    await _age(tokens[0], hours=9)

    await service.jobs.run("forget_expired_sessions")

    assert await Session.all().count() == 2


async def test_resolving_often_writes_seldom(contacts: Contacts, password: str) -> None:
    token = (await _sign_in(contacts, password))["token"]
    before = (await Session.get()).seen_at

    for _ in range(3):
        assert await _resolves(contacts, token)

    assert (await Session.get()).seen_at == before


async def test_a_closed_account_has_no_session(contacts: Contacts, password: str) -> None:
    token = (await _sign_in(contacts, password))["token"]

    async with transaction("contacts") as tx:
        await Account.all().using_db(tx.connection).update(active=False)

    assert not await _resolves(contacts, token)


async def test_sessions_are_listed_and_revoked_by_their_owner_only(contacts: Contacts, password: str) -> None:
    here, there = [await _sign_in(contacts, password) for _ in range(2)]
    me = identity(here["account"]["id"], "coordinator")  # type: ignore[index]
    stranger = identity("0190b1a0-0000-7000-8000-000000000000", "admin")

    listed = (await contacts.get("/me/sessions", me)).json()["items"]
    assert [item["id"] for item in listed] == [there["session"], here["session"]]
    assert (await contacts.get("/me/sessions", stranger)).json()["items"] == []
    path = f"/me/sessions/{there['session']}"
    assert (await contacts.kit.request("contacts", "DELETE", path, identity=stranger)).status == 404
    assert (await contacts.kit.request("contacts", "DELETE", path, identity=me)).status == 204
    assert (await contacts.kit.request("contacts", "DELETE", "/me/sessions/x", identity=me)).status == 404
    assert [await _resolves(contacts, one["token"]) for one in (here, there)] == [True, False]


async def test_an_older_hash_is_renewed_at_sign_in(contacts: Contacts) -> None:
    async with transaction("contacts") as tx:
        weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("altes passwort")
        await Account(email=EMAIL, name="Alt", password_hash=weak).save(using_db=tx.connection)

    await _sign_in(contacts, "altes passwort")

    assert "m=47104" in (await Account.get()).password_hash
    await _sign_in(contacts, "altes passwort")


async def test_a_broken_hash_lets_nobody_in(contacts: Contacts) -> None:
    async with transaction("contacts") as tx:
        await Account(email=EMAIL, name="Kaputt", password_hash="x").save(using_db=tx.connection)

    assert (await contacts.post("/sessions", {"email": EMAIL, "password": "x"})).status == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": EMAIL},
        {"email": EMAIL, "password": ""},
        {"email": EMAIL, "password": "x" * 1001},
        {"email": "x" * 255, "password": "x"},
        {"email": 5, "password": "x"},
        {"email": [EMAIL], "password": "x"},
        {"email": EMAIL, "password": "x", "role": "admin"},
        {"email": EMAIL, "password": "x", "replaces": "x" * 201},
    ],
)
async def test_hostile_sign_ins_are_refused(small: Contacts, body: object) -> None:
    assert (await small.post("/sessions", body)).status == 422


async def test_no_address_is_ever_told(contacts: Contacts, password: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="services")
    caplog.set_level("DEBUG", logger="infra")
    await _sign_in(contacts, password)
    await contacts.post("/sessions", {"email": "niemand@example.org", "password": "falsch"})

    told = await contacts.told(AccountChanged)
    assert [(event.name, event.roles, event.networks, event.version) for event in told] == [
        ("Nora Nord", ["coordinator"], [NORTH], 1)
    ]
    assert "@" not in repr(told)
    assert "@" not in caplog.text


async def test_the_operator_adds_accounts_with_checked_values(contacts: Contacts, password: str) -> None:
    with pytest.raises(Conflict):
        await add_account(EMAIL.upper(), "Noch eine", ["editor"])
    with pytest.raises(Invalid) as problem:
        await add_account("keine adresse", "x", ["kaiser"])
    assert [error.field for error in problem.value.fields] == ["email", "name", "roles"]


async def test_a_network_names_its_coordinators(contacts: Contacts, password: str) -> None:
    await add_account("mitglied@example.org", "Mia Mitglied", ["member"], [NORTH])

    assert (await contacts.get(f"/networks/{NORTH}")).json()["coordinators"] == ["Nora Nord"]


async def test_a_session_body_needs_its_token(contacts: Contacts) -> None:
    assert list(fields_of(await contacts.post("/sessions/resolve", {}))) == ["token"]
    assert (await contacts.post("/sessions/end", {"token": ""})).status == 422
