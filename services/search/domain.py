"""What can be found and how one may ask for it: the searchable document, the request, and the rules for both.

A document is what one event says about one thing, in words and slugs. Names of regions and labels of vocabularies are
not copied into it: they are looked up when somebody searches, so that a renamed region needs no new index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from infra.contracts.roles import ADMIN, MODERATOR
from infra.errors import FieldError, Invalid, Text

PUBLIC = "public"
MODERATION = "role:moderator"
"""The audience of those who may read every space of the forum."""
KINDS = (
    "offer",
    "event",
    "organisation",
    "contact_point",
    "network",
    "state_profile",
    "document",
    "glossary_term",
    "topic",
    "issue",
    "article",
)
FACETS = ("district", "stage", "target_group", "topic", "kind", "language", "format")
MAX_QUERY = 300
MAX_OFFSET = 10_000
MOST_KM = 200
MOST_VALUES = 60
_SHOWN_VALUES = 12
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, kw_only=True)
class Document:
    """One thing that can be found.

    `names` are short forms and other spellings, `related` display names of what belongs to it (provider, network,
    members …). `region` and `regions` are region slugs. `category` is the kind within its kind (an offer's or an
    organisation's), `subcategory` the kind within that. `date` and `date_end` are ISO days, months, years or "".
    `formats` say in which form an offer takes place. `audience` says who may find it: `public`, `network:{slug}` …
    """

    id: str
    kind: str
    slug: str
    version: int
    title: str
    title_en: str = ""
    summary: str = ""
    summary_en: str = ""
    text: str = ""
    names: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)
    category: str = ""
    region: str = ""
    regions: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    target_groups: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    network: str = ""
    network_name: str = ""
    provider_name: str = ""
    date: str = ""
    date_end: str = ""
    status: str = ""
    audience: list[str] = field(default_factory=lambda: [PUBLIC])
    lat: float | None = None
    lon: float | None = None
    subcategory: str = ""
    formats: list[str] = field(default_factory=list)


def names_of(document: Document) -> list[str]:
    """All names of a document, the title first."""
    return [name for name in (document.title, document.title_en, *document.names) if name]


def texts_of(document: Document) -> list[str]:
    """Everything people wrote about a document, each sentence once: a summary is often the text's beginning."""
    repeated = document.text.startswith(document.summary.removesuffix(" …"))
    written = (document.text,) if repeated else (document.summary, document.text)
    return [text for text in (*names_of(document), *document.related, *written, document.summary_en) if text]


def open_texts(documents: Iterable[Document | None]) -> Iterator[str]:
    """What is written in documents for everybody; how words are taken apart must not tell of the hidden ones."""
    return (text for item in documents if item and PUBLIC in item.audience for text in texts_of(item))


def categories_of(document: Document) -> list[str]:
    """The kinds within a document's kind, the wider first."""
    return [slug for slug in (document.category, document.subcategory) if slug]


def shown_title(document: Document, language: str) -> str:
    """The title in `language` where there is one, else in German."""
    return (document.title_en if language == "en" else "") or document.title


def shown_summary(document: Document, language: str) -> str:
    """The summary in `language` where there is one, else in German."""
    return (document.summary_en if language == "en" else "") or document.summary


@dataclass(frozen=True)
class Point:
    """A place on the map, in degrees of WGS84."""

    lat: float
    lon: float


@dataclass(frozen=True)
class Circle:
    """What lies within `km` kilometres of a point."""

    centre: Point
    km: float


@dataclass(frozen=True)
class Reason:
    """Why a document is among the results, beyond the words as they were typed.

    `kind` is name, synonym, compound, correction, tag, place, around or nationwide; `text` the wording, label or
    region's name that did it.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Understood:
    """A place that was recognised in a query: what was typed, what it is called, its region's slug, where it lies."""

    text: str
    name: str
    region: str
    point: Point | None = None


@dataclass(frozen=True)
class Request:
    """One search: the words, the chosen facet values (any of one facet, all facets), and who asks.

    `audience` are the audiences that the person belongs to; a document outside them does not exist for them.
    `snapshot` and `offset` say where to go on; `snapshot` 0 is the newest state.
    `within` narrows to what concerns the surroundings of a point: things whose own place lies in the circle, things of
    districts that the circle touches, and what covers those as a whole. `nearest_to` puts the nearer first and excludes
    nothing. `only` narrows to these ids. `strict` never loosens: every concept of the query must be met.
    `newest_first` orders by day instead of by relevance. Without `facets` nobody needs the counts. `today` (ISO) lets
    dates that have passed and offers that have ended come after others that are as relevant.
    """

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    audience: frozenset[str] = frozenset({PUBLIC})
    language: str = "de"
    limit: int = 20
    offset: int = 0
    snapshot: int = 0
    within: Circle | None = None
    nearest_to: Point | None = None
    only: frozenset[str] | None = None
    strict: bool = False
    newest_first: bool = False
    facets: bool = True
    today: str = ""


def audience_of(visible_to: str, network: str) -> list[str]:
    """Who may find a thing of the forum: everybody, or the space's members, its network's and who moderates."""
    if visible_to == PUBLIC:
        return [PUBLIC]
    return [f"space:{visible_to}", *([f"network:{network}"] if network else []), MODERATION]


def audience_for(networks: Collection[str], roles: Collection[str] = ()) -> frozenset[str]:
    """The audiences of a person with these networks (slugs) and roles: what the forum lets them read they find.

    Nobody has a `space:` of their own yet: memberships of the forum are those of networks.
    """
    everywhere = {MODERATION} if {ADMIN, MODERATOR} & set(roles) else set()
    return frozenset({PUBLIC, *everywhere, *(f"network:{network}" for network in networks)})


def checked_query(q: str) -> str:
    """`q` in composed form with control characters turned into spaces; "" when nothing was typed.

    Raises:
        Invalid: longer than `MAX_QUERY` characters, or without a single letter or digit.
    """
    if len(q) > MAX_QUERY:
        raise _invalid(
            "q",
            f"Bitte suchen Sie mit höchstens {MAX_QUERY} Zeichen; einige Stichwörter genügen.",
            f"Please search with at most {MAX_QUERY} characters; a few key words are enough.",
        )
    spaced = "".join(" " if unicodedata.category(letter).startswith(("C", "Z")) else letter for letter in q)
    cleaned = " ".join(unicodedata.normalize("NFC", spaced).split())
    if q.strip() and not any(letter.isalnum() for letter in cleaned):
        raise _invalid(
            "q",
            "Bitte geben Sie mindestens ein Wort oder eine Zahl ein.",
            "Please enter at least one word or number.",
        )
    return cleaned


def check_values(filters: Mapping[str, Collection[str]]) -> None:
    """Refuse more values than anybody chooses. Raises Invalid at the facet with the most of them."""
    if sum(map(len, filters.values())) > MOST_VALUES:
        text = Text(
            f"Bitte wählen Sie insgesamt höchstens {MOST_VALUES} Filterwerte.",
            f"Please choose at most {MOST_VALUES} filter values in all.",
        )
        raise Invalid(fields=[FieldError(max(filters, key=lambda facet: len(filters[facet])), text)])


def check_filters(filters: Mapping[str, Collection[str]], known: Mapping[str, Collection[str]]) -> None:
    """Refuse facet values that do not exist. Facets for which nothing is known yet are not checked.

    Raises:
        Invalid: with every unknown value at its facet, and the known ones where they are few.
    """
    problems = [
        FieldError(facet, _unknown_value(value, known[facet]))
        for facet, values in filters.items()
        if known.get(facet)
        for value in values
        if value not in known[facet]
    ]
    if problems:
        raise Invalid(fields=problems)


def check_languages(values: Collection[str]) -> None:
    """Refuse what cannot be the code of a language. Invalid: with a way out, at the facet."""
    if any(not _LANGUAGE.fullmatch(value) for value in values):
        raise _invalid(
            "language",
            "Eine Sprache ist ein Kürzel wie de, en, ar oder uk.",
            "A language is a code like de, en, ar or uk.",
        )


def _unknown_value(value: str, known: Collection[str]) -> Text:
    shown = ", ".join(sorted(known)) if len(known) <= _SHOWN_VALUES else ", ".join(_similar(value, known))
    de, en = f"„{value[:60]}“ gibt es hier nicht.", f"There is no “{value[:60]}” here."
    if not shown:
        return Text(de, en)
    return Text(f"{de} Bekannt sind zum Beispiel: {shown}.", f"{en} Known are for example: {shown}.")


def _similar(value: str, known: Collection[str]) -> list[str]:
    """Known values that begin like `value` or contain it, a few of them."""
    begin = value[:4].lower()
    alike = [item for item in sorted(known) if begin and begin in item]
    return (alike or sorted(known))[:_SHOWN_VALUES]


def _invalid(name: str, de: str, en: str) -> Invalid:
    return Invalid(fields=[FieldError(name, Text(de, en))])
