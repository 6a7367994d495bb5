"""Composing an issue: drafting, changing and submitting it."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from infra.contracts.notices import ISSUE_WAITING
from infra.contracts.roles import PUBLISHER
from infra.db import Transaction
from infra.db.newer import keep_newer
from infra.errors import Conflict, FieldError, Invalid, NotFound, Stale, Text
from infra.notices import ask_notice
from infra.outbox import record
from infra.web.identity import Identity
from services.newsletter.issues import domain
from services.newsletter.issues.content import candidates, content_of, sections_of
from services.newsletter.issues.domain import DRAFT, IMPRINT, REVIEW, HandItem, Section
from services.newsletter.issues.events import issue_published
from services.newsletter.issues.models import Issue, IssueVisits
from services.newsletter.issues.queries import authors, by_name, went_out
from services.newsletter.issues.schemas import IssueChange, IssueRequest, LocalTitle, SectionChange
from services.newsletter.jobs import CHECK_LINKS, jobs
from services.newsletter.pictures.commands import User, show
from services.newsletter.rendering.wording import ABOUT, USUAL_TITLE
from services.newsletter.signatures import signature
from services.newsletter.texts import Local, one_line_errors


async def create(tx: Transaction, identity: Identity, request: IssueRequest) -> Issue:
    """Draft the issue of a quarter. Raises Invalid (quarter), Conflict (there is one already)."""
    quarter = domain.checked_quarter(request.quarter)
    errors = _line_errors(request.title, request.focus)
    if errors:
        raise Invalid(fields=errors)
    usual = LocalTitle(USUAL_TITLE.de, USUAL_TITLE.en)
    issue = Issue(
        slug=quarter.lower(),
        quarter=quarter,
        title=msgspec.to_builtins(request.title if request.title.de.strip() else usual),
        focus=msgspec.to_builtins(request.focus),
        sections=msgspec.to_builtins(domain.new_sections(Local(ABOUT.de, ABOUT.en))),
        people={"created": signature(identity)},
    )
    await Issue.bulk_create([issue], ignore_conflicts=True, using_db=tx.connection)
    if not await Issue.filter(id=issue.id).using_db(tx.connection).exists():
        text = Text(
            f"Für {quarter} gibt es schon eine Ausgabe. Bitte bearbeiten Sie diese.",
            f"There is an issue for {quarter} already. Please edit that one.",
        )
        raise Conflict(text, [FieldError("quarter", text)])
    return issue


async def change(tx: Transaction, identity: Identity, name: str, version: int, request: IssueChange) -> Issue:
    """Change an issue that was read in `version`; an approval is withdrawn, the issue a draft again.

    Raises NotFound, Stale, Conflict (sent already), Invalid.
    """
    issue = await locked(tx, name, version)
    domain.require_editable(issue.is_public)
    sections = sections_of(issue)
    errors = _apply(sections, request) + _line_errors(request.title, request.focus)
    if request.title is not UNSET:
        if not request.title.de.strip():
            text = Text("Bitte geben Sie der Ausgabe einen deutschen Titel.", "Please give the issue a German title.")
            errors.append(FieldError("title.de", text))
        issue.title = msgspec.to_builtins(request.title)
    if request.focus is not UNSET:
        issue.focus = msgspec.to_builtins(request.focus)
    if errors:
        raise Invalid(fields=errors)
    issue.sections = msgspec.to_builtins(sections)
    issue.state, issue.fixed, issue.send_at = DRAFT, None, None
    kept_people = {role: who for role, who in issue.people.items() if role not in ("submitted", "approved")}
    issue.people = {**kept_people, "edited": signature(identity)}
    tx.after_commit(jobs.later(CHECK_LINKS))
    return await save(tx, issue)


async def submit(tx: Transaction, identity: Identity, name: str, version: int | None) -> Issue:
    """Fix what goes along and ask for approval. Raises NotFound, Stale, Conflict."""
    issue = await locked(tx, name, version)
    domain.require_draft(issue.state, issue.is_public)
    await fix(tx, issue, identity)
    issue.state = REVIEW
    saved = await save(tx, issue)
    await ask_notice(
        tx,
        ISSUE_WAITING,
        issue.id,
        version=issue.version,
        role=PUBLISHER,
        but={identity.account, *authors(issue)},
        path=desk_path(issue),
        words=words_of(issue),
    )
    tx.after_commit(jobs.later(CHECK_LINKS))
    return saved


async def fix(tx: Transaction, issue: Issue, identity: Identity) -> None:
    """Let stand what goes along with an issue that is submitted; later publications are for the next one.

    Its pictures are kept from now on, as mails that went out go on showing them.
    """
    entries = await candidates(issue)
    issue.fixed = [entry.id for entry in entries]
    hashes = [entry.picture.hash for entry in entries if entry.picture]
    await show(tx, User("issue", issue.id, issue.title["de"], issue.slug), hashes)
    issue.people = {**issue.people, "submitted": signature(identity)}


async def tell_published_again(tx: Transaction) -> int:
    """Record every sent issue once more, for those who were not there when the log still held it; returns how many."""
    issues = await went_out().using_db(tx.connection).order_by("quarter")
    for issue in issues:
        await record(tx, issue_published(issue, await content_of(issue)))
    return len(issues)


async def locked(tx: Transaction, name: str, version: int | None) -> Issue:
    """An issue that nobody else changes until the transaction ends. Raises NotFound, Stale (another version)."""
    issue = await by_name(name).using_db(tx.connection).select_for_update().first()
    if issue is None:
        raise NotFound
    if version is not None and version != issue.version:
        raise Stale
    return issue


async def save(tx: Transaction, issue: Issue) -> Issue:
    """Store an issue as its next version."""
    issue.version += 1
    await issue.save(using_db=tx.connection)
    return issue


async def count_visit(tx: Transaction, issue: Issue, day: date) -> None:
    """Count one reading of an issue on the web. A figure without people: nothing of who reads is kept."""
    row = IssueVisits(id=f"{issue.id}/{day.isoformat()}", issue_id=issue.id)
    await keep_newer(tx, row, [], "1 = 1", {"visits": "{table}.visits + 1"})


def desk_path(issue: Issue) -> str:
    """The German path of the page where editors work on an issue."""
    return f"/redaktion/ausgaben/{issue.slug}"


def words_of(issue: Issue) -> dict[str, str]:
    """What a notice may name of an issue."""
    return {"title": issue.title["de"], "title_en": issue.title["en"]}


def _line_errors(title: LocalTitle | UnsetType, focus: LocalTitle | UnsetType) -> list[FieldError]:
    """What is wrong with an issue's own lines, by field."""
    lines = {"title": title, "focus": focus}
    return [
        error
        for name, line in lines.items()
        if line is not UNSET
        for error in one_line_errors(name, Local(line.de, line.en))
    ]


def _apply(sections: list[Section], request: IssueChange) -> list[FieldError]:
    """Change `sections` as asked; returns what is wrong with the request, by field."""
    changes: list[SectionChange] = [] if request.sections is UNSET else request.sections
    known = {section.kind: section for section in sections if section.kind != IMPRINT}
    errors: list[FieldError] = []
    for place, wanted in enumerate(changes):
        section = known.get(wanted.kind)
        if section is None:
            kinds = ", ".join(known)
            text = Text(f"Diesen Abschnitt gibt es nicht. Bekannt sind: {kinds}.", f"Unknown section. Known: {kinds}.")
            errors.append(FieldError(f"sections[{place}].kind", text))
            continue
        _apply_to_section(section, wanted)
    places = {wanted.kind: place for place, wanted in enumerate(changes)}
    touched = [section for section in sections if section.kind in places]
    return errors + domain.section_errors(touched, places)


def _apply_to_section(section: Section, wanted: SectionChange) -> None:
    if wanted.text is not UNSET:
        section.text = msgspec.convert(msgspec.to_builtins(wanted.text), Local)
    if wanted.items is not UNSET:
        section.items = msgspec.convert(msgspec.to_builtins(wanted.items), list[HandItem])
    for name in ("order", "pinned", "dropped"):
        ids: Any = getattr(wanted, name)
        if ids is not UNSET:
            setattr(section, name, list(dict.fromkeys(ids)))
