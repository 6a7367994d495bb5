"""Puts an issue into one language: as a letter to be mailed, as a preview for editors, as a page of the archive."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import date
from typing import Literal

from babel.dates import format_date

from infra.contracts import addresses
from infra.errors import Invalid
from infra.markup import to_html
from services.newsletter.context import current
from services.newsletter.directory import queries as directory
from services.newsletter.directory.domain import OFFER, Entry
from services.newsletter.issues.content import chosen_for, content_of, has_news, kept
from services.newsletter.issues.domain import IMPRINT, Content, Section
from services.newsletter.issues.models import Issue
from services.newsletter.issues.schemas import (
    ArchivedIssue,
    ArchivedItem,
    ArchivedSection,
    PreviewQuery,
    PreviewView,
)
from services.newsletter.rendering import letters, render
from services.newsletter.rendering.wording import SECTIONS, SUBJECT, quarter_name

Language = Literal["de", "en"]


def archived_sections(
    content: Content, chosen: Collection[str], language: str, names: dict[str, str]
) -> list[ArchivedSection]:
    """The sections with content in `language`; of the entries those `chosen`. `names` are those of regions."""
    sections = []
    for section in content.sections:
        text = section.text.get(language)
        items = [_hand_item(item.title.get(language), item.text.get(language), item.link) for item in section.items]
        entries = [entry for entry in section.arranged(content.entries) if entry.id in chosen]
        items += [_entry_item(entry, language, names) for entry in entries]
        if section.kind != IMPRINT and (text.strip() or items):
            sections.append(ArchivedSection(section.kind, title_of(section, language), to_html(text), items))
    return sections


def title_of(section: Section, language: str) -> str:
    """A section's own title, else its usual name."""
    return section.title.get(language) or SECTIONS[section.kind].get(language)


async def archived(issue: Issue, language: Language) -> ArchivedIssue:
    """A sent issue for everybody: all districts, nothing personal."""
    content = await content_of(issue)
    chosen = {entry.id for entry in kept(content)}
    return ArchivedIssue(
        slug=issue.slug,
        quarter=issue.quarter,
        language=language,
        title=content.title.get(language),
        focus=content.focus.get(language),
        published_at=issue.published_on,
        source=issue.source,
        stand=issue.stand,
        sections=archived_sections(content, chosen, language, await _names(content)),
    )


async def preview(issue: Issue, query: PreviewQuery) -> PreviewView:
    """The mail for such a subscriber. Raises Invalid for districts and topics that do not exist."""
    errors = await directory.choice_errors(query.districts, query.topics)
    if errors:
        raise Invalid(fields=errors)
    content = await content_of(issue)
    chosen = chosen_for(content, await directory.territory(), query.districts, query.topics)
    mail = await rendered(issue.slug, content, chosen, query.language)
    return PreviewView(mail.subject, mail.html, mail.text, empty=not has_news(content, chosen))


async def rendered(slug: str, content: Content, chosen: Collection[str], language: str) -> letters.Rendered:
    """The mail that holds the `chosen` entries, with marks where each recipient's tokens go."""
    context = current()
    sections = archived_sections(content, chosen, language, await _names(content))
    texts = {section.kind: section.text.get(language) for section in content.sections}
    letter = letters.Letter(
        language=language,
        title=content.title.get(language),
        focus=content.focus.get(language),
        sections=[_letter_section(section, texts[section.kind]) for section in sections],
        archive_url=context.url("issue", slug, language),
        preferences_url=_marked("subscription_preferences", language, letters.PREFERENCES_MARK),
        unsubscribe_url=_marked("subscription_unsubscribe", language, letters.UNSUBSCRIBE_MARK),
        imprint=list(context.settings.imprint),
    )
    quarter = quarter_name(content.quarter, language)
    return render.letter(letter, SUBJECT.get(language).format(quarter=quarter, title=letter.title))


def _marked(kind: str, language: str, mark: str) -> str:
    """A page's address that ends in a mark (which quoting would change)."""
    return current().url(kind, "", language) + mark


def _letter_section(section: ArchivedSection, text: str) -> letters.Section:
    items = [
        letters.Item(
            title=item.title,
            html=item.html,
            text=item.text,
            url=item.link or (current().base_url + item.path if item.path else ""),
            detail=" · ".join(part for part in (item.when, item.place, item.network_name) if part),
        )
        for item in section.items
    ]
    return letters.Section(section.title, section.html, text, items)


def _hand_item(title: str, text: str, link: str) -> ArchivedItem:
    return ArchivedItem(title=title, html=to_html(text), text=text, link=link)


def _entry_item(entry: Entry, language: str, names: dict[str, str]) -> ArchivedItem:
    english = language == "en"
    summary = (english and entry.summary_en) or entry.summary
    regions = ", ".join(names.get(region, region) for region in entry.regions)
    return ArchivedItem(
        title=(english and entry.title_en) or entry.title,
        html=to_html(summary),
        text=summary,
        path=addresses.path(entry.kind, entry.slug, language),
        when=when(entry, language),
        place=", ".join(part for part in (entry.place, regions) if part),
        network_name=entry.network_name,
    )


def when(entry: Entry, language: str) -> str:
    """The term of an offer or the day of a date in words, as exact as it is known."""
    start, end = _day(entry.date_start, language), _day(entry.date_end, language)
    if entry.kind == OFFER and end and not start:
        return f"until {end}" if language == "en" else f"bis {end}"
    if entry.kind == OFFER and start and not end:
        return f"from {start}" if language == "en" else f"ab {start}"
    return " – ".join(dict.fromkeys(part for part in (start, end) if part))


def _day(text: str, language: str) -> str:
    with suppress(ValueError):  # "2026-11" and "2026" are known no better than that
        return format_date(date.fromisoformat(text[:10]), format="long", locale=language)
    return text


async def _names(content: Content) -> dict[str, str]:
    return await directory.region_names(region for entry in content.entries for region in entry.regions)
