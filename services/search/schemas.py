"""What search is asked and answers, as JSON."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from services.search.domain import MOST_KM

Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]
Radius = Annotated[int, msgspec.Meta(ge=1, le=MOST_KM)]
Sort = Literal["relevance", "newest"]
SuggestLimit = Annotated[int, msgspec.Meta(ge=1, le=20)]


class Criteria(msgspec.Struct, frozen=True):
    """What is looked for. Several values of one facet widen (any of them), several facets narrow (all of them); at most
    60 values in all.

    `district` takes a district or a Land: what concerns it is found, so also what covers the whole Land or federation.
    `kind` is the kind of document: offer, event, organisation, contact_point, network, state_profile, document,
    glossary_term, topic, issue or article; `format` how an offer takes place (on-site, online, hybrid, workplace).

    `near` is a place: a postal code, a town, a region by name or slug. What lies within `radius` kilometres is found,
    and what covers that as a whole; without `near` a radius says nothing.
    """

    q: str = ""
    district: list[str] = []
    stage: list[str] = []
    target_group: list[str] = []
    topic: list[str] = []
    kind: list[str] = []
    language: list[str] = []
    format: list[str] = []
    near: str = ""
    radius: Radius = 25

    def filters(self) -> dict[str, tuple[str, ...]]:
        """The chosen values by facet."""
        chosen = {
            "district": self.district,
            "stage": self.stage,
            "target_group": self.target_group,
            "topic": self.topic,
            "kind": self.kind,
            "language": self.language,
            "format": self.format,
        }
        return {facet: tuple(dict.fromkeys(values)) for facet, values in chosen.items() if values}


class SearchQuery(Criteria, frozen=True):
    """What is looked for, as `Criteria` says it, and how it is to be answered.

    Where the chosen district or radius has nothing, the nearest elsewhere is answered instead
    (`SearchResults.nearest`). `sort` is relevance (with `near`: the nearer first) or newest. `suggest` asks for
    completions of `q` in the same answer, `facets` may do without the counts. `strict` finds only what meets every
    word, and nothing elsewhere instead: for feeds and other programs that ask the same again and again, which are not
    counted as demand either.
    """

    sort: Sort = "relevance"
    suggest: bool = False
    facets: bool = True
    strict: bool = False
    limit: Limit = 20
    cursor: str = ""


class Highlights(msgspec.Struct, frozen=True):
    """HTML that is safe to show as it is: everything escaped, matched words in `<mark>`."""

    title: str
    text: str


class Reason(msgspec.Struct, frozen=True):
    """Why something was found. `kind` is name, synonym, compound, correction, tag, place, around or nationwide.

    `text` is the wording, label or region's name that did it, in the reader's language where there is one.
    """

    kind: str
    text: str


class Hit(msgspec.Struct, frozen=True):
    """One thing found. `title` and `summary` are plain text in the reader's language where there is one.

    `title_language` and `text_language` say in which language the title is and the highlighted text ("de" or "en").

    `distance_km` is measured from the point asked for; null where there is none, or the thing has no place of its own.
    `reasons` say why it is there beyond the marked words.
    `category` is the kind within the kind (slug of offer_kinds, organisation_kinds …), `region` the main region's slug,
    `formats` are slugs of the list of that name.
    """

    id: str
    slug: str
    kind: str
    title: str
    summary: str
    highlights: Highlights
    category: str = ""
    region: str = ""
    region_name: str = ""
    network: str = ""
    network_name: str = ""
    provider_name: str = ""
    stages: list[str] = []
    target_groups: list[str] = []
    topics: list[str] = []
    languages: list[str] = []
    formats: list[str] = []
    date: str = ""
    date_end: str = ""
    status: str = ""
    lat: float | None = None
    lon: float | None = None
    distance_km: float | None = None
    reasons: list[Reason] = []
    title_language: str = "de"
    text_language: str = "de"


class FacetValue(msgspec.Struct, frozen=True, gc=False):
    """So many documents would be found with this value chosen (instead of others of its facet)."""

    value: str
    count: int


class Place(msgspec.Struct, frozen=True):
    """A region that was recognised in the query; results there come first.

    `text` is what in the query named it ("" where that cannot be told), `lat` and `lon` lie in what was named.
    """

    slug: str
    name: str
    text: str = ""
    lat: float | None = None
    lon: float | None = None


class Near(msgspec.Struct, frozen=True):
    """How `near` was understood: `text` as typed, `name` of the place, slug of its `region`, and the circle around it.

    `radius` in kilometres; 0 says that a Land or the federation was named, which is then taken as a whole.
    """

    text: str
    name: str
    region: str
    lat: float | None
    lon: float | None
    radius: int


class Suggestion(msgspec.Struct, frozen=True):
    """One completion. `kind` is a kind of document, `region`, `place` (a town or postal code, `slug` its district),
    `term` (a word of a vocabulary, `slug` its slug) or `query` (what was typed, the last word completed; no slug).
    """

    text: str
    kind: str
    slug: str


class SearchResults(msgspec.Struct, frozen=True):
    """One page of results. `facets` has the keys district, stage, target_group, topic, kind, language, format.

    Each hit is as it stands at this moment: what was changed since the index took it in is shown in its newer form, and
    what may not be seen any more is missing. `total` counts what the index found, less what is missing on this very
    page. `corrections` are whole queries that may have been meant; `places` the regions understood; `near` the place of
    the parameter; `next` the cursor of the following page, null at the end. `nearest`: nothing was found in the chosen
    district or radius, so hits, total and facets are those of the same search without that choice, the nearest first.
    """

    hits: list[Hit]
    facets: dict[str, list[FacetValue]]
    total: int
    next: str | None
    corrections: list[str] = []
    places: list[Place] = []
    near: Near | None = None
    nearest: bool = False
    suggestions: list[Suggestion] = []


class SuggestQuery(msgspec.Struct, frozen=True):
    """What was typed so far."""

    q: str = ""
    limit: SuggestLimit = 8


class Suggestions(msgspec.Struct, frozen=True):
    """Completions, best first."""

    items: list[Suggestion]


class Stats(msgspec.Struct, frozen=True):
    """The index as it stands. `documents` counts what the asking person may find.

    `position` is the change up to which the index has got, `pending` how many changes wait; `engine` names the adapter.
    """

    engine: str
    documents: int
    kinds: dict[str, int]
    position: int
    pending: int
