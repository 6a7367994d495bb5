"""The toys on a real RabbitMQ as users of their own, held to their permissions, in vhosts that only this test has."""

from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from amqp.exceptions import AccessRefused
from starlette.applications import Starlette

from infra.inbox import Handlers
from infra.jobs import Jobs
from infra.runtime.permissions import broker_users, definitions
from infra.runtime.service import Service
from tests.infra.toys.brokers import AMQP_URL, DELAYS, connected, needs_rabbitmq
from tests.infra.toys.contracts import ThingMade

RABBITMQCTL = shutil.which("rabbitmqctl")
needs_rabbitmqctl = [
    pytest.mark.rabbitmq,
    needs_rabbitmq,
    pytest.mark.skipif(not RABBITMQCTL, reason="rabbitmqctl of the RabbitMQ on this machine is needed"),
]
_PASSWORD = "only of this test"


class Broker:
    """Where each toy finds the broker as itself."""

    def __init__(self, mark: str) -> None:
        self.events = f"lotse_test_{mark}"
        self.jobs = f"{self.events}_jobs"
        self.users = broker_users(
            [_toy("maker"), _toy("taker", hears=True)],
            user=f"{self.events}_{{service}}",
            events_vhost=self.events,
            jobs_vhost=self.jobs,
            delays=DELAYS,
        )

    def url(self, service: str, vhost: str = "") -> str:
        """The URL of one toy to the vhost of events, or another."""
        name = next(user.name for user in self.users if user.service == service)
        server = urlsplit(AMQP_URL)
        return f"amqp://{name}:{_PASSWORD}@{server.hostname}:{server.port or 5672}/{vhost or self.events}"

    async def set_up(self) -> None:
        """As an operator does, with the whole definitions; returns once everybody gets in."""
        whole = definitions(self.users, {user.name: _PASSWORD for user in self.users})
        await _rabbitmqctl("import_definitions", told=json.dumps(whole))
        for user in self.users:
            for vhost in (self.events, self.jobs):
                await _let_in(self.url(user.service, vhost))

    async def let_write(self, service: str, *, allowed: bool) -> None:
        """Take a service's permission to write to the vhost of events, or give it back."""
        user = next(user for user in self.users if user.service == service)
        granted = next(each for each in user.permissions if each.vhost == self.events)
        write = granted.write if allowed else "^$"
        await _rabbitmqctl("set_permissions", "-p", self.events, user.name, granted.configure, write, granted.read)

    async def remove(self) -> None:
        """Take users and vhosts away again."""
        vhosts = [f'catch rabbit_vhost:delete(<<"{name}">>, <<"test">>)' for name in (self.events, self.jobs)]
        users = [f'catch rabbit_auth_backend_internal:delete_user(<<"{user.name}">>, <<>>)' for user in self.users]
        await _rabbitmqctl("eval", ", ".join([*vhosts, *users]) + ".")


@asynccontextmanager
async def restricted_broker() -> AsyncIterator[Broker]:
    """A broker of its own for one test."""
    made = Broker(uuid.uuid4().hex[:8])
    try:
        await made.set_up()
        yield made
    finally:
        await made.remove()


def _toy(name: str, *, hears: bool = False) -> Service:
    handlers, jobs = Handlers(name), Jobs(name)

    async def note(*_: object) -> None: ...

    if hears:
        handlers.on(ThingMade)(note)
    jobs.task("note")(note)
    return Service(name, f"tests.infra.toys.{name}", lambda _settings: Starlette(), handlers, jobs)


async def _rabbitmqctl(*arguments: str, told: str = "") -> None:
    assert RABBITMQCTL is not None
    process = await asyncio.create_subprocess_exec(RABBITMQCTL, *arguments, stdin=PIPE, stdout=PIPE, stderr=STDOUT)
    output, _ = await process.communicate(told.encode())
    assert process.returncode == 0, output.decode()


async def _let_in(url: str) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                await asyncio.to_thread(_knock, url)
                return
            except AccessRefused:
                await asyncio.sleep(0.05)  # the import goes on after the command


def _knock(url: str) -> None:
    with connected(url) as connection:
        connection.channel().close()
