"""Reads issues: lists, one issue for its editors or for visitors, and the accounts of its dispatch."""

from __future__ import annotations

from typing import Annotated

import msgspec
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from infra.contracts import addresses
from infra.contracts.roles import EDITOR, PUBLISHER
from infra.errors import NotFound, Text
from infra.ids import as_id
from infra.web.cursors import decode_cursor, encode_cursor
from infra.web.identity import Identity
from services.newsletter.deliveries.queries import counts_of
from services.newsletter.directory.domain import Entry
from services.newsletter.issues import domain
from services.newsletter.issues.content import content_of, gaps, has_news, kept
from services.newsletter.issues.domain import APPROVED, DRAFT, IMPRINT, REVIEW, RUNNING, Content, Section
from services.newsletter.issues.models import Issue, IssueVisits
from services.newsletter.issues.schemas import (
    Can,
    CollectedItem,
    HandItem,
    IssuePage,
    IssueSummary,
    IssueView,
    LocalBody,
    LocalTitle,
    PageQuery,
    Person,
    SectionView,
)
from services.newsletter.rendering.wording import SECTIONS
from services.newsletter.texts import Local

# The widths of the columns; Tortoise raises for a longer value where a database would find nothing.
LONGEST_NAME = 40
LONGEST_QUARTER = 10
Quarter = Annotated[str, msgspec.Meta(max_length=LONGEST_QUARTER)]
_HINTS = {
    "empty": Text(
        "Die Ausgabe enthält noch nichts: weder einen Beitrag noch ein gesammeltes Angebot.",
        "The issue holds nothing yet: neither an item nor a collected offer.",
    ),
    "title": Text("Der Titel fehlt in einer Sprache.", "The title is missing in one language."),
    "focus": Text("Der Schwerpunkt fehlt in einer Sprache.", "The focus is missing in one language."),
    "text": Text("{section}: Eine Fassung fehlt.", "{section}: one version is missing."),
}


def is_editor(identity: Identity) -> bool:
    """Whether this person composes issues or releases them, and so sees those that did not go out yet."""
    return identity.is_admin or bool(identity.roles & {EDITOR, PUBLISHER})


def is_publisher(identity: Identity) -> bool:
    """Whether this person releases issues."""
    return identity.is_admin or PUBLISHER in identity.roles


def went_out() -> QuerySet[Issue]:
    """The issues of the archive."""
    return Issue.exclude(published_on="")


async def page(query: PageQuery, *, everything: bool) -> IssuePage:
    """Issues by quarter, newest first; `everything` includes those that were not sent. Raises Invalid (cursor)."""
    issues = Issue.all() if everything else went_out()
    total = await issues.count()
    if query.cursor:
        issues = issues.filter(quarter__lt=decode_cursor(query.cursor, Quarter))
    rows = await issues.order_by("-quarter").limit(query.limit + 1)
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    return IssuePage([_summary(row) for row in rows], total, encode_cursor(rows[-1].quarter) if more else None)


def by_name(name: str) -> QuerySet[Issue]:
    """The issue with this id, slug or quarter."""
    if len(name) > LONGEST_NAME:
        return Issue.filter(id__in=[])
    wanted = Q(slug=name.lower())
    if len(name) <= LONGEST_QUARTER:
        wanted |= Q(quarter=name.upper())
    if (identifier := as_id(name)) is not None:
        wanted |= Q(id=identifier)
    return Issue.filter(wanted)


async def visible(name: str, identity: Identity) -> Issue:
    """An issue that this person may see: editors all, others sent ones. Raises NotFound."""
    issue = await by_name(name).first()
    if issue is None or (not issue.is_public and not is_editor(identity)):
        raise NotFound
    return issue


async def published(name: str) -> Issue:
    """An issue that went out. Raises NotFound."""
    issue = await by_name(name).exclude(published_on="").first()
    if issue is None:
        raise NotFound
    return issue


async def visits_of(issue: Issue) -> int:
    """How often the issue was read on the web."""
    return sum(row.visits for row in await IssueVisits.filter(issue_id=issue.id))


async def view(issue: Issue, identity: Identity, language: str) -> IssueView:
    """An issue with its sections; what concerns only editors is left out for others."""
    content, editor = await content_of(issue), is_editor(identity)
    shown = IssueView(
        id=str(issue.id),
        slug=issue.slug,
        quarter=issue.quarter,
        title=_title(content.title),
        focus=_title(content.focus),
        state=issue.state,  # type: ignore[arg-type]  # the column holds only these
        version=issue.version,
        published_at=issue.published_on,
        send_at=issue.send_at.isoformat(timespec="seconds") if issue.send_at else "",
        sections=[_section(section, content, editor) for section in content.sections],
        source=issue.source,
        stand=issue.stand,
    )
    if editor:
        for role in ("created", "edited", "submitted", "approved", "sent"):
            person = issue.people.get(role)
            setattr(shown, f"{role}_by", msgspec.convert(person, Person) if person else None)
        shown.counts = await counts_of(issue.id)
        shown.visits = await visits_of(issue) if issue.is_public else 0
        shown.can = can(issue, identity)
        shown.hints = [] if issue.is_public else _hints(content, language)
    return shown


def authors(issue: Issue) -> list[str]:
    """Accounts that cannot approve the issue: who created it and who edited it last."""
    return [issue.people[role]["id"] for role in ("created", "edited") if role in issue.people]


def can(issue: Issue, identity: Identity) -> Can:
    """Which steps are open to this person: composing to editors, releasing to publishers."""
    edits = not issue.is_public and (identity.is_admin or EDITOR in identity.roles)
    releases, ready = is_publisher(identity), issue.state == APPROVED
    return Can(
        edit=edits,
        submit=edits and issue.state == DRAFT,
        approve=releases and issue.state in (DRAFT, REVIEW) and identity.account not in authors(issue),
        schedule=releases and ready,
        send=releases and ready,
        pause=releases and issue.state == domain.SENDING,
        resume=releases and issue.state == domain.PAUSED,
        cancel=releases and (ready or issue.state in RUNNING),
        resend=releases and issue.state == domain.SENT,
        send_late=releases and issue.state == domain.SENT,
    )


def _section(section: Section, content: Content, editor: bool) -> SectionView:
    entries = section.arranged(content.entries)
    usual = SECTIONS[section.kind]
    return SectionView(
        kind=section.kind,
        label=_title(section.title if section.title.de else Local(usual.de, usual.en)),
        text=LocalBody(section.text.de, section.text.en),
        items=[
            HandItem(_title(item.title), LocalBody(item.text.de, item.text.en), item.link) for item in section.items
        ],
        collected=[_collected(entry, section) for entry in entries if editor or entry.id not in section.dropped],
        editable=section.kind != IMPRINT,
    )


def _collected(entry: Entry, section: Section) -> CollectedItem:
    here = {
        "path": addresses.path(entry.address_kind, entry.slug),
        "pinned": entry.id in section.pinned,
        "dropped": entry.id in section.dropped,
    }
    return msgspec.convert(msgspec.to_builtins(entry) | here, CollectedItem)


def _summary(issue: Issue) -> IssueSummary:
    return IssueSummary(
        id=str(issue.id),
        slug=issue.slug,
        quarter=issue.quarter,
        title=msgspec.convert(issue.title, LocalTitle),
        focus=msgspec.convert(issue.focus, LocalTitle),
        state=issue.state,  # type: ignore[arg-type]  # the column holds only these
        version=issue.version,
        published_at=issue.published_on,
    )


def _hints(content: Content, language: str) -> list[str]:
    """What an editor should look at before the issue goes out."""
    hints = []
    if not has_news(content, {entry.id for entry in kept(content)}):
        hints.append(_HINTS["empty"].get(language))
    for place, _missing in gaps(content):
        text = _HINTS.get(place, _HINTS["text"]).get(language)
        hints.append(text.format(section=SECTIONS[place].get(language)) if place in SECTIONS else text)
    return hints


def _title(text: Local) -> LocalTitle:
    return LocalTitle(text.de, text.en)
