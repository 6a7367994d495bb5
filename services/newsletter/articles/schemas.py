"""Requests and answers around articles.

Kinds are success-story, project, handout, literature, figure, legislation and topic-page. Texts are Markdown in German
and English; an English one that is missing is "", and readers are shown the German one, marked as such. Days are ISO
days, months or years, as exact as they are known.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from services.newsletter.pictures.schemas import PictureShown

Kind = Literal["success-story", "project", "handout", "literature", "figure", "legislation", "topic-page"]
State = Literal["draft", "review", "published", "withdrawn"]
Line = Annotated[str, msgspec.Meta(max_length=200)]
Sentence = Annotated[str, msgspec.Meta(max_length=600)]
Body = Annotated[str, msgspec.Meta(max_length=20_000)]
Address = Annotated[str, msgspec.Meta(max_length=500)]
Slug = Annotated[str, msgspec.Meta(max_length=120)]
Day = Annotated[str, msgspec.Meta(max_length=10)]
Names = Annotated[list[Line], msgspec.Meta(max_length=20)]
Slugs = Annotated[list[Slug], msgspec.Meta(max_length=50)]


class ArticleLine(msgspec.Struct, forbid_unknown_fields=True):
    """One line in both languages."""

    de: Line = ""
    en: Line = ""


class ArticleSummary(msgspec.Struct, forbid_unknown_fields=True):
    """A sentence or two in both languages."""

    de: Sentence = ""
    en: Sentence = ""


class ArticleBody(msgspec.Struct, forbid_unknown_fields=True):
    """Markdown in both languages."""

    de: Body = ""
    en: Body = ""


class ArticlePerson(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody an article tells of, with what they do."""

    name: Line
    role: ArticleLine = msgspec.field(default_factory=ArticleLine)


class ArticleChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A change of an article; what is left out stays.

    `slug` may change until the article is published for the first time. `authors` wrote the article, `people` are whom
    it tells of; `stand` says of what date its facts are, `source` where they come from, `link` leads to the thing
    itself. A figure has `number` and `unit`, a change of law `in_force_from` and `citation`, literature `written_by`,
    `year` and `publisher`. `pictures` are hashes of the library, the first one stands at the top.
    """

    title: ArticleLine | UnsetType = UNSET
    summary: ArticleSummary | UnsetType = UNSET
    text: ArticleBody | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    topics: Slugs | UnsetType = UNSET
    regions: Slugs | UnsetType = UNSET
    authors: Names | UnsetType = UNSET
    people: Annotated[list[ArticlePerson], msgspec.Meta(max_length=20)] | UnsetType = UNSET
    pictures: Slugs | UnsetType = UNSET
    published_on: Day | UnsetType = UNSET
    stand: Day | UnsetType = UNSET
    source: Sentence | UnsetType = UNSET
    source_url: Address | UnsetType = UNSET
    link: Address | UnsetType = UNSET
    number: ArticleLine | UnsetType = UNSET
    unit: ArticleLine | UnsetType = UNSET
    in_force_from: Day | UnsetType = UNSET
    citation: Sentence | UnsetType = UNSET
    written_by: Names | UnsetType = UNSET
    year: Annotated[str, msgspec.Meta(max_length=4)] | UnsetType = UNSET
    publisher: Line | UnsetType = UNSET


class ArticleRequest(ArticleChange, kw_only=True):
    """A new article of a kind, which stays. Without a slug it gets one made of its German title."""

    kind: Kind


class ArticleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An article in a list. `changed_at` is an ISO time stamp; `picture` the first one."""

    id: str
    slug: str
    kind: Kind
    state: State
    version: int
    title: ArticleLine
    summary: ArticleSummary
    topics: list[str]
    regions: list[str]
    authors: list[str]
    published_on: str
    number: ArticleLine
    unit: ArticleLine
    changed_at: str
    picture: PictureShown | None = None


class ArticlePage(msgspec.Struct):
    """A page of articles, newest first."""

    items: list[ArticleEntry]
    total: int
    next: str | None = None


class ArticleActs(msgspec.Struct):
    """What the asking person may do with the article as it stands."""

    edit: bool = False
    submit: bool = False
    publish: bool = False
    withdraw: bool = False
    delete: bool = False


class ArticleSignature(msgspec.Struct):
    """Who did something with an article, by public name, and when (ISO 8601)."""

    name: str
    at: str


class ArticleView(ArticleEntry, frozen=True, kw_only=True):
    """A whole article; the fields are those of a change. `can`, `untranslated` (texts without English, by name) and
    `history` (who created, edited, submitted, published and withdrew it) are for editors.
    """

    text: ArticleBody
    people: list[ArticlePerson]
    pictures: list[PictureShown]
    stand: str
    source: str
    source_url: str
    link: str
    in_force_from: str
    citation: str
    written_by: list[str]
    year: str
    publisher: str
    can: ArticleActs = msgspec.field(default_factory=ArticleActs)
    untranslated: list[str] = []
    history: dict[str, ArticleSignature] = {}


class ArticlesQuery(msgspec.Struct):
    """Which articles: of these kinds (none: all), about this topic, in this state (editors; others get published)."""

    kind: list[Kind] = []
    topic: Slug = ""
    state: State | UnsetType = UNSET
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, msgspec.Meta(max_length=400)] = ""


class TopicCount(msgspec.Struct):
    """A topic with how many published articles it has (topic pages apart), and the title of its own page, if any."""

    topic: str
    articles: int
    page: ArticleLine | None = None


class TopicCounts(msgspec.Struct):
    """Topics with something to read."""

    items: list[TopicCount]
