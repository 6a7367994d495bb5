"""What a gateway remembers of a session: what ends through it is over at once, what ends elsewhere within seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from gateway.sessions import KEEP_SECONDS, Sessions
from infra.contracts.roles import COORDINATOR as COORDINATOR_ROLE
from infra.web.client import Answer, ServiceClient, Transport
from services.contacts.accounts.models import Account
from tests.gateway.api_client import Program
from tests.gateway.conftest import Opener
from tests.gateway.world import COORDINATOR, PASSWORD, World, heading
from tests.kit import counted_queries


@dataclass
class Gateway:
    """The sessions of one gateway with a clock of its own."""

    sessions: Sessions
    now: list[float]

    async def knows(self, token: str) -> bool:
        """Whether somebody is behind the token."""
        return await self.sessions.resolve(token) is not None


def gateway_of(client: ServiceClient) -> Gateway:
    """A gateway that has answered nobody yet."""
    now = [1000.0]
    return Gateway(Sessions(client, lambda: now[0]), now)


@pytest.fixture
async def token(api: Program) -> str:
    """The token of a coordinator."""
    return (await api.signed_in(COORDINATOR)).token


async def end(world: World, token: str) -> None:
    """End a session in contacts, through whichever gateway."""
    assert (await world.kit.post("contacts", "/sessions/end", {"token": token})).ok


async def test_contacts_is_asked_once_in_some_seconds(world: World, token: str) -> None:
    gateway = gateway_of(world.kit.client)
    with counted_queries("contacts") as first:
        assert await gateway.knows(token)
    gateway.now[0] += KEEP_SECONDS - 0.1
    with counted_queries("contacts") as second:
        assert await gateway.knows(token)
    assert first
    assert second == []


async def test_an_end_elsewhere_counts_within_seconds(world: World, token: str) -> None:
    gateway = gateway_of(world.kit.client)
    assert await gateway.knows(token)
    await end(world, token)
    gateway.now[0] += KEEP_SECONDS
    assert not await gateway.knows(token)


async def test_a_change_of_rights_counts_within_seconds(world: World, token: str) -> None:
    gateway = gateway_of(world.kit.client)
    before = await gateway.sessions.resolve(token)
    assert before is not None
    assert before.is_a(COORDINATOR_ROLE)
    await Account.filter(email=COORDINATOR).update(roles=["member"])
    gateway.now[0] += KEEP_SECONDS
    after = await gateway.sessions.resolve(token)
    assert after is not None
    assert not after.is_a(COORDINATOR_ROLE)


@dataclass
class Held:
    """Reaches the services, but hands an answer on only when it is let go."""

    transport: Transport
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, service: str, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """See Transport."""
        answer = await self.transport.send(service, method, target, headers, content)
        self.answered.set()
        await self.let_go.wait()
        return answer

    async def close(self) -> None:
        """See Transport."""


async def test_an_end_counts_for_an_answer_that_was_on_its_way(world: World, token: str) -> None:
    held = Held(world.kit.client._transport)
    gateway = gateway_of(ServiceClient(held, world.kit.settings.secret))
    asking = asyncio.create_task(gateway.sessions.resolve(token))
    await held.answered.wait()
    await end(world, token)
    gateway.sessions.ended(token)
    held.let_go.set()
    assert await asking is not None
    assert not await gateway.knows(token)


async def test_the_seconds_count_from_the_question_on(world: World, token: str) -> None:
    held = Held(world.kit.client._transport)
    gateway = gateway_of(ServiceClient(held, world.kit.settings.secret))
    asking = asyncio.create_task(gateway.sessions.resolve(token))
    await held.answered.wait()
    await end(world, token)  # elsewhere, while the answer is on its way
    gateway.now[0] += KEEP_SECONDS
    held.let_go.set()
    assert await asking is not None
    assert not await gateway.knows(token)


async def test_ending_by_the_api_counts_at_once(api: Program) -> None:
    program = await api.signed_in(COORDINATOR)
    assert (await program.get("/offers", params={"mine": "true"})).status_code == 200
    assert (await program.call("DELETE", "/session")).status_code == 204
    assert (await program.get("/offers", params={"mine": "true"})).status_code == 401


async def test_a_session_that_another_replaces_ends_at_once(api: Program) -> None:
    program = await api.signed_in(COORDINATOR)
    assert (await program.get("/offers", params={"mine": "true"})).status_code == 200
    body = {"email": COORDINATOR, "password": PASSWORD, "replaces": program.token}
    assert (await api.post("/session", body)).status_code == 201
    assert (await program.get("/offers", params={"mine": "true"})).status_code == 401


async def test_signing_in_anew_ends_the_session_before_at_once(open_browser: Opener) -> None:
    browser = await open_browser(COORDINATOR)
    before = browser.http.cookies["lotse"]
    await browser.get("/konto")
    await browser.sign_in(COORDINATOR)
    browser.http.cookies.clear()
    browser.http.cookies.set("lotse", before)
    assert heading(await browser.get("/konto")) == "Anmelden"
