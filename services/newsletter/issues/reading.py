"""Puts an issue into one language: as a letter to be mailed, as a preview for editors, as a page of the archive."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from urllib.parse import quote, urlencode

from infra.errors import Invalid, NotFound
from infra.mail.stationery import MAX_HTML_BYTES, Rendered
from services.newsletter.context import current
from services.newsletter.directory import queries as directory
from services.newsletter.issues.content import chosen_for, content_of, has_news, kept
from services.newsletter.issues.domain import Content
from services.newsletter.issues.models import Issue
from services.newsletter.issues.schemas import (
    ArchivedIssue,
    ArchivedItem,
    ArchivedSection,
    ArchiveQuery,
    PreviewQuery,
    PreviewView,
)
from services.newsletter.issues.sections import Language, archived_sections, as_language
from services.newsletter.rendering import letters, render
from services.newsletter.rendering.wording import IN_ARCHIVE, SECTIONS, issue_name

__all__ = ["PREVIEW_TOKENS", "Language", "archived", "as_language", "preview", "rendered"]

PREVIEW_TOKENS = letters.Tokens("vorschau", "vorschau")
# Of the entries for which a mail that would be cut off should have room by its size, so many are tried one after the
# other; the rest is a click away.
SHARES = (0.95, 0.8, 0.5, 0.0)
WIDEST_PICTURE, TALLEST_PICTURE = 600, 400  # pixels: the sheet within its margins, and half a screen


async def archived(issue: Issue, query: ArchiveQuery) -> ArchivedIssue:
    """A sent issue for everybody, nothing personal in it. Raises NotFound for a district that does not exist."""
    if await directory.choice_errors(query.districts, []):
        raise NotFound
    content, language = await content_of(issue), query.language
    everything = [entry.id for entry in kept(content)]
    chosen = everything
    if query.districts:
        chosen = chosen_for(content, await directory.territory(), query.districts, [])
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
        districts=query.districts,
        left_out=len(everything) - len(chosen),
    )


async def preview(issue: Issue, query: PreviewQuery) -> PreviewView:
    """The mail for such a subscriber. Raises Invalid for districts and topics that do not exist."""
    errors = await directory.choice_errors(query.districts, query.topics)
    if errors:
        raise Invalid(fields=errors)
    content = await content_of(issue)
    chosen = chosen_for(content, await directory.territory(), query.districts, query.topics)
    mail = await rendered(issue.slug, content, chosen, query.language, PREVIEW_TOKENS, districts=query.districts)
    return PreviewView(
        subject=mail.subject,
        html=mail.html,
        text=mail.text,
        empty=not has_news(content, chosen),
        too_large=len(mail.html.encode()) > MAX_HTML_BYTES,
    )


async def rendered(
    slug: str,
    content: Content,
    chosen: Collection[str],
    language: Language,
    own: letters.Tokens,
    *,
    districts: Sequence[str],
) -> Rendered:
    """The mail that holds the `chosen` entries, for whoever has the tokens `own` and chose these `districts`.

    Where all entries would make it so long that mail programs cut it off, each section holds fewer of them, with a
    link to the rest.
    """
    context = current()
    sections = await archived_sections(content, chosen, language, SECTIONS)
    letter = letters.Letter(
        language=language,
        name=issue_name(content.quarter, language),
        title=content.title.get(language),
        focus=content.focus.get(language),
        sections=[_letter_section(section) for section in sections],
        archive_url=_archive_url(slug, districts, language),
        preferences_url=context.url("subscription_preferences", "", language) + own.preferences,
        unsubscribe_url=context.url("subscription_unsubscribe", "", language) + own.unsubscribe,
        imprint=list(context.settings.imprint),
    )
    mail = render.letter(letter)
    most = max((len(section.items) for section in sections), default=0)
    for share in SHARES:
        size = len(mail.html.encode())
        if size <= MAX_HTML_BYTES:
            break
        most = int(most * share * MAX_HTML_BYTES / size)
        shorter = [_letter_section(section, most) for section in sections]
        mail = render.letter(replace(letter, sections=shorter))
    return mail


def _archive_url(slug: str, districts: Sequence[str], language: Language) -> str:
    """Where everybody can read the issue as readers of these districts got it. It says nothing of who they are."""
    url = current().url("issue", slug, language)
    if len(districts) == 1:
        return f"{url}/{quote(districts[0], safe='')}"
    return f"{url}?{urlencode({'district': districts}, doseq=True)}" if districts else url


def _letter_section(section: ArchivedSection, most: int | None = None) -> letters.Section:
    """A section with all items by hand and `most` of the collected ones (None: all)."""
    by_hand = [item for item in section.items if not item.path]
    collected = [item for item in section.items if item.path]
    shown = collected[:most]
    return letters.Section(
        title=section.title,
        title_language=section.title_language,
        language=section.language,
        html=section.html,
        text=section.text,
        items=[_letter_item(item) for item in by_hand + shown],
        more=len(collected) - len(shown),
        anchor=section.kind,
    )


def _letter_item(item: ArchivedItem) -> letters.Item:
    base = current().base_url
    return letters.Item(
        title=item.title,
        language=item.language,
        html=item.html,
        text=item.text,
        url=item.link or (base + item.path if item.path else ""),
        detail=" · ".join(part for part in (item.detail, item.when, item.place, item.network_name) if part),
        picture=_letter_picture(item),
    )


def _letter_picture(item: ArchivedItem) -> letters.Picture | None:
    """The picture of an item as large as there is room for; one address for all readers, so that it tells of nobody."""
    picture = item.picture
    if picture is None:
        return None
    scale = min(1.0, WIDEST_PICTURE / picture.width, TALLEST_PICTURE / picture.height)
    width, height = round(picture.width * scale), round(picture.height * scale)
    return letters.Picture(current().base_url + picture.path, width, height, picture.alt, picture.credit)
