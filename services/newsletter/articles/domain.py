"""What an article is made of, by kind, and what must be there before it is published."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from infra.errors import FieldError, Text
from services.newsletter.pictures.domain import Shown
from services.newsletter.texts import Local, is_web_address, one_line_errors

DRAFT = "draft"
REVIEW = "review"
PUBLISHED = "published"
WITHDRAWN = "withdrawn"

STORY = "success-story"
PROJECT = "project"
HANDOUT = "handout"
LITERATURE = "literature"
FIGURE = "figure"
LEGISLATION = "legislation"
TOPIC_PAGE = "topic-page"
KINDS = (STORY, PROJECT, HANDOUT, LITERATURE, FIGURE, LEGISLATION, TOPIC_PAGE)

TOPIC_PREFIX = "thema-"  # the slug of a topic's page is made of the topic, so that there is one for each
NEW = "neu"  # at the desk the address of the form for a new article, so that no article can be edited there
MOST_PICTURES = 6
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MONTH = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2]))?")
_YEAR = re.compile(r"(1[5-9]|20)\d\d")


@dataclass(frozen=True)
class Person:
    """Somebody an article tells of, by name, with what they do."""

    name: str
    role: Local = field(default_factory=Local)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """All that editors write. Texts are Markdown; days are ISO days, months or years, as exact as known, or "".

    `authors` wrote the article. `stand` says of what date its facts are, `source` and `source_url` where they come
    from; `link` leads to the thing itself (project, handout, publication, wording of the law). Of a figure: `number` as
    printed and `unit`; the text explains it. Of a change of law: `in_force_from` and `citation`. Of literature:
    `written_by`, `year` and `publisher`. `pictures` are hashes, the first stands at the top.
    """

    kind: str
    title: Local = field(default_factory=Local)
    summary: Local = field(default_factory=Local)
    text: Local = field(default_factory=Local)
    slug: str = ""
    topics: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    published_on: str = ""
    stand: str = ""
    source: str = ""
    source_url: str = ""
    link: str = ""
    number: Local = field(default_factory=Local)
    unit: Local = field(default_factory=Local)
    in_force_from: str = ""
    citation: str = ""
    written_by: list[str] = field(default_factory=list)
    year: str = ""
    publisher: str = ""


@dataclass(frozen=True)
class ArticleItem:
    """A published article as an issue shows it.

    `path` is its German page below the site, `published_at` when it was first published, `detail` a line of facts
    beside the title (a figure with its unit, since when a law is in force, who wrote a publication).
    """

    id: UUID
    kind: str
    slug: str
    version: int
    title: Local
    summary: Local
    detail: Local
    topics: list[str]
    regions: list[str]
    published_at: datetime
    path: str
    picture: Shown | None = None


def check(draft: Draft, publish: bool) -> list[FieldError]:
    """Everything that is wrong with a draft, by field; with `publish` also what is still missing."""
    errors = [*_line_problems(draft), *_address_problems(draft), *_date_problems(draft), *_other_problems(draft)]
    return [*errors, *_missing(draft)] if publish else errors


def _line_problems(draft: Draft) -> Iterator[FieldError]:
    if not draft.title.de:
        yield FieldError("title.de", _NO_TITLE)
    for name in ("title", "summary", "number", "unit"):
        yield from one_line_errors(name, getattr(draft, name))
    for name in ("source", "citation", "publisher"):
        yield from _one_line(name, getattr(draft, name))
    for name in ("authors", "written_by"):
        for line in getattr(draft, name):
            yield from _one_line(name, line)
    for person in draft.people:
        yield from _one_line("people", person.name)
        yield from _one_line("people", f"{person.role.de} {person.role.en}")


def _one_line(name: str, text: str) -> list[FieldError]:
    return [FieldError(name, error.text) for error in one_line_errors(name, Local(text))]


def _address_problems(draft: Draft) -> Iterator[FieldError]:
    for name in ("link", "source_url"):
        if getattr(draft, name) and not is_web_address(getattr(draft, name)):
            yield FieldError(name, _NO_ADDRESS)


def _date_problems(draft: Draft) -> Iterator[FieldError]:
    for name in ("published_on", "stand", "in_force_from"):
        if getattr(draft, name) and not _is_day(getattr(draft, name)):
            yield FieldError(name, _NO_DAY)
    if draft.year and not _YEAR.fullmatch(draft.year):
        yield FieldError("year", _NO_YEAR)


def _is_day(text: str) -> bool:
    """Whether `text` is an ISO day, month or year."""
    if len(text) != len("2026-03-31"):
        return _MONTH.fullmatch(text) is not None
    with suppress(ValueError):
        return _MONTH.fullmatch(text[:7]) is not None and bool(date.fromisoformat(text))
    return False


def _other_problems(draft: Draft) -> Iterator[FieldError]:
    if draft.slug and not _SLUG.fullmatch(draft.slug):
        yield FieldError("slug", _NO_SLUG)
    if draft.slug == NEW:
        yield FieldError("slug", _NOT_NEW)
    if len(draft.pictures) > MOST_PICTURES:
        yield FieldError("pictures", _TOO_MANY_PICTURES)
    if draft.kind == TOPIC_PAGE and len(draft.topics) != 1:
        yield FieldError("topics", _ONE_TOPIC)
    if any(not person.name for person in draft.people):
        yield FieldError("people", _NO_NAME)


def _missing(draft: Draft) -> Iterator[FieldError]:
    wanted: Mapping[str, Collection[str]] = {
        STORY: ("text.de",),
        PROJECT: ("text.de",),
        HANDOUT: ("link",),
        LITERATURE: ("written_by", "year"),
        FIGURE: ("number.de", "unit.de", "source", "text.de"),
        LEGISLATION: ("citation", "in_force_from"),
        TOPIC_PAGE: ("text.de",),
    }
    for path in ("summary.de", *wanted[draft.kind]):
        name, _, language = path.partition(".")
        value = getattr(draft, name)
        if not (getattr(value, language) if language else value):
            yield FieldError(path, _NEEDED)


def untranslated(draft: Draft) -> list[str]:
    """The texts that are there in German only, by name: what readers of English get in German."""
    names = ("title", "summary", "text", "unit")
    return [name for name in names if getattr(draft, name).de and not getattr(draft, name).en]


_NO_TITLE = Text("Bitte geben Sie dem Artikel einen deutschen Titel.", "Please give the article a German title.")
_NO_ADDRESS = Text(
    "Bitte geben Sie eine Adresse an, die mit https:// oder http:// beginnt.",
    "Please give an address that begins with https:// or http://.",
)
_NO_DAY = Text(
    "Bitte geben Sie das Datum so an: 2026-03-31, oder nur 2026-03 oder 2026.",
    "Please give the date like this: 2026-03-31, or only 2026-03 or 2026.",
)
_NO_YEAR = Text("Bitte geben Sie das Jahr mit vier Ziffern an.", "Please give the year with four digits.")
_NO_SLUG = Text(
    "Bitte nur kleine Buchstaben ohne Umlaute, Ziffern und einzelne Bindestriche.",
    "Please use only small letters without accents, digits and single hyphens.",
)
_NOT_NEW = Text("„neu“ kann kein Kurzname sein.", "“neu” cannot be a short name.")
_TOO_MANY_PICTURES = Text(
    f"Bitte wählen Sie höchstens {MOST_PICTURES} Bilder.", f"Please choose at most {MOST_PICTURES} pictures."
)
_ONE_TOPIC = Text("Eine Themenseite hat genau ein Thema.", "A topic page has exactly one topic.")
_NO_NAME = Text("Bitte nennen Sie jede Person beim Namen.", "Please give the name of each person.")
_NEEDED = Text("Bitte ausfüllen: Das fehlt noch zur Veröffentlichung.", "Please fill in: needed before publication.")
