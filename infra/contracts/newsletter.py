"""Facts told by the newsletter: sent issues, articles, and alerts that somebody confirmed or stopped. Never who."""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.contracts.notices import NoticeWanted
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


@event("lotse.newsletter.article.published.v1")
@dataclass(frozen=True, kw_only=True)
class ArticlePublished(Event):
    """An article as everybody can read it now.

    `kind` is success-story, project, handout, literature, figure, legislation or topic-page. Texts are plain; English
    ones are "" where there is no translation. `regions` and `topics` are slugs, no region means everywhere;
    `published_on` is an ISO day, month or year. Who wrote it and whom it tells of is left to its page.
    """

    slug: str
    kind: str
    title: str
    title_en: str = ""
    summary: str = ""
    summary_en: str = ""
    text: str = ""
    text_en: str = ""
    topics: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    published_on: str = ""


@event("lotse.newsletter.article.withdrawn.v1")
@dataclass(frozen=True, kw_only=True)
class ArticleWithdrawn(Event):
    """An article can no longer be read."""

    slug: str = ""


@event("lotse.newsletter.alert.confirmed.v1")
@dataclass(frozen=True, kw_only=True)
class AlertConfirmed(Event):
    """Somebody without an account wants mails about a saved search, and has confirmed it by mail.

    `id` is that of the subscription, by which search addresses them (`subscription:<id>`); `saved_search` the id of
    the search; `frequency` daily or weekly; `language` that of the mails (de, en).
    """

    saved_search: str
    frequency: str
    language: str = "de"


@event("lotse.newsletter.alert.stopped.v1")
@dataclass(frozen=True, kw_only=True)
class AlertStopped(Event):
    """The subscription `id` to the search `saved_search` has ended and will not come back under this id."""

    saved_search: str


@event("lotse.newsletter.mail.bounced.v1")
@dataclass(frozen=True, kw_only=True)
class MailBounced(Event):
    """A mail of another service came back.

    `id` is that of the posting, in the tables of `service`; `version` rises with each report. `kind` is hard (the
    address does not exist: write to it no more), soft (full, refused for now: only many of them mean something) or
    complaint (its owner has called the mail unwanted).
    """

    service: str
    kind: str


@event("lotse.newsletter.notice.wanted.v1")
@dataclass(frozen=True, kw_only=True)
class NewsletterNoticeWanted(NoticeWanted):
    """People of the newsletter's desk should be told of an issue or an article."""
