"""The quarterly rhythm: proposes the draft of a quarter, and reminds its editors until it is submitted.

Beat calls this every hour. Whether something is to be done follows from the day and the rows alone, so that a missed
hour or a call too many changes nothing: there is one issue for a quarter, and a count of the reminders it had.
"""

from __future__ import annotations

from datetime import date

from infra.contracts.notices import ISSUE_PROPOSED, ISSUE_REMINDER
from infra.contracts.roles import EDITOR
from infra.db import Transaction
from infra.errors import Conflict
from infra.notices import ask_notice
from infra.web.identity import Identity
from services.newsletter.issues.calendar import proposal_day, quarter_of
from services.newsletter.issues.commands import create, desk_path, words_of
from services.newsletter.issues.domain import DRAFT
from services.newsletter.issues.models import Issue
from services.newsletter.issues.schemas import IssueRequest

REMIND_EVERY_DAYS = 7
# Who begins an issue when nobody does: no account, so that everybody may approve it.
PLAN = Identity(name="Lotse")


async def propose(tx: Transaction, day: date) -> Issue | None:
    """Begin the issue of the day's quarter when its last month has come; None when it is too early, or there is one."""
    quarter = quarter_of(day)
    if day < proposal_day(quarter) or await Issue.filter(quarter=quarter).using_db(tx.connection).exists():
        return None
    try:
        issue = await create(tx, PLAN, IssueRequest(quarter))
    except Conflict:  # somebody else began it at this moment
        return None
    await ask_notice(
        tx,
        ISSUE_PROPOSED,
        issue.id,
        version=issue.version,
        role=EDITOR,
        path=desk_path(issue),
        words=words_of(issue),
    )
    return issue


async def remind(tx: Transaction, day: date) -> int:
    """Remind the editors of drafts whose day has come, once a week; returns of how many."""
    reminded = 0
    for issue in await Issue.filter(state=DRAFT, published_on="").using_db(tx.connection).select_for_update():
        due = (day - proposal_day(issue.quarter)).days // REMIND_EVERY_DAYS
        if due <= issue.reminders:
            continue
        issue.reminders = due
        await issue.save(using_db=tx.connection, update_fields=["reminders"])
        await ask_notice(
            tx,
            ISSUE_REMINDER,
            issue.id,
            version=due,
            role=EDITOR,
            path=desk_path(issue),
            words=words_of(issue),
        )
        reminded += 1
    return reminded
