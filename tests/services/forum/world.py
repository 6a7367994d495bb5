"""Words for what the forum's tests do: people, events, and the way into the running service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.contracts.contacts import AccountChanged, NetworkPublished, OfferPublished, OfferWithdrawn
from infra.ids import content_id
from infra.web.client import Answer
from infra.web.identity import Identity
from tests.kit import Running, identity

NORTH, EAST = "nord", "ost"


def person(name: str, *roles: str, networks: Sequence[str] = ()) -> Identity:
    """Somebody with an account."""
    return identity(str(content_id("account", name)), *roles, networks=networks, name=name.capitalize())


def network_published(slug: str, name: str, version: int = 1, **fields: Any) -> NetworkPublished:
    """A network as contacts tells of it."""
    return NetworkPublished(id=str(content_id("network", slug)), version=version, slug=slug, name=name, **fields)


def account_changed(someone: Identity, version: int = 1, **fields: Any) -> AccountChanged:
    """An account as contacts tells of it."""
    told = {"name": someone.name, "roles": sorted(someone.roles), "networks": sorted(someone.networks), **fields}
    return AccountChanged(id=someone.account, version=version, **told)


def offer_published(slug: str, version: int = 1, **fields: Any) -> OfferPublished:
    """An offer as contacts tells of it."""
    told = {"title": "Bewerbungstraining", "summary": "Üben für das Gespräch.", "network": NORTH, **fields}
    return OfferPublished(id=str(content_id("offer", slug)), version=version, slug=slug, name=told["title"], **told)


def offer_withdrawn(slug: str, version: int, network: str = NORTH) -> OfferWithdrawn:
    """An offer that is no longer public."""
    return OfferWithdrawn(id=str(content_id("offer", slug)), version=version, slug=slug, network=network)


@dataclass
class Forum:
    """The running forum and its people; `member`, `colleague` and `coordinator` belong to the network `nord`."""

    kit: Running
    anonymous: Identity
    member: Identity
    colleague: Identity
    outsider: Identity
    neighbour: Identity
    coordinator: Identity
    other_coordinator: Identity
    moderator: Identity
    admin: Identity

    async def ask(self, method: str, path: str, who: Identity, body: Any = None, **options: Any) -> Answer:
        """A request in somebody's name."""
        return await self.kit.request("forum", method, path, identity=who, body=body, **options)

    async def get(self, path: str, who: Identity | None = None, **query: Any) -> Any:
        """The answer to a GET that must succeed."""
        answer = await self.ask("GET", path, who or self.member, query=query)
        assert answer.status == 200, answer
        return answer.json()

    async def tell(self, event: Any, event_id: str = "") -> None:
        """Let the forum hear an event."""
        await self.kit.deliver("forum", event, event_id=event_id)

    async def open(self, who: Identity | None = None, space: str = NORTH, title: str = "Eine Frage") -> Any:
        """A topic by `who` in a space."""
        body = {"title": title, "body": "Wie macht ihr das?"}
        answer = await self.ask("POST", f"/spaces/{space}/topics", who or self.member, body)
        assert answer.status == 201, answer
        return answer.json()

    async def reply(
        self, topic: Any, who: Identity | None = None, body: str = "So machen wir das.", **more: Any
    ) -> Any:
        """A reply by `who`."""
        answer = await self.ask("POST", f"/topics/{topic['slug']}/posts", who or self.colleague, {"body": body, **more})
        assert answer.status == 201, answer
        return answer.json()

    async def set_access(self, access: str, space: str = NORTH) -> None:
        """Change who may read a space."""
        version = (await self.get(f"/spaces/{space}", self.admin))["version"]
        headers = {"if-match": f'"{version}"'}
        answer = await self.ask("PATCH", f"/spaces/{space}", self.admin, {"access": access}, headers=headers)
        assert answer.status == 200, answer


def fields_of(answer: Answer) -> set[str]:
    """The fields that a problem names."""
    assert answer.headers["content-type"] == "application/problem+json", answer
    return {item["field"] for item in answer.json()["fields"]}
