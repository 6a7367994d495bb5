"""Takes historic issues (`newsletter_issue_*.json`, with `….en.json` beside it for English) into the archive.

An imported issue stands there as sent at the date of its source document, and mails nobody.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TypeVar

import msgspec

from infra.db import Transaction, transaction
from infra.ids import content_id
from infra.outbox import record
from infra.runtime.service import ImportReport, RowError
from services.newsletter.issues.domain import SENT, Content, HandItem, Section
from services.newsletter.issues.events import issue_published
from services.newsletter.issues.models import Issue
from services.newsletter.rendering.wording import SECTIONS
from services.newsletter.texts import Local

PATTERN = "newsletter_issue_*.json"
ENGLISH = ".en.json"
Row = TypeVar("Row")


class LinkRow(msgspec.Struct):
    """A link of the source; its target is not known there."""

    label: str
    publisher: str = ""


class SectionRow(msgspec.Struct):
    """A section as the bundle holds it."""

    position: int
    id: str
    title: str
    kind: str
    summary: str
    links: list[LinkRow] = []


class IssueRow(msgspec.Struct):
    """An issue as the bundle holds it; `stand` is its month (2018-01)."""

    id: str
    title: str
    stand: str
    source: str
    sections: list[SectionRow]


class EnglishSection(msgspec.Struct):
    """The English words of a section."""

    title: str
    summary: str


class English(msgspec.Struct):
    """The English words of an issue; `sections` by their ids."""

    title: str = ""
    sections: dict[str, EnglishSection] = {}


async def import_issues(directory: Path, dry_run: bool) -> ImportReport:
    """Import all issues of `directory`: all or none, and again without effect. Every file's error is reported."""
    report = ImportReport()
    read = await asyncio.to_thread(_read_all, directory, report)
    if report.errors:
        return report
    async with transaction("newsletter") as tx:
        for row, english in read:
            await _import(tx, _issue(row, english), report, dry_run)
    return report


def _read_all(directory: Path, report: ImportReport) -> list[tuple[IssueRow, English]]:
    found = []
    for path in sorted(directory.glob(PATTERN)):
        if path.name.endswith(ENGLISH):
            continue
        row = _read(msgspec.json.Decoder(IssueRow), path, report)
        translation = path.with_name(path.name.removesuffix(".json") + ENGLISH)
        english = _read(msgspec.json.Decoder(English), translation, report) if translation.exists() else English()
        if row is not None and english is not None:
            report.errors += [RowError(path.name, 1, message) for message in _problems(row)]
            found.append((row, english))
    return found


def _read(decoder: msgspec.json.Decoder[Row], path: Path, report: ImportReport) -> Row | None:
    try:
        return decoder.decode(path.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        report.errors.append(RowError(path.name, 1, str(error)))
    return None


def _problems(row: IssueRow) -> list[str]:
    """What cannot be taken over, each with its cure."""
    problems = [
        f"section {section.id}: unknown kind {section.kind!r}, use one of {', '.join(SECTIONS)}"
        for section in row.sections
        if section.kind not in SECTIONS
    ]
    year, _, month = row.stand.partition("-")
    if not (len(year) == 4 and year.isdigit() and month.isdigit() and 1 <= int(month) <= 12):
        problems.append(f"stand {row.stand!r}: give the month of the issue, for example 2018-01")
    return problems


def _issue(row: IssueRow, english: English) -> Issue:
    year, _, month = row.stand.partition("-")
    quarter = f"{year}-Q{(int(month) + 2) // 3}"
    title = Local(row.title, english.title)
    rows = sorted(row.sections, key=lambda section: section.position)
    sections = [_section(section, english.sections.get(section.id)) for section in rows]
    content = Content(quarter, title, Local(), sections, [])
    return Issue(
        id=content_id("issue", row.id),
        slug=row.stand,
        quarter=quarter,
        state=SENT,
        title=msgspec.to_builtins(title),
        focus=msgspec.to_builtins(Local()),
        sections=msgspec.to_builtins(sections),
        people={},
        fixed=[],
        content=msgspec.to_builtins(content),
        published_on=row.stand,
        source=row.source,
        stand=row.stand,
    )


def _section(row: SectionRow, english: EnglishSection | None) -> Section:
    return Section(
        kind=row.kind,
        title=Local(row.title, english.title if english else ""),
        text=Local(row.summary, english.summary if english else ""),
        items=[HandItem(Local(link.label), Local(link.publisher)) for link in row.links],
    )


async def _import(tx: Transaction, issue: Issue, report: ImportReport, dry_run: bool) -> None:
    stored = await Issue.filter(id=issue.id).using_db(tx.connection).first()
    if stored is not None and stored.content == issue.content:
        report.unchanged += 1
        return
    if stored is None:
        report.created += 1
    else:
        report.updated += 1
        issue.version = stored.version + 1
    if not dry_run:
        await issue.save(using_db=tx.connection, force_create=stored is None, force_update=stored is not None)
        await record(tx, issue_published(issue, msgspec.convert(issue.content, Content)))
