"""Right: remembers the things it hears of and finishes each by a job.

"poison" cannot be handled until there is a thing called "cure"; the job of "lost" is never asked for, so only beat
finds it; a thing called "endless" has a job that does not end, the job of "stubborn" ends when it is run again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from infra.db import Transaction, transaction
from infra.inbox import Handlers, Meta
from infra.inbox.checkpoints import forget
from infra.jobs import Jobs
from infra.runtime.service import Service
from infra.settings import Settings
from infra.web.api import Api, Call
from infra.web.app import create_app
from tests.house.events import ThingMade
from tests.house.right.models import Thing

NAME = "right"
log = logging.getLogger(__name__)
api = Api(NAME)
handlers = Handlers(NAME)
jobs = Jobs(NAME)


@api.get("/things", summary="What was heard of")
async def listing(_call: Call) -> dict[str, object]:
    """All things with their state."""
    return {"items": [{"name": thing.name, "done": thing.done} for thing in await Thing.all().order_by("id")]}


@handlers.on(ThingMade)
async def remember(tx: Transaction, event: ThingMade, _meta: Meta) -> None:
    """Keeps the name and asks for the job."""
    if event.name == "poison" and not await Thing.filter(name="cure").using_db(tx.connection).exists():
        raise ValueError("there is no cure")
    thing = await Thing.create(name=event.name, using_db=tx.connection)
    log.info("thing remembered")
    if event.name != "lost":
        tx.after_commit(jobs.later("finish", str(thing.id)))


@jobs.task("finish")
async def finish(identifier: str) -> None:
    """Finishes one thing."""
    async with transaction(NAME) as tx:
        thing = await Thing.get(id=int(identifier), using_db=tx.connection)
        if thing.name == "endless":
            await asyncio.Event().wait()
        if stubborn := thing.name == "stubborn":
            thing.name = "stubborn, begun"
        thing.done = not stubborn
        await thing.save(using_db=tx.connection, update_fields=["name", "done"])
        log.info("thing finished")
    if stubborn:
        await asyncio.Event().wait()


@jobs.every(seconds=1, name="find_lost")
async def find_lost() -> None:
    """Asks again for the jobs of things that are not finished."""
    for thing in await Thing.filter(done=False, name="lost"):
        jobs.enqueue("finish", str(thing.id))


async def reindex() -> None:
    """Forgets what was heard; the events tell it again."""
    async with transaction(NAME) as tx:
        await Thing.all().using_db(tx.connection).delete()
    await forget(NAME, "left")


async def reindexing() -> bool:
    """Whether it still knows nothing."""
    return not await Thing.exists()


@asynccontextmanager
async def attend(_settings: Settings) -> AsyncIterator[None]:
    """Says in the log where it is attended to."""
    log.info("right is attended to")
    yield


async def seed(_settings: Settings) -> None:
    """Is called only once right has heard of what left's seed made."""
    if not await Thing.filter(name="seeded").exists():
        raise RuntimeError("right was seeded before it had caught up with left")


service = Service(
    name=NAME,
    package="tests.house.right",
    app=lambda settings: create_app(NAME, api, handlers, settings),
    handlers=handlers,
    jobs=jobs,
    attend=attend,
    seed=seed,
    commands={"reindex": reindex, "reindexing": reindexing},
)
