"""A running forum with two networks, and the people who come to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from infra.web.identity import ANONYMOUS
from services.forum.service import service
from tests.kit import Database, Running, running
from tests.services.forum.world import EAST, NORTH, Forum, account_changed, network_published, person


@pytest.fixture
async def forum(database: Database) -> AsyncIterator[Forum]:
    """A forum that has heard of the networks `nord` and `ost` and of their people."""
    async with running([service], database) as kit:
        yield await _peopled(kit)


@pytest.fixture
async def small(sqlite: Database) -> AsyncIterator[Forum]:
    """The same on SQLite only, where the kind of database does not matter."""
    async with running([service], sqlite) as kit:
        yield await _peopled(kit)


async def _peopled(kit: Running) -> Forum:
    forum = Forum(
        kit,
        anonymous=ANONYMOUS,
        member=person("mitglied", networks=[NORTH]),
        colleague=person("kollegin", networks=[NORTH]),
        outsider=person("fremd"),
        neighbour=person("nachbarin", networks=[EAST]),
        coordinator=person("koordination", "coordinator", networks=[NORTH]),
        other_coordinator=person("koordination2", "coordinator", networks=[EAST]),
        moderator=person("moderation", "moderator"),
        admin=person("admin", "admin"),
    )
    await kit.deliver("forum", network_published(NORTH, "Netzwerk Nord", region="landkreis-harz"))
    await kit.deliver("forum", network_published(EAST, "Netzwerk Ost", region="sachsen"))
    for someone in (forum.member, forum.colleague, forum.coordinator, forum.neighbour, forum.other_coordinator):
        await kit.deliver("forum", account_changed(someone))
    return forum
