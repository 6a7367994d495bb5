"""Routes for editors who compose issues and for everybody who reads the archive."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.contracts.roles import EDITOR, PUBLISHER
from infra.db import transaction
from infra.web.api import Api, Call, Reply, etag
from services.newsletter.issues import commands, queries, reading
from services.newsletter.issues.calendar import today
from services.newsletter.issues.models import Issue
from services.newsletter.issues.schemas import (
    ArchivedIssue,
    ArchiveQuery,
    IssueChange,
    IssuePage,
    IssueRequest,
    IssueView,
    PageQuery,
    PreviewQuery,
    PreviewView,
)

api = Api("newsletter")


@api.get("/issues", summary="Issues, newest first", query=PageQuery, returns=IssuePage)
async def list_issues(call: Call) -> IssuePage:
    """Editors see all issues, everybody else those that went out."""
    return await queries.page(call.query, everything=queries.is_editor(call.identity))


@api.post("/issues", summary="Draft an issue for a quarter", body=IssueRequest, returns=IssueView, status=201)
async def create_issue(call: Call) -> Reply:
    """Creates the draft of a quarter with its sections; offers and dates are collected by themselves."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        issue = await commands.create(tx, call.identity, call.body)
    view = await queries.view(issue, call.identity, call.language)
    return Reply(view, 201, {"location": f"/issues/{issue.slug}", **etag(issue.version)})


@api.get("/issues/{id}", summary="One issue", returns=IssueView)
async def show_issue(call: Call) -> Reply:
    """An issue with its sections and what was collected for them."""
    return await _reply(call, await queries.visible(call.path["id"], call.identity))


@api.patch("/issues/{id}", summary="Change an issue", body=IssueChange, returns=IssueView)
async def change_issue(call: Call) -> Reply:
    """Changes title, focus, texts, items and choices; needs If-Match and withdraws an approval."""
    call.identity.require_role(EDITOR)
    version = call.required_version()
    async with transaction("newsletter") as tx:
        issue = await commands.change(tx, call.identity, call.path["id"], version, call.body)
    return await _reply(call, issue)


@api.post("/issues/{id}/submit", summary="Submit an issue for approval", returns=IssueView)
async def submit_issue(call: Call) -> Reply:
    """Fixes which offers and dates go along and asks a second person."""
    call.identity.require_role(EDITOR)
    async with transaction("newsletter") as tx:
        issue = await commands.submit(tx, call.identity, call.path["id"], call.if_match())
    return await _reply(call, issue)


@api.get("/issues/{id}/preview", summary="An issue as a subscriber gets it", query=PreviewQuery, returns=PreviewView)
async def preview_issue(call: Call) -> PreviewView:
    """The mail for somebody with these districts, topics and language; links in it lead nowhere personal."""
    call.identity.require_role(EDITOR, PUBLISHER)
    issue = await queries.visible(call.path["id"], call.identity)
    return await reading.preview(issue, call.query)


@api.get("/archive", summary="Issues that went out", query=PageQuery, returns=IssuePage)
async def list_archive(call: Call) -> IssuePage:
    """The web archive, newest first."""
    return await queries.page(call.query, everything=False)


@api.get("/archive/{slug}", summary="An issue to read", query=ArchiveQuery, returns=ArchivedIssue)
async def show_archived(call: Call) -> ArchivedIssue:
    """A sent issue without personal parts: whole, or as the readers of some districts got it."""
    issue = await queries.published(call.path["slug"])
    shown = await reading.archived(issue, call.query)
    if call.identity.anonymous:
        async with transaction("newsletter") as tx:
            await commands.count_visit(tx, issue, today(datetime.now(UTC)))
    return shown


async def _reply(call: Call, issue: Issue) -> Reply:
    return Reply(await queries.view(issue, call.identity, call.language), headers=etag(issue.version))
