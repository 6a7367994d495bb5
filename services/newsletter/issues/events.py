"""What the newsletter tells others about an issue."""

from __future__ import annotations

from infra.contracts.newsletter import IssuePublished
from infra.markup import to_html, to_text
from services.newsletter.issues.content import kept
from services.newsletter.issues.domain import IMPRINT, Content
from services.newsletter.issues.models import Issue


def issue_published(issue: Issue, content: Content) -> IssuePublished:
    """An issue that went out, with its words for search (German, and English where it was written)."""
    entries = kept(content)
    texts = [content.focus]
    for section in content.sections:
        if section.kind != IMPRINT:
            texts += [section.title, section.text]
            texts += [text for item in section.items for text in (item.title, item.text)]
    words = [part for text in texts for part in (text.de, text.en) if part]
    words += [part for entry in entries for part in (entry.title, entry.summary) if part]
    return IssuePublished(
        id=str(issue.id),
        version=issue.version,
        slug=issue.slug,
        title=content.title.get("de"),
        quarter=issue.quarter,
        focus=content.focus.get("de"),
        text=to_text(to_html("\n\n".join(words))),
        topics=sorted({topic for entry in entries for topic in entry.topics}),
        published_at=issue.published_on,
    )
