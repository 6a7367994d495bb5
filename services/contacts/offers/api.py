"""Routes of offers. Reading is open to all for what is published; changing is for who looks after the network."""

from __future__ import annotations

from dataclasses import fields

import msgspec
from starlette.responses import Response

from infra.db import transaction
from infra.web.api import Api, Call, Reply, etag
from services.contacts.answers import conditional
from services.contacts.offers import commands, queries
from services.contacts.offers.domain import Draft
from services.contacts.offers.models import Offer
from services.contacts.offers.schemas import OfferCard, OfferChange, OfferCreate, OfferQuery, OfferView, Withdrawal
from services.contacts.paging import Page

api = Api("contacts: offers")


@api.get("/offers", summary="Offers", query=OfferQuery, returns=Page[OfferCard])
async def list_offers(call: Call) -> Response:
    """Published offers, or with `mine` those of one's own networks in every state."""
    return conditional(call, await queries.offers(call.query, call.identity))


@api.get("/offers/{slug}", summary="One offer", returns=OfferView)
async def show_offer(call: Call) -> Reply:
    """404 for drafts and withdrawn offers, except to those who look after them. The ETag is for `If-Match`."""
    view = await queries.offer(call.path["slug"], call.identity)
    return Reply(view, headers=etag(view.version))


@api.post("/offers", summary="Create an offer as a draft", body=OfferCreate, returns=OfferView, status=201)
async def create_offer(call: Call) -> Reply:
    """For coordinators, in their own networks. Answers the draft with its ETag and its address."""
    async with transaction("contacts") as tx:
        row = await commands.create(tx, call.identity, Draft(**msgspec.structs.asdict(call.body)))
    return Reply(
        await queries.view_of(row, call.identity), 201, {"location": f"/offers/{row.slug}", **etag(row.version)}
    )


@api.patch("/offers/{slug}", summary="Change an offer", body=OfferChange, returns=OfferView)
async def change_offer(call: Call) -> Reply:
    """Only the fields that are sent change. Needs `If-Match` with the ETag that was read."""
    if call.if_match() is None:  # who is not signed in learns that first
        call.identity.require_account()
    expected = call.required_version()
    sent = {item.name: getattr(call.body, item.name) for item in fields(Draft)}
    changes = {name: value for name, value in sent.items() if value is not msgspec.UNSET}
    async with transaction("contacts") as tx:
        row = await commands.change(tx, call.identity, call.path["slug"], changes, expected)
    return await _answer(call, row)


@api.post("/offers/{slug}/publish", summary="Publish an offer", returns=OfferView)
async def publish_offer(call: Call) -> Reply:
    """With `If-Match`, only the version that was read. The same answer when it is public already."""
    async with transaction("contacts") as tx:
        row = await commands.publish(tx, call.identity, call.path["slug"], call.if_match())
    return await _answer(call, row)


@api.post("/offers/{slug}/withdraw", summary="Withdraw an offer", body=Withdrawal, returns=OfferView)
async def withdraw_offer(call: Call) -> Reply:
    """Takes a public offer back, if possible with the reason. It can be edited and published again."""
    async with transaction("contacts") as tx:
        row = await commands.withdraw(tx, call.identity, call.path["slug"], call.body.reason or "", call.if_match())
    return await _answer(call, row)


async def _answer(call: Call, row: Offer) -> Reply:
    return Reply(await queries.view_of(row, call.identity), headers=etag(row.version))
