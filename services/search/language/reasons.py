"""Why a document is among the results, where the marked words do not say it, and how far away it is.

Few and true: a concept of the query that the document meets as it was typed needs no reason; for others the best of
what it does meet is given, and at most one word about the place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import inf

from services.search.domain import Document, Point, Reason, Request, categories_of, names_of, shown_summary, shown_title
from services.search.language.analysis import WORD, fold, name_key, stem
from services.search.language.knowledge import Knowledge
from services.search.language.lookout import Lookout
from services.search.language.meanings import Tag
from services.search.language.terms import FACET_FIELDS
from services.search.language.understanding import Concept, Plan

MOST_REASONS = 3


class Reasons:
    """Gives the reasons for the results of one request."""

    def __init__(self, plan: Plan, knowledge: Knowledge, request: Request, lookout: Lookout) -> None:
        self._plan = plan
        self._knowledge = knowledge
        self._language = request.language
        self._things = [concept for concept in plan.concepts if not concept.regions]
        self._point = self._measured_from(request)
        self._farthest = request.within.km if request.within else inf
        self._lookout = lookout
        self._rings = self._rings_around(plan.regions or self._asked_around(request))

    def of(self, document: Document, stems: frozenset[str]) -> list[Reason]:
        """The reasons for one document; `stems` are those of what is shown of it, parts of compounds included."""
        typed = all(_met_as_typed(concept, stems) for concept in self._things)
        there = stems if typed else stems.union(self._further(document))
        named = (Reason("name", name) for name in names_of(document) if self._is_the_query(name))
        words = [reason for concept in self._things for reason in self._of_concept(concept, document, there)]
        reasons = dict.fromkeys([*islice(named, 1), *words])
        return [*list(reasons)[:MOST_REASONS], *self._of_place(document)]

    def distance(self, document: Document) -> float | None:
        """Kilometres from the point that was asked for, None without one or where the document is not at one place.

        Nothing within 25 km is 32 km away: where a district is only touched, how far its middle is tells nothing.
        """
        far = None if self._point is None else self._knowledge.geography.distance_to(document, self._point)
        return None if far is None or far > self._farthest else far

    def _further(self, document: Document) -> Iterator[str]:
        """Stems of what may not be shown of it."""
        shown = shown_title(document, self._language), shown_summary(document, self._language)
        unseen = [*names_of(document), *document.related, document.summary]
        text = "\n".join(text for text in unseen if text not in shown)
        return (stem(found[0]) for found in self._lookout.words(text))

    def _is_the_query(self, name: str) -> bool:
        """Whether a name is all that was typed; nearly every other one begins in another way, which is soon told."""
        first = WORD.search(name)
        typed = self._plan.name
        return first is not None and typed.startswith(fold(first[0])) and name_key(name) == typed

    def _of_concept(self, concept: Concept, document: Document, there: frozenset[str]) -> Iterator[Reason]:
        """At most one reason for one concept: none if it was met as typed."""
        for wording in (*concept.wordings, *concept.loose):
            if wording.stems and there.issuperset(wording.stems):
                if wording.reason is not None:
                    yield wording.reason
                return
        for tag in concept.tags_if(loose=True):
            if _has(document, tag):
                yield Reason("tag", self._knowledge.label(tag, self._language))
                return

    def _of_place(self, document: Document) -> list[Reason]:
        """Whether it lies in the place asked for, around it, or is for everybody; nothing where no place is known."""
        own = set(document.regions)
        for kind, slugs in self._rings if own else ():
            met = next((slug for slug in slugs if slug in own), None)
            if met is not None:
                return [Reason(kind, self._knowledge.region_name(met))]
        return []

    def _rings_around(self, regions: Sequence[str]) -> list[tuple[str, list[str]]]:
        """The regions that a document may be there for, the nearest first, by the kind of the reason."""
        territory = self._knowledge.territory
        above = [territory.above(region) for region in regions]
        inside = [slug for region in regions for slug in (region, *territory.below(region))]
        top = [chain[-1] for chain in above if chain]
        around = [slug for chain in above for slug in chain if slug not in top]
        return [("place", inside), ("around", around), ("nationwide", top)]

    def _measured_from(self, request: Request) -> Point | None:
        if request.nearest_to is not None:
            return request.nearest_to
        if request.within is not None:
            return request.within.centre
        places = (place for place in self._plan.places if self._knowledge.is_district(place.region))
        return next((place.point for place in places if place.point is not None), None)

    def _asked_around(self, request: Request) -> tuple[str, ...]:
        chosen = tuple(request.filters.get("district", ()))
        if chosen or request.within is None:
            return chosen
        home = self._knowledge.geography.holding(request.within.centre)
        return (home,) if home in self._knowledge.regions else ()


def _met_as_typed(concept: Concept, stems: frozenset[str]) -> bool:
    """Whether the first wording of a concept is met, so that it needs no reason, whatever else is there."""
    return any(bool(first.stems) and stems.issuperset(first.stems) for first in concept.wordings[:1])


def _has(document: Document, tag: Tag) -> bool:
    """Whether a document has a facet value."""
    if tag.field in FACET_FIELDS:
        return tag.value in getattr(document, FACET_FIELDS[tag.field])
    return tag.value in (categories_of(document) if tag.field == "category" else (document.kind,))
