"""A running newsletter that knows a few regions and topics, and the people who work with it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.infra.mail.sink import Sink
from tests.kit import Database, running
from tests.services.newsletter.alert_desk import AlertDesk
from tests.services.newsletter.bounce_desk import BOUNCES, KEY, BounceDesk
from tests.services.newsletter.desk import Desk, service


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A newsletter on each kind of database, with the territory told."""
    async with running([service], database) as kit:
        made = Desk(kit)
        await made.tell_territory()
        yield made


@pytest.fixture
async def one_desk(sqlite: Database) -> AsyncIterator[Desk]:
    """The same on SQLite only, for what never reaches a database."""
    async with running([service], sqlite) as kit:
        made = Desk(kit)
        await made.tell_territory()
        yield made


@pytest.fixture
async def alerts(database: Database) -> AsyncIterator[AlertDesk]:
    """A newsletter on each kind of database, for alerts."""
    async with running([service], database) as kit:
        yield AlertDesk(kit)


@pytest.fixture
async def few_alerts(sqlite: Database) -> AsyncIterator[AlertDesk]:
    """The same on SQLite only, for what never reaches a database."""
    async with running([service], sqlite) as kit:
        yield AlertDesk(kit)


@pytest.fixture
async def bounces(database: Database) -> AsyncIterator[BounceDesk]:
    """A newsletter on each kind of database, with an address for bounces."""
    async with running([service], database, bounce_address=BOUNCES, bounce_http_key=KEY) as kit:
        yield BounceDesk(kit)


@pytest.fixture
async def one_bounces(sqlite: Database) -> AsyncIterator[BounceDesk]:
    """The same on SQLite only, for what never reaches a database."""
    async with running([service], sqlite, bounce_address=BOUNCES, bounce_http_key=KEY) as kit:
        yield BounceDesk(kit)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    """A mail server to be scripted by the test."""
    async with Sink().listening() as server:
        yield server
