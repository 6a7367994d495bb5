"""What an issue says: put together from the editors' sections and the collected entries, and chosen for a reader."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import msgspec

from infra.contracts.territory import Territory
from services.newsletter.directory import queries as directory
from services.newsletter.directory.domain import Entry, concerns
from services.newsletter.issues.domain import COLLECTING, STANDING, Content, Section
from services.newsletter.issues.models import Issue
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
    today = datetime.now(UTC).date()
    entries = await (directory.waiting(today) if issue.fixed is None else directory.current(issue.fixed, issue.id))
    return Content(issue.quarter, local(issue.title), local(issue.focus), sections_of(issue), entries)


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
    kinds = {COLLECTING[section.kind] for section in content.sections if section.kind in COLLECTING}
    return [entry for entry in content.entries if entry.kind in kinds and entry.id not in dropped]


def has_news(content: Content, chosen: Collection[str]) -> bool:
    """Whether there is anything to tell: an entry that concerns the reader, or something written by hand."""
    return bool(chosen) or any(
        section.items or section.text.get("de") for section in content.sections if section.kind not in STANDING
    )
