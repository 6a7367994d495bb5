"""Routes of notices: what one is told of, choosing it, and ending a kind by the link in a mail (never on a GET)."""

from __future__ import annotations

from infra.db import transaction
from infra.errors import Text
from infra.web.api import Api, Call
from services.contacts.accounts.queries import own_account
from services.contacts.notices import commands, queries
from services.contacts.notices.domain import DIGEST
from services.contacts.notices.schemas import ChooseNotices, NoticesEnded, NoticesView, StopRequest
from services.contacts.notices.wording import WORDS

api = Api("contacts: notices")
_ENDED = Text("Sie bekommen keine E-Mails mehr zu „{name}“.", "You will get no more e-mails about “{name}”.")
_DIGEST_ENDED = Text("Sie bekommen den Tagesüberblick nicht mehr.", "You will no longer get the daily digest.")


@api.get("/me/notices", summary="What one is told of by mail", returns=NoticesView)
async def own_notices(call: Call) -> NoticesView:
    """The kinds that can concern the person, with how often they are told."""
    return await queries.view_of(await own_account(call.identity.account), call.identity.roles, call.language)


@api.patch("/me/notices", summary="Choose what one is told of", body=ChooseNotices, returns=NoticesView, guarded=False)
async def choose(call: Call) -> NoticesView:
    """What is left out stays."""
    account = await own_account(call.identity.account)
    async with transaction("contacts") as tx:
        await commands.choose(tx, account.id, call.body.rhythms, call.body.language)
    return await queries.view_of(await own_account(call.identity.account), call.identity.roles, call.language)


@api.post("/notices/stop", summary="End notices of a kind", body=StopRequest, returns=NoticesEnded)
async def stop(call: Call) -> NoticesEnded:
    """Ends them by the button on the page; nobody needs to be signed in."""
    return await _stop(call, call.body.token)


@api.post("/notices/one-click/{token}", summary="End notices with one click (RFC 8058)", returns=NoticesEnded)
async def one_click(call: Call) -> NoticesEnded:
    """What a mail program's own button posts. The token alone decides, so the body is not read."""
    return await _stop(call, call.path["token"])


async def _stop(call: Call, token: str) -> NoticesEnded:
    async with transaction("contacts") as tx:
        kind = await commands.stop(tx, token)
    said = _DIGEST_ENDED if kind == DIGEST else _ENDED
    name = "" if kind == DIGEST else WORDS[kind].name.get(call.language)
    return NoticesEnded(kind, said.get(call.language).format(name=name))
