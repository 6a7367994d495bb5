"""Routes for the desk's pages of bounces and replies, and for a mail server that hands over what came back by HTTP."""

from __future__ import annotations

import hmac

from infra.contracts.roles import EDITOR
from infra.db import transaction
from infra.errors import NotFound, Unauthenticated
from infra.web.api import Api, Call, Reply, read_start
from services.newsletter.bounces import commands, queries
from services.newsletter.bounces.domain import MOST_BYTES, READ_BYTES
from services.newsletter.bounces.intake import take
from services.newsletter.bounces.reading import Incoming
from services.newsletter.bounces.schemas import (
    BouncePage,
    BounceQuery,
    ReplyChange,
    ReplyPage,
    ReplyQuery,
    ReplyView,
    Summary,
    SummaryQuery,
)
from services.newsletter.context import current

api = Api("newsletter")


@api.post("/incoming", summary="Take in a mail", status=204)
async def take_in(call: Call) -> Reply:
    """For a mail server that pipes what comes to it: the body is the mail as it came (message/rfc822).

    `Authorization: Bearer` with LOTSE_BOUNCE_HTTP_KEY is asked for; without that setting there is no such address.
    `X-Envelope-To` and `X-Envelope-From` (empty for a report) say what the envelope said; `X-Original-Size` how many
    bytes there were where only the beginning is sent. The answer comes when all that follows is committed.
    """
    require_key(call.request.headers.get("authorization", ""), current().settings.bounce_http_key)
    start, size = await read_start(call.request, READ_BYTES, MOST_BYTES)
    headers = call.request.headers
    recipient, told = headers.get("x-envelope-to", ""), headers.get("x-original-size", "")
    whole = int(told[:12]) if told.isascii() and told.isdigit() else size
    recipients = (recipient,) if recipient else ()
    await take([Incoming("http", start, max(size, whole), recipients, headers.get("x-envelope-from"))])
    return Reply(status=204)


def require_key(given: str, key: str) -> None:
    """Raises NotFound where no key is set, Unauthenticated for a wrong one."""
    if not key:
        raise NotFound
    if not hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
        raise Unauthenticated


@api.get("/bounces", summary="What came back", query=BounceQuery, returns=BouncePage)
async def list_bounces(call: Call) -> BouncePage:
    """Bounces and complaints, newest first, without addresses."""
    call.identity.require_role(EDITOR)
    return await queries.bounces(call.query)


@api.get("/bounces/summary", summary="How much came back", query=SummaryQuery, returns=Summary)
async def summarise_bounces(call: Call) -> Summary:
    """Counted by kind, issue, month and domain."""
    call.identity.require_role(EDITOR)
    return await queries.summary(call.query.days)


@api.get("/replies", summary="What people wrote", query=ReplyQuery, returns=ReplyPage)
async def list_replies(call: Call) -> ReplyPage:
    """Mails of people to our addresses, newest first; they are deleted after 90 days."""
    call.identity.require_role(EDITOR)
    return await queries.replies(call.query)


@api.get("/replies/{id}", summary="A mail of a person", returns=ReplyView)
async def show_reply(call: Call) -> ReplyView:
    """The mail as plain text."""
    call.identity.require_role(EDITOR)
    return queries.reply_view(await queries.reply(call.path["id"]))


@api.patch("/replies/{id}", summary="Mark a mail as dealt with", body=ReplyChange, returns=ReplyView, guarded=False)
async def change_reply(call: Call) -> ReplyView:
    """Says who has dealt with it, or opens it again."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        reply = await commands.mark(tx, call.identity, call.path["id"], call.body.state)
    return queries.reply_view(reply)


@api.delete("/replies/{id}", summary="Delete a mail of a person", status=204)
async def delete_reply(call: Call) -> Reply:
    """Deletes it before its 90 days are over."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        await commands.delete(tx, call.path["id"])
    return Reply(status=204)
