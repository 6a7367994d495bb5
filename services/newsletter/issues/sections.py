"""What an issue says to a reader, in one language: its sections with the items of each, for mails and for pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal

from infra.contracts import addresses
from infra.errors import Text
from infra.markup import to_html
from services.newsletter.directory import queries as directory
from services.newsletter.directory.domain import OFFER, Entry, EntryPicture
from services.newsletter.issues.domain import IMPRINT, Content, HandItem
from services.newsletter.issues.schemas import ArchivedItem, ArchivedPicture, ArchivedSection
from services.newsletter.texts import day_in_words

Language = Literal["de", "en"]
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
        path=addresses.path(entry.address_kind, entry.slug, language),
        when=when(entry, language),
        detail=(english and entry.detail_en) or entry.detail,
        picture=_picture(entry.picture, language) if entry.picture else None,
        place=", ".join(part for part in (entry.place, regions) if part),
        network_name=entry.network_name,
    )


def _picture(picture: EntryPicture, language: Language) -> ArchivedPicture:
    alt = (language == "en" and picture.alt_en) or picture.alt
    return ArchivedPicture(picture.path, picture.width, picture.height, alt, picture.credit)


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
