"""Routes for releasing an issue and for trying it out."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.contracts.roles import EDITOR, PUBLISHER
from infra.db import transaction
from infra.web.api import Api, Call, Reply, etag
from services.newsletter.issues import queries
from services.newsletter.issues.models import Issue
from services.newsletter.issues.schemas import IssueView
from services.newsletter.release import commands
from services.newsletter.release.schemas import ScheduleRequest, TestRequest

api = Api("newsletter")


@api.post("/issues/{id}/approve", summary="Approve an issue as second person", returns=IssueView)
async def approve_issue(call: Call) -> Reply:
    """Approves; whoever created the issue or edited it last cannot. 409 with the list of what the checks found."""
    call.identity.require_role(PUBLISHER)
    async with transaction("newsletter") as tx:
        issue = await commands.approve(tx, call.identity, call.path["id"], call.if_match())
    return await _reply(call, issue)


@api.post("/issues/{id}/schedule", summary="Set when an issue goes out", body=ScheduleRequest, returns=IssueView)
async def schedule_issue(call: Call) -> Reply:
    """Sets the hour at which an approved issue goes out by itself, or takes it back with an empty one."""
    call.identity.require_role(PUBLISHER)
    async with transaction("newsletter") as tx:
        issue = await commands.schedule(tx, call.path["id"], call.if_match(), call.body.send_at, datetime.now(UTC))
    return await _reply(call, issue)


@api.post("/issues/{id}/test", summary="Send an issue to oneself", body=TestRequest, status=202)
async def test_issue(call: Call) -> Reply:
    """Sends the issue as it stands to one address, marked as a test and without personal links."""
    call.identity.require_role(EDITOR, PUBLISHER)
    issue = await queries.visible(call.path["id"], call.identity)
    async with transaction("newsletter") as tx:
        await commands.try_out(tx, call.identity, issue, call.body)
    return Reply(None, 202)


async def _reply(call: Call, issue: Issue) -> Reply:
    return Reply(await queries.view(issue, call.identity, call.language), headers=etag(issue.version))
