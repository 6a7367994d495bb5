"""Facts told by the newsletter: articles and sent issues. Never a subscriber."""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.contracts.registry import Event, event


@event("lotse.newsletter.issue.published.v1")
@dataclass(frozen=True, kw_only=True)
class IssuePublished(Event):
    """An issue that went out and now stands in the web archive."""

    slug: str
    title: str
    quarter: str
    focus: str = ""
    text: str = ""
    topics: list[str] = field(default_factory=list)
    published_at: str = ""
