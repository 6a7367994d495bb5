"""Puts an issue into one language: as a letter to be mailed, as a preview for editors, as a page of the archive."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal

from infra.contracts import addresses
from infra.errors import Invalid, Text
from infra.mail.stationery import MAX_HTML_BYTES, Rendered
from infra.markup import to_html
from services.newsletter.context import current
from services.newsletter.directory import queries as directory
from services.newsletter.directory.domain import OFFER, Entry
from services.newsletter.issues.content import chosen_for, content_of, has_news, kept
from services.newsletter.issues.domain import IMPRINT, Content, HandItem
from services.newsletter.issues.models import Issue
from services.newsletter.issues.schemas import (
    ArchivedIssue,
    ArchivedItem,
    ArchivedSection,
    PreviewQuery,
    PreviewView,
)
from services.newsletter.rendering import letters, render
from services.newsletter.rendering.wording import IN_ARCHIVE, SECTIONS, issue_name
from services.newsletter.texts import day_in_words

Language = Literal["de", "en"]
PREVIEW_TOKENS = letters.Tokens("vorschau", "vorschau")
_HEADING = re.compile(r"<(/?)h[1-6]>")


async def archived_sections(
    content: Content, chosen: Collection[str], language: Language, labels: Mapping[str, Text]
) -> list[ArchivedSection]:
    """The sections with content in `language`, under their own titles or `labels`; of the entries those `chosen`."""
    names = await directory.region_names(region for entry in content.entries for region in entry.regions)
    sections = []
    for section in content.sections:
        items = [_hand_item(item, language) for item in section.items]
        entries = [entry for entry in section.arranged(content.entries) if entry.id in chosen]
        items += [_entry_item(entry, language, names) for entry in entries]
        text = section.text.get(language)
        if section.kind != IMPRINT and (text.strip() or items):
            shown = ArchivedSection(
                kind=section.kind,
                title=section.title.get(language) or labels[section.kind].get(language),
                html=_html(text, 3),
                text=text,
                language=as_language(section.text.spoken(language)),
                title_language=as_language(section.title.spoken(language)),
                items=items,
            )
            sections.append(shown)
    return sections


def as_language(text: str) -> Language:
    """A language as the shapes of answers name it."""
    return "en" if text == "en" else "de"


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
        sections=await archived_sections(content, chosen, language, IN_ARCHIVE),
    )


async def preview(issue: Issue, query: PreviewQuery) -> PreviewView:
    """The mail for such a subscriber. Raises Invalid for districts and topics that do not exist."""
    errors = await directory.choice_errors(query.districts, query.topics)
    if errors:
        raise Invalid(fields=errors)
    content = await content_of(issue)
    chosen = chosen_for(content, await directory.territory(), query.districts, query.topics)
    mail = await rendered(issue.slug, content, chosen, query.language, PREVIEW_TOKENS)
    return PreviewView(
        subject=mail.subject,
        html=mail.html,
        text=mail.text,
        empty=not has_news(content, chosen),
        too_large=len(mail.html.encode()) > MAX_HTML_BYTES,
    )


async def rendered(
    slug: str, content: Content, chosen: Collection[str], language: Language, own: letters.Tokens
) -> Rendered:
    """The mail that holds the `chosen` entries, for whoever has the tokens `own`."""
    context = current()
    sections = await archived_sections(content, chosen, language, SECTIONS)
    letter = letters.Letter(
        language=language,
        name=issue_name(content.quarter, language),
        title=content.title.get(language),
        focus=content.focus.get(language),
        sections=[_letter_section(section) for section in sections],
        archive_url=context.url("issue", slug, language),
        preferences_url=context.url("subscription_preferences", "", language) + own.preferences,
        unsubscribe_url=context.url("subscription_unsubscribe", "", language) + own.unsubscribe,
        imprint=list(context.settings.imprint),
    )
    return render.letter(letter, f"{letter.name}: {letter.title}")


def _letter_section(section: ArchivedSection) -> letters.Section:
    items = [
        letters.Item(
            title=item.title,
            language=item.language,
            html=item.html,
            text=item.text,
            url=item.link or (current().base_url + item.path if item.path else ""),
            detail=" · ".join(part for part in (item.when, item.place, item.network_name) if part),
        )
        for item in section.items
    ]
    return letters.Section(
        title=section.title,
        title_language=section.title_language,
        language=section.language,
        html=section.html,
        text=section.text,
        items=items,
    )


def _hand_item(item: HandItem, language: Language) -> ArchivedItem:
    text = item.text.get(language)
    return ArchivedItem(
        title=item.title.get(language),
        html=_html(text, 4),
        text=text,
        language=as_language(item.title.spoken(language)),
        link=item.link,
    )


def _entry_item(entry: Entry, language: Language, names: dict[str, str]) -> ArchivedItem:
    english = language == "en" and bool(entry.title_en)
    summary = (english and entry.summary_en) or entry.summary
    regions = ", ".join(names.get(region, region) for region in entry.regions)
    return ArchivedItem(
        title=entry.title_en if english else entry.title,
        html=_html(summary, 4),
        text=summary,
        language="en" if english else "de",
        path=addresses.path(entry.kind, entry.slug, language),
        when=when(entry, language),
        place=", ".join(part for part in (entry.place, regions) if part),
        network_name=entry.network_name,
    )


def _html(markdown: str, level: int) -> str:
    """Safe HTML whose headings all stand at `level`, one below what they belong to."""
    return _HEADING.sub(rf"<\1h{level}>", to_html(markdown))


def when(entry: Entry, language: str) -> str:
    """The term of an offer or the day of a date in words, as exact as it is known."""
    start, end = day_in_words(entry.date_start, language), day_in_words(entry.date_end, language)
    if entry.kind == OFFER and end and not start:
        return f"until {end}" if language == "en" else f"bis {end}"
    if entry.kind == OFFER and start and not end:
        return f"from {start}" if language == "en" else f"ab {start}"
    return " – ".join(dict.fromkeys(part for part in (start, end) if part))
