"""The toy service: makes things, tells about them, remembers what it heard."""

from __future__ import annotations

import msgspec

from infra.contracts.search import IndexRebuilt
from infra.db import Transaction, transaction
from infra.errors import Conflict, FieldError, Invalid, Text
from infra.inbox import Handlers, Meta
from infra.jobs import Jobs
from infra.outbox import record
from infra.runtime.service import Service
from infra.web.api import Api, Call, Reply, etag
from infra.web.app import create_app
from tests.toy.models import Thing

NAME = "toy"
api = Api(NAME)
handlers = Handlers(NAME)
jobs = Jobs(NAME)


class ThingIn(msgspec.Struct):
    """A thing to make."""

    name: str
    size: int = 1


class ThingFilter(msgspec.Struct):
    """Which things to list."""

    names: list[str] = []
    limit: int = 20


@api.post("/things", summary="Make a thing", body=ThingIn, status=201)
async def make(call: Call) -> Reply:
    """Makes a thing and tells about it in one transaction."""
    if not call.body.name:
        raise Invalid(fields=[FieldError("name", Text("Der Name fehlt.", "The name is missing."))])
    async with transaction(NAME) as tx:
        thing = await make_thing(tx, call.body.name)
    return Reply({"id": thing.id, "account": call.identity.account}, 201, etag(1))


@api.get("/things", summary="List things", query=ThingFilter)
async def list_things(call: Call) -> dict[str, object]:
    """Lists things, all or those named."""
    found = Thing.filter(name__in=call.query.names) if call.query.names else Thing.all()
    return {"items": [thing.name for thing in await found.order_by("id").limit(call.query.limit)]}


@api.get("/things/{name}", summary="One thing")
async def show(call: Call) -> dict[str, object]:
    """Shows what the call carried."""
    return {"name": call.path["name"], "if_match": call.if_match(), "language": call.language}


@api.delete("/things/{name}", summary="Never works")
async def refuse(_call: Call) -> None:
    """Always in conflict."""
    raise Conflict


@api.post("/nothing", summary="Answers nothing")
async def nothing(_call: Call) -> None:
    """No content."""


@api.get("/fault", summary="A fault of ours")
async def fault(_call: Call) -> None:
    """Fails as programs do."""
    raise ZeroDivisionError("secret detail")


async def make_thing(tx: Transaction, name: str) -> Thing:
    """A command: row and event in one transaction."""
    thing = await Thing.create(name=name, using_db=tx.connection)
    await record(tx, IndexRebuilt(id=str(thing.id), version=1))
    return thing


@handlers.on(IndexRebuilt)
async def remember(tx: Transaction, event: IndexRebuilt, meta: Meta) -> None:
    """Remembers having heard of a thing."""
    await Thing.create(name=f"heard {event.id} from {meta.producer}", using_db=tx.connection)


@jobs.task("make")
async def make_later(name: str) -> None:
    """A job that makes a thing."""
    async with transaction(NAME) as tx:
        await make_thing(tx, name)


service = Service(
    name=NAME,
    package="tests.toy",
    app=lambda settings: create_app(NAME, api, handlers, settings),
    handlers=handlers,
    jobs=jobs,
)
