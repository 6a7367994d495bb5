"""Left: makes things and tells about them; takes bundles of names."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from infra.db import Transaction, transaction
from infra.errors import Text
from infra.inbox import Handlers
from infra.jobs import Jobs
from infra.outbox import record
from infra.runtime.service import ImportReport, RowError, Service
from infra.settings import Settings
from infra.web.api import Api, Call, Reply
from infra.web.app import create_app
from tests.house.events import ThingMade
from tests.house.left.models import Thing

NAME = "left"
log = logging.getLogger(__name__)
api = Api(NAME)
handlers = Handlers(NAME)
jobs = Jobs(NAME)


class ThingIn(msgspec.Struct):
    """A thing to make."""

    name: str


@api.post("/things", summary="Make a thing", body=ThingIn, status=201)
async def make(call: Call) -> Reply:
    """Makes a thing and tells about it in one transaction."""
    async with transaction(NAME) as tx:
        await make_thing(tx, call.body.name)
    return Reply({"name": call.body.name}, 201)


async def make_thing(tx: Transaction, name: str) -> None:
    """Row and event in one transaction."""
    thing = await Thing.create(name=name, using_db=tx.connection)
    log.info("thing made")
    await record(tx, ThingMade(id=str(thing.id), version=1, name=name))


async def seed(_settings: Settings) -> None:
    """One thing that is always there."""
    if not await Thing.filter(name="seeded").exists():
        async with transaction(NAME) as tx:
            await make_thing(tx, "seeded")


async def take(directory: Path, dry_run: bool) -> ImportReport:
    """Takes `things.txt`, one name a line; empty lines are errors."""
    report = ImportReport()
    names = (directory / "things.txt").read_text().splitlines()
    report.errors = [RowError("things.txt", n, "the name is missing") for n, name in enumerate(names, 1) if not name]
    report.created = len(names) - len(report.errors)
    if not dry_run and not report.errors:
        async with transaction(NAME) as tx:
            for name in names:
                await make_thing(tx, name)
    return report


service = Service(
    name=NAME,
    package="tests.house.left",
    app=lambda settings: create_app(NAME, api, handlers, settings),
    handlers=handlers,
    jobs=jobs,
    seed=seed,
    importer=take,
    demo_notes=[Text("Niemand muss sich anmelden.", "Nobody needs to sign in.")],
)
