"""The route by which editors take over a list of subscribers."""

from __future__ import annotations

from infra.contracts.roles import EDITOR
from infra.db import transaction
from infra.web.api import MAX_BODY_BYTES, Api, Call
from services.newsletter.lists import commands
from services.newsletter.lists.schemas import ListReport, ListRequest

api = Api("newsletter: lists")


@api.post(
    "/subscribers/lists",
    summary="Take over a list of subscribers",
    body=ListRequest,
    returns=ListReport,
    limit=2 * MAX_BODY_BYTES,
)
async def import_list(call: Call) -> ListReport:
    """Checks a CSV file and, unless it is a dry run, stores who is new in it, with the proof of each consent.

    A file may have about a megabyte, which JSON writes longer.
    """
    call.identity.require_role(EDITOR)
    found = await commands.read_list(call.body.csv, call.language)
    async with transaction("newsletter") as tx:
        return await commands.take_list(tx, found, call.body, call.identity.account)
