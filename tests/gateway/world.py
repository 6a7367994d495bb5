"""A whole Lotse in this process for tests of the gateway: all services with their demo content, and browsers.

The content is imported and told from service to service once; every test works on a copy of that folder. There is
no broker: `World.tell` carries what the services recorded to those who listen, as the inbox would.
"""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import httpx2
import msgspec
from starlette.types import ASGIApp
from tortoise import Tortoise

from gateway.app import create_app
from infra.contracts import catalogue
from infra.mail import StoredMail, mailbox
from infra.mail.mailbox import Mailbox
from infra.runtime.service import Service
from services.contacts.service import service as contacts
from services.forum.service import service as forum
from services.newsletter.service import service as newsletter
from services.search import running as search_running
from services.search.service import service as search
from tests.kit import Database, Running, running

ORIGIN = "http://lotse.test"
PASSWORD = "lotse-demo"
SERVICES: Sequence[Service] = (contacts, forum, newsletter, search)
COORDINATOR = "koordination@example.org"
OTHER_COORDINATOR = "koordination2@example.org"
EDITOR = "redaktion@example.org"
SECOND_EDITOR = "redaktion2@example.org"
MODERATOR = "moderation@example.org"
MEMBER = "mitglied@example.org"
NETWORK = "iq-landesnetzwerk-sachsen-anhalt"
_HIDDEN = re.compile(r'<input type="hidden" name="(?P<name>[^"]+)" value="(?P<value>[^"]*)"')


@dataclass
class Filled(Database):
    """Databases that are copies of a filled folder."""

    template: Path = field(default_factory=Path)

    async def prepare(self, services: Sequence[Service]) -> None:
        """Copy the filled folder."""
        shutil.copytree(self.template, self.folder, dirs_exist_ok=True)


async def fill(folder: Path) -> None:
    """Make the folder that the tests copy: every service seeded, everything told to everyone."""
    async with running(SERVICES, Database("sqlite", folder)) as kit:
        world = World(kit)
        for service in SERVICES:
            if service.seed is not None:
                await service.seed(kit.settings)
            await world.tell()


@dataclass
class World:
    """Running services behind a gateway."""

    kit: Running
    _told: dict[str, set[UUID]] = field(default_factory=dict)

    @cached_property
    def gateway(self) -> ASGIApp:
        """The one gateway that all browsers and programs of this world go through."""
        return create_app(self.kit.settings, self.kit.client, {})

    @property
    def mailbox(self) -> Mailbox:
        """Where all mail of this world ends up."""
        return mailbox(self.kit.settings)

    async def mails_to(self, address: str) -> list[StoredMail]:
        """The mails to one address, newest first."""
        return [mail for mail in await self.mailbox.newest() if address in mail.recipient]

    async def tell(self) -> None:
        """Carry all events that were recorded since to the services that listen, until nobody says anything new."""
        while await self._tell_once():
            pass
        await search_running.current().settled()

    async def _tell_once(self) -> bool:
        known = catalogue.events()
        said = False
        for producer in SERVICES:
            for row in await self._recorded(producer.name):
                said = True
                event = msgspec.convert(row.data, known[row.type])
                for consumer in SERVICES:
                    if consumer.handlers.of(row.type):
                        await self.kit.deliver(consumer.name, event, event_id=str(row.id))
        return said

    async def _recorded(self, service: str) -> list[Any]:
        """The events of a service that were not told yet; from now on they count as told."""
        told = self._told.get(service, set())
        self._told[service] = await _ids_of(service)
        rows: list[Any] = await _outbox(service).filter(id__in=self._told[service] - told).order_by("id")
        return rows

    async def remember_told(self) -> None:
        """Take what the copied folder already holds as told."""
        for service in SERVICES:
            self._told[service.name] = await _ids_of(service.name)


def _outbox(service: str) -> Any:
    apps = Tortoise.apps
    assert apps is not None
    return apps[service]["Outbox"]


async def _ids_of(service: str) -> set[UUID]:
    return set(await _outbox(service).all().values_list("id", flat=True))


@asynccontextmanager
async def world_of(template: Path, folder: Path) -> AsyncIterator[World]:
    """A world on a copy of the filled folder."""
    async with running(SERVICES, Filled("sqlite", folder, template=template)) as kit:
        world = World(kit)
        await world.remember_told()
        await search_running.current().settled()
        yield world


class Browser:
    """A browser without JavaScript: keeps cookies, and sends back the hidden fields of the form on the page."""

    def __init__(self, world: World, **headers: str) -> None:
        self.http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=world.gateway),
            base_url=ORIGIN,
            headers={"accept-language": "de", **headers},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.http.aclose()

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        """A page, after redirects."""
        return await self.http.get(path, follow_redirects=True, **options)

    async def submit(
        self, page: httpx2.Response, path: str = "", /, *, follow: bool = True, **fields: str | Sequence[str]
    ) -> httpx2.Response:
        """Send the form of `page` (its hidden fields and `fields`) to `path`, "" being the page's own address."""
        sent: dict[str, Any] = {**hidden_fields(page.text, path), **fields}
        headers = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
        target = path or str(page.url)
        return await self.http.post(target, data=sent, headers=headers, follow_redirects=follow)

    async def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Sign in on the page for it."""
        page = await self.get("/anmelden")
        answer = await self.submit(page, email=email, password=password, follow=False)
        assert answer.status_code == 303, answer.text


def hidden_fields(text: str, path: str = "") -> Mapping[str, str]:
    """The hidden fields of the form that posts to `path` (or names no address), or of the last one in the main part."""
    part = text if path else text.split("<main", 1)[-1]
    forms = re.findall(r"<form\b[^>]*>.*?</form>", part, re.DOTALL)
    wanted = [form for form in forms if 'method="post"' in form.partition(">")[0]]
    if path:
        exact = re.compile(rf'action="{re.escape(path)}(#[^"]*)?"')
        to_path = [form for form in wanted if exact.search(form.partition(">")[0])]
        wanted = to_path or [form for form in wanted if "action=" not in form.partition(">")[0]]
    assert wanted, f"no form posts to {path!r}"
    return {found["name"]: html.unescape(found["value"]) for found in _HIDDEN.finditer(wanted[-1])}


def heading(page: httpx2.Response) -> str:
    """The words of the one h1 of a page."""
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    assert len(found) == 1, found
    return html.unescape(found[0]).strip()
