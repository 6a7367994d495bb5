"""What an issue says: put together from the editors' sections and the collected entries, and chosen for a reader."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from infra.contracts.territory import Territory
from infra.ids import as_id
from services.newsletter.articles import queries as articles
from services.newsletter.articles.domain import ArticleItem
from services.newsletter.directory import queries as directory
from services.newsletter.directory.domain import Entry, EntryPicture, concerns
from services.newsletter.issues.calendar import today
from services.newsletter.issues.domain import ARTICLES, COLLECTING, STANDING, Content, Section
from services.newsletter.issues.models import Issue
from services.newsletter.pictures.domain import Shown
from services.newsletter.texts import Local


def sections_of(issue: Issue) -> list[Section]:
    """The sections of an issue as they are stored."""
    return msgspec.convert(issue.sections, list[Section])


def local(value: dict[str, str]) -> Local:
    """A stored {de, en}."""
    return msgspec.convert(value, Local)


async def content_of(issue: Issue) -> Content:
    """What the issue says: frozen once it was sent; before, with the newest version of each entry.

    A draft holds whatever waits for an issue; from submission on the list is fixed, so that what was approved is
    what goes out, save for corrections and for offers withdrawn meanwhile.
    """
    if issue.content is not None:
        return msgspec.convert(issue.content, Content)
    entries = await (candidates(issue) if issue.fixed is None else _fixed(issue.fixed, issue.id))
    return Content(issue.quarter, local(issue.title), local(issue.focus), sections_of(issue), entries)


async def candidates(issue: Issue) -> list[Entry]:
    """What can go into an issue that is a draft: what networks published, and the articles since the issue before."""
    entries = await directory.waiting(today(datetime.now(UTC)))
    since, taken = await _fixed_before(issue.id)
    kinds = [kind for section, kinds in COLLECTING.items() if section in ARTICLES for kind in kinds]
    items = await articles.for_issue(kinds, since)
    return entries + [_article(item) for item in items if str(item.id) not in taken]


async def _fixed(ids: Sequence[str], issue_id: UUID) -> list[Entry]:
    """The entries that stand, in their newest version and without those that were withdrawn."""
    entries = await directory.current(ids, issue_id)
    others = set(ids) - {entry.id for entry in entries}
    items = await articles.items_of([found for name in others if (found := as_id(name)) is not None])
    return entries + [_article(item) for item in items]


async def _fixed_before(issue_id: UUID) -> tuple[datetime | None, set[str]]:
    """When the contents of the last issue that went out were fixed, and what went along with any of them.

    What was published later was in none yet. The time is known to the second, so that the ids decide within it.
    """
    gone = await Issue.exclude(published_on="").exclude(id=issue_id).only("id", "people", "fixed")
    times = [issue.people["submitted"]["at"] for issue in gone if "submitted" in issue.people]
    since = max((datetime.fromisoformat(at) for at in times), default=None)
    return since, {entry_id for issue in gone for entry_id in issue.fixed or []}


def _article(item: ArticleItem) -> Entry:
    return Entry(
        id=str(item.id),
        kind=item.kind,
        version=item.version,
        slug=item.slug,
        title=item.title.de,
        title_en=item.title.en,
        summary=item.summary.de,
        summary_en=item.summary.en,
        regions=item.regions,
        topics=item.topics,
        page="article",
        detail=item.detail.de,
        detail_en=item.detail.en,
        picture=_picture(item.picture) if item.picture else None,
    )


def _picture(shown: Shown) -> EntryPicture:
    alt = shown.alt
    return EntryPicture(shown.hash, shown.path, shown.width, shown.height, alt.de, alt.en, shown.credit)


def chosen_for(content: Content, territory: Territory, districts: Sequence[str], topics: Sequence[str]) -> list[str]:
    """Ids of the entries that a reader of these districts and topics gets: what concerns them, and what is pinned."""
    pinned = {entry_id for section in content.sections for entry_id in section.pinned}
    return [
        entry.id
        for entry in kept(content)
        if entry.id in pinned or concerns(territory, entry.regions, entry.topics, districts, topics)
    ]


def kept(content: Content) -> list[Entry]:
    """The entries that the editors did not drop and that some section takes up."""
    dropped = {entry_id for section in content.sections for entry_id in section.dropped}
    kinds = {kind for section in content.sections for kind in COLLECTING.get(section.kind, ())}
    return [entry for entry in content.entries if entry.kind in kinds and entry.id not in dropped]


def gaps(content: Content) -> list[tuple[str, str]]:
    """Where a language is missing while the other is there: (title, focus or the kind of a section; "de" or "en")."""
    named = [("title", content.title), ("focus", content.focus)]
    for section in content.sections:
        texts = [section.title, section.text, *(text for item in section.items for text in (item.title, item.text))]
        named += [(section.kind, text) for text in texts]
    found = [(place, "en" if text.de.strip() else "de") for place, text in named if _is_partial(text)]
    return list(dict.fromkeys(found))


def _is_partial(text: Local) -> bool:
    return bool(text.de.strip()) != bool(text.en.strip())


def has_news(content: Content, chosen: Collection[str]) -> bool:
    """Whether there is anything to tell: an entry that concerns the reader, or something written by hand."""
    return bool(chosen) or any(
        section.items or section.text.get("de") for section in content.sections if section.kind not in STANDING
    )
