"""Routes for sending an issue and for seeing who got it."""

from __future__ import annotations

from infra.contracts.roles import EDITOR, PUBLISHER
from infra.db import transaction
from infra.web.api import Api, Call, Reply, etag
from services.newsletter.dispatch import commands, queries
from services.newsletter.dispatch.schemas import DeliveryPage, DeliveryQuery
from services.newsletter.issues import queries as issues
from services.newsletter.issues.schemas import IssueView

api = Api("newsletter")


@api.post("/issues/{id}/send", summary="Send an approved issue", returns=IssueView, status=202)
async def send_issue(call: Call) -> Reply:
    """Freezes audience and content and starts the dispatch. A second call answers 409 and sends nothing."""
    call.identity.require_role(PUBLISHER)
    async with transaction("newsletter") as tx:
        issue = await commands.send(tx, call.identity, call.path["id"], call.if_match())
    return Reply(await issues.view(issue, call.identity, call.language), 202, etag(issue.version))


@api.get("/issues/{id}/deliveries", summary="Who got an issue", query=DeliveryQuery, returns=DeliveryPage)
async def list_deliveries(call: Call) -> DeliveryPage:
    """One row per recipient with the mail server's reply."""
    call.identity.require_role(EDITOR, PUBLISHER)
    issue = await issues.visible(call.path["id"], call.identity)
    return await queries.page(issue, call.query)
