"""A part that is away or broken says so; the rest of the page stands, and nothing is kept of it."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2
import pytest

from gateway.app import create_app
from infra.errors import Unavailable
from infra.web.client import Answer, ServiceClient, Transport
from tests.gateway.world import ORIGIN, World, heading, hidden_fields


class Without:
    """Services of which one does not answer (`broken` False) or answers with a fault (True)."""

    def __init__(self, others: Transport, missing: str, broken: bool) -> None:
        self.others = others
        self.missing = missing
        self.broken = broken

    async def send(self, service: str, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """See Transport."""
        if service != self.missing:
            return await self.others.send(service, method, target, headers, content)
        if not self.broken:
            raise Unavailable
        return Answer(500, {"content-type": "text/plain"}, b"Traceback: secret details")

    async def close(self) -> None:
        """See Transport."""
        await self.others.close()


def visitor(world: World, missing: str, broken: bool = False) -> httpx2.AsyncClient:
    """A browser whose Lotse lacks one service."""
    settings = world.kit.settings
    client = ServiceClient(Without(world.kit.client._transport, missing, broken), settings.secret)
    app = create_app(settings, client, {})
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ORIGIN)


@pytest.mark.parametrize("broken", [False, True])
async def test_without_search(world: World, broken: bool) -> None:
    async with visitor(world, "search", broken) as browser:
        answer = await browser.get("/suche?q=kurs")
        assert answer.status_code == 200
        assert "Die Suche antwortet gerade nicht." in answer.text
        assert 'href="/regionen"' in answer.text
        assert "secret details" not in answer.text
        english = await browser.get("/en/suche?q=kurs")
        assert "The search does not answer right now." in english.text
        assert (await browser.get("/angebote?stage=language")).status_code == 200


async def test_without_forum(world: World) -> None:
    async with visitor(world, "forum") as browser:
        offer = await browser.get("/angebote/eures-portal")
        assert offer.status_code == 200
        assert "nicht erreichbar" in offer.text
        network = await browser.get("/netzwerke/iq-landesnetzwerk-sachsen-anhalt")
        assert network.status_code == 200
        assert "Angebote des Netzwerks" in network.text


async def test_without_newsletter_the_first_page_stands(world: World) -> None:
    async with visitor(world, "newsletter") as browser:
        answer = await browser.get("/")
        assert answer.status_code == 200
        assert "Letzte Ausgabe lesen" not in answer.text


@pytest.mark.parametrize(("language", "words"), [("", "Gerade nicht erreichbar"), ("/en", "Not available right now")])
async def test_without_contacts_it_is_said(world: World, language: str, words: str) -> None:
    async with visitor(world, "contacts") as browser:
        first = await browser.get(f"{language}/")
        assert first.status_code == 200
        offer = await browser.get(f"{language}/angebote/eures-portal")
        assert offer.status_code == 503
        assert heading(offer) == words


async def test_with_contacts_broken_a_sign_in_is_neither_taken_nor_forgotten(world: World) -> None:
    async with visitor(world, "contacts", broken=True) as browser:
        assert (await browser.get("/glossar")).status_code == 200
        form = hidden_fields((await browser.get("/anmelden")).text)
        answer = await browser.post("/anmelden", data={**form, "email": "a@example.org", "password": "x"})
        assert answer.status_code == 500
        assert "secret details" not in answer.text
        browser.cookies.set("lotse", "irgendeine")
        english = await browser.get("/en/regionen")
        assert english.status_code == 500
        assert "This part of Lotse reported a fault." in english.text


async def test_a_signed_in_person_is_not_taken_for_a_visitor_while_contacts_is_away(world: World) -> None:
    async with visitor(world, "contacts") as browser:
        browser.cookies.set("lotse", "irgendeine")
        answer = await browser.get("/suche?q=kurs")
        assert answer.status_code == 503


async def test_a_fault_of_the_gateway_is_answered_without_details(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> object:
        raise ZeroDivisionError("secret details")

    monkeypatch.setattr("gateway.maps.germany", broken)
    app = create_app(world.kit.settings, world.kit.client, {})
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ORIGIN) as browser:
        answer = await browser.get("/regionen")
    assert answer.status_code == 500
    assert heading(answer) == "Ein Fehler ist aufgetreten"
    assert "secret details" not in answer.text
    assert "content-security-policy" in answer.headers
