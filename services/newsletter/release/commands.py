"""Approving, setting the hour, and trying out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from infra.db import Transaction
from infra.errors import FieldError, Invalid, Text, TooMany
from infra.mail.posting.rounds import forget_settled, new_posting
from infra.web.identity import Identity
from services.newsletter.checks.queries import require_passed
from services.newsletter.context import current
from services.newsletter.directory import queries as directory
from services.newsletter.issues import domain as issues
from services.newsletter.issues.commands import fix, locked, save
from services.newsletter.issues.domain import APPROVED, DRAFT
from services.newsletter.issues.models import Issue
from services.newsletter.issues.queries import authors
from services.newsletter.jobs import SEND_TESTS, jobs
from services.newsletter.release import domain
from services.newsletter.release.models import TestMail
from services.newsletter.release.schemas import TestRequest
from services.newsletter.signatures import signature
from services.newsletter.subscribers.addresses import BAD_ADDRESS, writable_address
from services.newsletter.subscribers.queries import hash_of, may_be_written_to

FORGET_TESTS_AFTER = timedelta(days=1)
_NOT_WANTED = Text("An diese Adresse geht keine Post von uns.", "This address gets no mail from us.")


async def approve(tx: Transaction, identity: Identity, name: str, version: int | None) -> Issue:
    """Approve as second person; a draft is submitted by that.

    Raises NotFound, Stale, Forbidden (an author of it), Conflict (nothing to approve, or a check failed).
    """
    issue = await locked(tx, name, version)
    issues.require_second_person(issue.state, issue.is_public, authors(issue), identity.account)
    if issue.state == DRAFT:
        await fix(tx, issue, identity)
    await require_passed(issue)
    issue.state = APPROVED
    issue.people = {**issue.people, "approved": signature(identity)}
    return await save(tx, issue)


async def schedule(tx: Transaction, name: str, version: int | None, text: str, now: datetime) -> Issue:
    """Set the hour at which an approved issue goes out; "" leaves that to a person again.

    Raises NotFound, Stale, Invalid, Conflict (not approved, or a check failed).
    """
    issue = await locked(tx, name, version)
    domain.require_approved(issue.state)
    issue.send_at = domain.send_time(text, now)
    if issue.send_at is not None:
        await require_passed(issue)
    return await save(tx, issue)


async def try_out(tx: Transaction, identity: Identity, issue: Issue, request: TestRequest) -> None:
    """Have the issue sent to one address as it stands, if it may be written to. Raises Invalid, TooMany."""
    errors = await directory.choice_errors(request.districts, request.topics)
    address = writable_address(request.to.strip(), demo=current().settings.demo)
    if not address:
        errors.append(FieldError("to", BAD_ADDRESS))
    now = datetime.now(UTC)
    if not await may_be_written_to(hash_of(address), now):
        errors.append(FieldError("to", _NOT_WANTED))
    if errors:
        raise Invalid(fields=errors)
    lately = TestMail.filter(account_id=identity.account, created_at__gt=now - timedelta(hours=1))
    if await lately.using_db(tx.connection).count() >= domain.MOST_TESTS_AN_HOUR:
        text = Text("So viele Testmails in einer Stunde gehen nicht.", "That many test mails an hour are too many.")
        raise TooMany(text)
    mail = new_posting(
        TestMail,
        current(),
        now,
        issue_id=issue.id,
        account_id=identity.account,
        address=address,
        language=request.language,
        districts=request.districts,
        topics=request.topics,
    )
    await mail.save(using_db=tx.connection, force_create=True)
    tx.after_commit(jobs.later(SEND_TESTS))


async def forget_tests(tx: Transaction, now: datetime) -> int:
    """Forget test mails of yesterday, with the addresses they went to; returns how many."""
    return await forget_settled(tx, TestMail, now - FORGET_TESTS_AFTER)
