"""Requests and answers around issues and their archive.

Texts are Markdown in German and English. Sections come in this order: editorial, success-story,
project-presentation, portal-articles, figure-of-the-quarter, legislation, events-and-courses, offers, about, imprint.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from services.newsletter.deliveries.schemas import Counts

State = Literal["draft", "review", "approved", "sending", "paused", "sent", "cancelled"]
Title = Annotated[str, msgspec.Meta(max_length=200)]
Body = Annotated[str, msgspec.Meta(max_length=20_000)]
Slug = Annotated[str, msgspec.Meta(max_length=120)]
Ids = Annotated[list[Slug], msgspec.Meta(max_length=1000)]


class LocalTitle(msgspec.Struct, forbid_unknown_fields=True):
    """One line in both languages."""

    de: Title = ""
    en: Title = ""


class LocalBody(msgspec.Struct, forbid_unknown_fields=True):
    """Markdown in both languages."""

    de: Body = ""
    en: Body = ""


class HandItem(msgspec.Struct, forbid_unknown_fields=True):
    """An item written by the editors. `link` is empty or an http(s) address."""

    title: LocalTitle = msgspec.field(default_factory=LocalTitle)
    text: LocalBody = msgspec.field(default_factory=LocalBody)
    link: Annotated[str, msgspec.Meta(max_length=500)] = ""


class CollectedItem(msgspec.Struct):
    """An offer or date that a network published, or an article. Dates are ISO days or ""; `path` is its page.

    `detail` is a line of facts of an article.
    """

    id: str
    slug: str
    kind: str
    version: int
    title: str
    title_en: str
    summary: str
    summary_en: str
    network: str
    network_name: str
    regions: list[str]
    topics: list[str]
    date_start: str
    date_end: str
    place: str
    path: str
    detail: str = ""
    detail_en: str = ""
    pinned: bool = False
    dropped: bool = False


class SectionView(msgspec.Struct):
    """One section. `label` is its standing name; `text` and `items` are by hand, `collected` from the networks.

    `editable` is false for the imprint, which comes from the installation's settings.
    """

    kind: str
    label: LocalTitle
    text: LocalBody
    items: list[HandItem]
    collected: list[CollectedItem]
    editable: bool


class Can(msgspec.Struct):
    """What the asking person may do with the issue as it stands: compose (editors) and release (publishers)."""

    edit: bool = False
    submit: bool = False
    approve: bool = False
    schedule: bool = False
    send: bool = False
    pause: bool = False
    resume: bool = False
    cancel: bool = False
    resend: bool = False
    send_late: bool = False


class Person(msgspec.Struct):
    """Who did something (account id and public name) and when (ISO 8601)."""

    id: str
    name: str
    at: str


class IssueSummary(msgspec.Struct):
    """An issue in a list. `published_at` is an ISO date or month, "" before sending."""

    id: str
    slug: str
    quarter: str
    title: LocalTitle
    focus: LocalTitle
    state: State
    version: int
    published_at: str


class IssuePage(msgspec.Struct):
    """A page of issues, newest first."""

    items: list[IssueSummary]
    total: int
    next: str | None = None


class IssueView(msgspec.Struct):
    """A whole issue. People, counts, collected choices and hints are for editors; visitors get sent issues only.

    `hints` names what an editor should look at before sending, in the reader's language.
    `source` and `stand` tell where an imported issue comes from and of what date it is. `send_at` is when an approved
    issue goes out by itself (ISO 8601, "" for by hand), `visits` how often it was read on the web, by whomever.
    """

    id: str
    slug: str
    quarter: str
    title: LocalTitle
    focus: LocalTitle
    state: State
    version: int
    published_at: str
    sections: list[SectionView]
    send_at: str = ""
    source: str = ""
    stand: str = ""
    created_by: Person | None = None
    edited_by: Person | None = None
    submitted_by: Person | None = None
    approved_by: Person | None = None
    sent_by: Person | None = None
    counts: Counts = msgspec.field(default_factory=Counts)
    visits: int = 0
    can: Can = msgspec.field(default_factory=Can)
    hints: list[str] = []


class IssueRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A new issue: the quarter as `2026-Q4`."""

    quarter: Annotated[str, msgspec.Meta(max_length=20)]
    title: LocalTitle = msgspec.field(default_factory=LocalTitle)
    focus: LocalTitle = msgspec.field(default_factory=LocalTitle)


class SectionChange(msgspec.Struct, forbid_unknown_fields=True):
    """A change of one section; what is left out stays. Ids are those of collected items.

    `order` puts the named items first, `pinned` go to everybody whatever their districts, `dropped` stay out.
    """

    kind: str
    text: LocalBody | UnsetType = UNSET
    items: Annotated[list[HandItem], msgspec.Meta(max_length=50)] | UnsetType = UNSET
    order: Ids | UnsetType = UNSET
    pinned: Ids | UnsetType = UNSET
    dropped: Ids | UnsetType = UNSET


class IssueChange(msgspec.Struct, forbid_unknown_fields=True):
    """A change of an issue; what is left out stays. Any change makes it a draft again."""

    title: LocalTitle | UnsetType = UNSET
    focus: LocalTitle | UnsetType = UNSET
    sections: Annotated[list[SectionChange], msgspec.Meta(max_length=20)] | UnsetType = UNSET


class PageQuery(msgspec.Struct):
    """A page of a list."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    cursor: str = ""


class PreviewQuery(msgspec.Struct):
    """As which subscriber to look at an issue. No district means all, no topic all topics."""

    language: Literal["de", "en"] = "de"
    districts: list[Slug] = []
    topics: list[Slug] = []


class PreviewView(msgspec.Struct):
    """The mail as such a subscriber would get it.

    `empty`: nothing concerns them, so no mail would be sent. `too_large`: mail programs would cut it off.
    """

    subject: str
    html: str
    text: str
    empty: bool
    too_large: bool


class ArchiveQuery(msgspec.Struct):
    """The language to read in, and for which districts; none means all."""

    language: Literal["de", "en"] = "de"
    districts: list[Slug] = []


class ArchivedPicture(msgspec.Struct):
    """A picture of an item. `path` stands below the site's address; `alt` is in the language asked for."""

    path: str
    width: int
    height: int
    alt: str
    credit: str


class ArchivedItem(msgspec.Struct):
    """One item to read. `html` is sanitised, `text` its Markdown.

    `path` leads to a page of ours, `link` elsewhere (either may be ""). `language` is the one it is written in,
    which differs from the issue's where a translation is missing.
    """

    title: str
    html: str
    text: str
    language: Literal["de", "en"]
    link: str = ""
    path: str = ""
    when: str = ""
    place: str = ""
    network_name: str = ""
    detail: str = ""
    picture: ArchivedPicture | None = None


class ArchivedSection(msgspec.Struct):
    """One section to read, only those with content. `html` is sanitised, `text` its Markdown.

    `language` is that of its text, `title_language` of its title.
    """

    kind: str
    title: str
    html: str
    text: str
    language: Literal["de", "en"]
    title_language: Literal["de", "en"]
    items: list[ArchivedItem]


class ArchivedIssue(msgspec.Struct):
    """A sent issue as everybody may read it, without any personal part.

    With `districts` it holds what concerns those; `left_out` says how many entries are for others.
    """

    slug: str
    quarter: str
    language: Literal["de", "en"]
    title: str
    focus: str
    published_at: str
    source: str
    stand: str
    sections: list[ArchivedSection]
    districts: list[str] = []
    left_out: int = 0
