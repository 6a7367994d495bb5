"""Routes for sending an issue and for seeing who got it."""

from __future__ import annotations

from infra.contracts.roles import EDITOR, PUBLISHER
from infra.db import transaction
from infra.web.api import Api, Call, Reply, etag
from services.newsletter.dispatch import commands, queries
from services.newsletter.dispatch.schemas import DeliveryPage, DeliveryQuery, DispatchView, ResendRequest
from services.newsletter.issues import queries as issues
from services.newsletter.issues.models import Issue
from services.newsletter.issues.schemas import IssueView

api = Api("newsletter")


@api.post("/issues/{id}/send", summary="Send an approved issue", returns=IssueView, status=202)
async def send_issue(call: Call) -> Reply:
    """Freezes audience and content and starts the dispatch. A second call answers 409 and sends nothing."""
    call.identity.require_role(PUBLISHER)
    async with transaction("newsletter") as tx:
        issue = await commands.send(tx, call.identity, call.path["id"], call.if_match())
    return await _reply(call, issue, 202)


@api.post("/issues/{id}/pause", summary="Pause the dispatch of an issue", returns=IssueView)
async def pause_issue(call: Call) -> Reply:
    """Begins no more mails; those in hand go out."""
    call.identity.require_role(PUBLISHER)
    async with transaction("newsletter") as tx:
        issue = await commands.pause(tx, call.path["id"], call.if_match())
    return await _reply(call, issue)


@api.post("/issues/{id}/resume", summary="Resume the dispatch of an issue", returns=IssueView, status=202)
async def resume_issue(call: Call) -> Reply:
    """Goes on where it was paused."""
    call.identity.require_role(PUBLISHER)
    async with transaction("newsletter") as tx:
        issue = await commands.resume(tx, call.path["id"], call.if_match())
    return await _reply(call, issue, 202)


@api.post("/issues/{id}/cancel", summary="Call an issue off", returns=IssueView)
async def cancel_issue(call: Call) -> Reply:
    """Nobody gets it any more. What went out stays accounted for, and the archive keeps it."""
    call.identity.require_role(PUBLISHER)
    async with transaction("newsletter") as tx:
        issue = await commands.cancel(tx, call.path["id"], call.if_match())
    return await _reply(call, issue)


@api.post("/issues/{id}/resend", summary="Send an issue again", body=ResendRequest, returns=IssueView, status=202)
async def resend_issue(call: Call) -> Reply:
    """Sends it once more to those with whom it failed, or with whom it is uncertain, with the same Message-IDs."""
    call.identity.require_role(PUBLISHER)
    async with transaction("newsletter") as tx:
        issue = await commands.resend(tx, call.path["id"], call.if_match(), call.body.status)
    return await _reply(call, issue, 202)


@api.post("/issues/{id}/send-late", summary="Send an issue to newcomers", returns=IssueView, status=202)
async def send_issue_late(call: Call) -> Reply:
    """Sends it to those who confirmed their subscription since it was sent."""
    call.identity.require_role(PUBLISHER)
    async with transaction("newsletter") as tx:
        issue = await commands.send_late(tx, call.path["id"], call.if_match())
    return await _reply(call, issue, 202)


@api.get("/issues/{id}/deliveries", summary="Who got an issue", query=DeliveryQuery, returns=DeliveryPage)
async def list_deliveries(call: Call) -> DeliveryPage:
    """One row per recipient with the mail server's reply."""
    call.identity.require_role(EDITOR, PUBLISHER)
    issue = await issues.visible(call.path["id"], call.identity)
    return await queries.page(issue, call.query)


@api.get("/issues/{id}/dispatch", summary="How the dispatch of an issue went", returns=DispatchView)
async def show_dispatch(call: Call) -> DispatchView:
    """The accounts by status and by the domains with most recipients, and how many newcomers could still get it."""
    call.identity.require_role(EDITOR, PUBLISHER)
    issue = await issues.visible(call.path["id"], call.identity)
    return await queries.overview(issue)


async def _reply(call: Call, issue: Issue, status: int = 200) -> Reply:
    return Reply(await issues.view(issue, call.identity, call.language), status, etag(issue.version))
