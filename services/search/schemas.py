"""What search is asked and answers, as JSON."""

from __future__ import annotations

from typing import Annotated

import msgspec

Limit = Annotated[int, msgspec.Meta(ge=1, le=100)]
SuggestLimit = Annotated[int, msgspec.Meta(ge=1, le=20)]


class SearchQuery(msgspec.Struct, frozen=True):
    """Several values of one facet widen (any of them), several facets narrow (all of them).

    `district` takes a district or a Land: what concerns it is found, so also what covers the whole Land or federation.
    `kind` is the kind of document: offer, event, organisation, contact_point, network, state_profile, document,
    glossary_term, topic or issue.
    """

    q: str = ""
    district: list[str] = []
    stage: list[str] = []
    target_group: list[str] = []
    topic: list[str] = []
    kind: list[str] = []
    language: list[str] = []
    limit: Limit = 20
    cursor: str = ""

    def filters(self) -> dict[str, tuple[str, ...]]:
        """The chosen values by facet."""
        chosen = {
            "district": self.district,
            "stage": self.stage,
            "target_group": self.target_group,
            "topic": self.topic,
            "kind": self.kind,
            "language": self.language,
        }
        return {facet: tuple(dict.fromkeys(values)) for facet, values in chosen.items() if values}


class Highlights(msgspec.Struct, frozen=True):
    """HTML that is safe to show as it is: everything escaped, matched words in `<mark>`."""

    title: str
    text: str


class Hit(msgspec.Struct, frozen=True):
    """One thing found. `title` and `summary` are plain text in the reader's language where there is one.

    `category` is the kind within the kind (slug of offer_kinds, organisation_kinds …), `region` the main region's slug.
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
    date: str = ""
    date_end: str = ""
    status: str = ""
    lat: float | None = None
    lon: float | None = None


class FacetValue(msgspec.Struct, frozen=True):
    """So many documents would be found with this value chosen (instead of others of its facet)."""

    value: str
    count: int


class Place(msgspec.Struct, frozen=True):
    """A region that was recognised in the query; results there come first."""

    slug: str
    name: str


class SearchResults(msgspec.Struct, frozen=True):
    """One page of results. `facets` has the keys district, stage, target_group, topic, kind and language.

    `corrections` are whole queries that may have been meant; `places` the regions understood; `next` the cursor of the
    following page, null at the end.
    """

    hits: list[Hit]
    facets: dict[str, list[FacetValue]]
    total: int
    next: str | None
    corrections: list[str] = []
    places: list[Place] = []


class SuggestQuery(msgspec.Struct, frozen=True):
    """What was typed so far."""

    q: str = ""
    limit: SuggestLimit = 8


class Suggestion(msgspec.Struct, frozen=True):
    """One completion. `kind` is a kind of document, `region`, or `term` (a word of a vocabulary, `slug` its slug)."""

    text: str
    kind: str
    slug: str


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
