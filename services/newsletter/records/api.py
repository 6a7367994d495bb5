"""Routes to what is held about one address: for its owner, by a token that was mailed on request, and for editors."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.contracts.roles import EDITOR
from infra.db import transaction
from infra.errors import Text
from infra.web.api import Api, Call
from services.newsletter.records import commands, queries
from services.newsletter.records.schemas import (
    AddressRequest,
    DeskRequest,
    Erased,
    Figures,
    Held,
    LookUpRequest,
    OwnerRequest,
    OwnRecord,
    SuppressionPage,
    SuppressionQuery,
)
from services.newsletter.subscribers.schemas import Accepted, TokenRequest

api = Api("newsletter: records")

LINK_SENT = Text(
    "Wenn wir zu dieser Adresse etwas gespeichert haben, haben wir ihr einen Link geschickt. Er gilt zwei Stunden.",
    "If we store anything about this address, we have sent it a link. It works for two hours.",
)
ERASED = Text(
    "Ihre Daten sind gelöscht. Übrig bleibt nur ein Nachweis ohne Ihre Adresse.",
    "Your data have been deleted. All that remains is proof without your address.",
)


@api.post(
    "/subscriptions/link", summary="Get a link to one's own data", body=AddressRequest, returns=Accepted, status=202
)
async def ask_for_link(call: Call) -> Accepted:
    """Mails a fresh link to the address if it is stored here; the same answer whoever it belongs to."""
    async with transaction("newsletter") as tx:
        await commands.ask_for_link(tx, call.body.email, call.language)
    return Accepted(LINK_SENT.get(call.language))


@api.post(
    "/subscriptions/preferences/link",
    summary="Get a link to one's own data, from the preferences",
    body=TokenRequest,
    returns=Accepted,
    status=202,
)
async def ask_for_link_by_preferences(call: Call) -> Accepted:
    """The same without typing the address, which the page does not know: a forwarded mail may have led there."""
    async with transaction("newsletter") as tx:
        await commands.ask_for_link_by_preferences(tx, call.body.token, call.language)
    return Accepted(LINK_SENT.get(call.language))


@api.post("/records/own", summary="One's own data", body=OwnerRequest, returns=OwnRecord)
async def show_own(call: Call) -> OwnRecord:
    """All that is held about the address of the token, the proof included. A POST keeps the token out of logs."""
    return await queries.own_record(call.body.token)


@api.post("/records/own/erase", summary="Erase one's own data", body=OwnerRequest, returns=Erased)
async def erase_own(call: Call) -> Erased:
    """Deletes it all; what stays is proof under a keyed hash."""
    async with transaction("newsletter") as tx:
        await commands.erase(tx, call.body.token)
    return Erased(ERASED.get(call.language))


@api.post("/records/look-up", summary="What is held about an address", body=LookUpRequest, returns=Held)
async def look_up(call: Call) -> Held:
    """For editors, who answer letters and telephone calls."""
    call.identity.require_role(EDITOR)
    return await queries.held(queries.typed_address(call.body.email))


@api.post("/records/end", summary="End a subscription on request", body=DeskRequest, status=204)
async def end_for(call: Call) -> None:
    """Ends it as if the person had done it."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        await commands.end_for(tx, call.identity, call.body.email, call.body.note)


@api.get("/suppressions", summary="Addresses that get no mail", query=SuppressionQuery, returns=SuppressionPage)
async def show_suppressed(call: Call) -> SuppressionPage:
    """As beginnings of keyed hashes: the addresses themselves are not stored."""
    call.identity.require_role(EDITOR)
    return await queries.suppressed(call.query)


@api.post("/suppressions", summary="Let an address get no mail", body=DeskRequest, status=204)
async def block(call: Call) -> None:
    """Ends what it gets and refuses it from now on."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        await commands.block(tx, call.identity, call.body.email, call.body.note)


@api.post("/suppressions/lift", summary="Allow an address mail again", body=DeskRequest, status=204)
async def lift(call: Call) -> None:
    """The only way for complaints and blocked addresses; it subscribes nobody."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        await commands.lift(tx, call.identity, call.body.email, call.body.note)


@api.get("/subscribers/figures", summary="How many read the newsletter", returns=Figures)
async def show_figures(call: Call) -> Figures:
    """For editors; without anybody's address."""
    call.identity.require_role(EDITOR)
    return await queries.figures(datetime.now(UTC))
